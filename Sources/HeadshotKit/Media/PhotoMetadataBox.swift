/// A box of an ISO media file: a size, a type, and contents.
struct PhotoMetadataBox {
    let type: String
    /// The box with its header.
    let range: Range<Int64>
    let content: Range<Int64>

    /// The limit for untrusted files. A photo of many tiles has a few hundred boxes at most.
    private static let maximumCount = 4_096

    /// Returns the boxes that fill a range exactly.
    static func all(_ bytes: MediaBytes, in range: Range<Int64>) throws -> [PhotoMetadataBox] {
        var boxes: [PhotoMetadataBox] = []
        var offset = range.lowerBound
        while offset < range.upperBound {
            guard boxes.count < maximumCount else { throw PhotoMetadataRejection("it has too many boxes") }
            let box = try PhotoMetadataBox(bytes, at: offset, before: range.upperBound)
            boxes.append(box)
            offset = box.range.upperBound
        }
        return boxes
    }

    private init(_ bytes: MediaBytes, at offset: Int64, before end: Int64) throws {
        let damaged = PhotoMetadataRejection(
            "the box at byte \(offset) is longer than the data around it, or the file is truncated"
        )
        guard end - offset >= 8 else { throw damaged }
        var (size, header) = try (bytes.required(offset, 4), Int64(8))
        if size == 1 { (size, header) = try (bytes.required(offset + 8, 8), 16) }
        // The last box of a file may extend to its end.
        if size == 0, end == bytes.size { size = end - offset }
        guard size >= header, size <= end - offset else { throw damaged }
        type = try bytes.name(offset + 4)
        range = offset..<offset + size
        content = offset + header..<offset + size
    }

    /// Returns the contents after a header of fixed length.
    func fullContent(skipping length: Int64) throws -> Range<Int64> {
        guard content.upperBound - content.lowerBound >= length else {
            throw PhotoMetadataRejection("the box \(type) at byte \(range.lowerBound) is too short")
        }
        return content.lowerBound + length..<content.upperBound
    }
}
