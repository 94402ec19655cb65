public import Foundation

/// Small media files for tests and demonstrations, generated on demand.
public enum SampleMedia {
    /// Returns a PNG file with a drawing of a person's head and shoulders.
    ///
    /// The file is not compressed and has about three bytes per pixel. `width` and `height` are in pixels. `seed` determines the
    /// colors.
    public static func portraitPNG(width: Int = 256, height: Int = 256, seed: UInt64 = 1) -> Data {
        Portrait.person(width: width, height: height, seed: seed).data
    }

    /// Returns a PNG file with a drawing of a landscape, in which ``SimulatedService`` finds no face.
    ///
    /// The file contains the text `no-face`, the default of ``SimulatedService/Configuration/noFaceMarker``.
    public static func landscapePNG(width: Int = 256, height: Int = 256) -> Data {
        Portrait.hills(width: width, height: height, comment: "no-face").data
    }

    /// Returns a WAV file with a murmur, in one channel with 16-bit samples at 8,000 samples per second.
    public static func speechWAV(seconds: Double = 2) -> Data {
        let rate = 8_000
        let count = max(0, Int(seconds * Double(rate)))
        var samples = Data(capacity: count * 2)
        for index in 0..<count {
            let time = Double(index) / Double(rate)
            let syllable = abs(sin(time * 2 * .pi * 2.5))
            let tone = sin(time * 2 * .pi * 140) + 0.5 * sin(time * 2 * .pi * 420)
            samples += littleEndian(Int16(tone * syllable * 8_000))
        }
        var file = Data("RIFF".utf8) + littleEndian(UInt32(36 + samples.count)) + Data("WAVEfmt ".utf8)
        file += littleEndian(UInt32(16)) + littleEndian(UInt16(1)) + littleEndian(UInt16(1))
        file += littleEndian(UInt32(rate)) + littleEndian(UInt32(rate * 2))
        file += littleEndian(UInt16(2)) + littleEndian(UInt16(16))
        return file + Data("data".utf8) + littleEndian(UInt32(samples.count)) + samples
    }

    private static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> Data {
        withUnsafeBytes(of: number.littleEndian) { Data($0) }
    }
}
