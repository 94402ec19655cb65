extension MediaBytes {
    /// Returns the length of a WAV recording in seconds, or `nil` if the bytes are not a WAV recording.
    func wavSeconds() throws -> Double? {
        guard try name(0) == "RIFF", try name(8) == "WAVE" else { return nil }
        var offset: Int64 = 12
        var bytesPerSecond: Int64?
        // A recording has a few chunks. The bound ends the search in a file that consists of empty ones.
        for _ in 0..<1_000 {
            guard let length = try number(offset + 4, 4, littleEndian: true) else { return nil }
            let contents = offset + 8
            switch try name(offset) {
            case "fmt ":
                bytesPerSecond = try number(contents + 8, 4, littleEndian: true)
            case "data":
                guard let bytesPerSecond, bytesPerSecond > 0 else { return nil }
                // A streamed recording has no length.
                let isStreamed = length == 0 || length == 0xffff_ffff
                let count = isStreamed ? size - contents : min(length, size - contents)
                return Double(count) / Double(bytesPerSecond)
            default:
                break
            }
            offset = contents + length + length % 2
        }
        return nil
    }
}
