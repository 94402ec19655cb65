import Foundation

/// The beginning of a WAV file, which tells how long the recording is.
struct WAVHeader {
    /// Its length, to the hundredth below.
    let seconds: Double

    /// Reads a file's header; nil where it is no WAV file, or does not tell.
    ///
    /// - Throws: What reading the file throws.
    init?(of file: URL) throws {
        // What is wrong with a file that is none is told by those who look at all media.
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        guard attributes[.type] as? FileAttributeType != .typeDirectory else { return nil }
        let handle = try FileHandle(forReadingFrom: file)
        defer { handle.closeFile() }
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: 0)
        // Tags may stand before the sound, but not for long.
        let head = [UInt8](try handle.read(upToCount: 1 << 16) ?? Data())
        self.init(head, fileSize: Int(clamping: size))
    }

    /// Reads a header; nil where it is none, or does not tell.
    init?(_ bytes: [UInt8], fileSize: Int) {
        guard bytes.count > 12, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8) else {
            return nil
        }
        func number(at offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        var bytesPerSecond: Int?
        var offset = 12
        while offset + 8 <= bytes.count {
            let name = bytes[offset..<offset + 4]
            let size = number(at: offset + 4)
            let content = offset + 8
            if name.elementsEqual("fmt ".utf8), content + 12 <= bytes.count { bytesPerSecond = number(at: content + 8) }
            if name.elementsEqual("data".utf8) {
                guard let bytesPerSecond, bytesPerSecond > 0 else { return nil }
                // Who records into a pipe does not know the size beforehand, and writes one that is far too large.
                let sound = min(size, fileSize - content)
                seconds = (Double(sound) / Double(bytesPerSecond) * 100).rounded(.down) / 100
                return
            }
            // Chunks begin at even places.
            offset = content + size + size % 2
        }
        return nil
    }
}
