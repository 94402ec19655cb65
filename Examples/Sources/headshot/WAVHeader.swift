import Foundation

/// The header of a WAV file, which states the length of the recording.
struct WAVHeader {
    /// The length of the recording in seconds, rounded down to hundredths.
    let seconds: Double

    /// Creates a header by reading a file. The result is `nil` if the file is not a WAV file or does not state its length.
    ///
    /// - Throws: Any error from reading the file.
    init?(of file: URL) throws {
        // The media check rejects a directory with its own error.
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        guard attributes[.type] as? FileAttributeType != .typeDirectory else { return nil }
        let handle = try FileHandle(forReadingFrom: file)
        defer { handle.closeFile() }
        let size = try handle.seekToEnd()
        try handle.seek(toOffset: 0)
        // Metadata may precede the audio data, but it is short.
        let head = [UInt8](try handle.read(upToCount: 1 << 16) ?? Data())
        self.init(head, fileSize: Int(clamping: size))
    }

    /// Creates a header from bytes. The result is `nil` if they are not a WAV header or do not state the length.
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
                // A recorder that writes to a pipe does not know the size in advance and states one that is far too large.
                let sound = min(size, fileSize - content)
                seconds = (Double(sound) / Double(bytesPerSecond) * 100).rounded(.down) / 100
                return
            }
            // Chunks start at even offsets.
            offset = content + size + size % 2
        }
        return nil
    }
}
