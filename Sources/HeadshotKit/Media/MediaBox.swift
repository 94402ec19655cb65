/// The boxes of an ISO media file, which need not be complete.
enum MediaBox {
    /// The limit for untrusted files. A photo of many tiles has a few hundred boxes at most.
    private static let maximumCount = 4_096

    /// Returns the contents of the first box with a name in a range, or `nil` if there is none.
    static func first(_ name: String, _ bytes: MediaBytes, in range: Range<Int64>) throws -> Range<Int64>? {
        var offset = range.lowerBound
        for _ in 0..<maximumCount {
            guard offset < range.upperBound, var size = try bytes.number(offset, 4) else { return nil }
            var header: Int64 = 8
            if size == 1 { (size, header) = (try bytes.number(offset + 8, 8) ?? 0, 16) }
            if size == 0 { size = range.upperBound - offset }
            guard size >= header, size <= range.upperBound - offset else { return nil }
            if try bytes.name(offset + 4) == name { return offset + header..<offset + size }
            offset += size
        }
        return nil
    }
}
