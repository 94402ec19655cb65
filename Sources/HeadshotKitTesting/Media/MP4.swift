import Foundation

/// A minimal MP4 file with well-formed boxes and no tracks.
enum MP4 {
    /// Returns a file of at least `count` bytes. The padding is in the last box and is generated on demand.
    static func file(seconds: Double, seed: UInt64, paddedTo count: Int) -> PaddedBytes {
        let duration = UInt32(clamping: Int(seconds * 1_000))
        let type = box("ftyp", Data("isom".utf8) + bigEndian(UInt32(0x200)) + Data("isomiso2mp41".utf8))
        let movie = box("moov", box("mvhd", movieHeader(duration: duration)))
        let contents = (0..<64).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 8 * 8)) &+ UInt8($0) }
        let before = type + movie
        let length = max(count, before.count + 8 + contents.count) - before.count
        // A length of 0 extends the box to the end of the file, for lengths that do not fit in 32 bits.
        let lastBox = bigEndian(UInt32(exactly: length) ?? 0) + Data("mdat".utf8) + Data(contents)
        return PaddedBytes(before + lastBox, paddedTo: count)
    }

    private static func box(_ type: String, _ contents: Data) -> Data {
        bigEndian(UInt32(contents.count + 8)) + Data(type.utf8) + contents
    }

    private static func movieHeader(duration: UInt32) -> Data {
        var header = Data(count: 12)  // version, flags, and two unset dates
        header += bigEndian(UInt32(1_000)) + bigEndian(duration)
        header += bigEndian(UInt32(0x10000)) + bigEndian(UInt16(0x100)) + Data(count: 10)
        for element: UInt32 in [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000] { header += bigEndian(element) }
        return header + Data(count: 24) + bigEndian(UInt32(1))
    }
}
