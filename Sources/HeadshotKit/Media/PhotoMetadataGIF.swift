/// The removal of private metadata from a GIF file, whose blocks end with the trailer.
struct PhotoMetadataGIF {
    private let bytes: MediaBytes
    private var result = PhotoMetadataRewrite()
    private var hasImage = false

    private init(_ bytes: MediaBytes) { self.bytes = bytes }

    /// The application extensions with the number of loops.
    private static let loopApplications: Set<String> = ["NETSCAPE2.0", "ANIMEXTS1.0"]

    static func rewrite(_ bytes: MediaBytes) throws -> PhotoMetadataRewrite {
        var removal = PhotoMetadataGIF(bytes)
        try removal.run()
        return removal.result
    }

    private mutating func run() throws {
        var offset = try 13 + tableLength(bytes.required(10, 1))
        guard offset <= bytes.size else { throw MediaBytes.truncated }
        try result.copy(0..<offset)
        while true {
            switch try bytes.required(offset, 1) {
            case 0x3b:
                guard hasImage else { throw PhotoMetadataRejection("it contains no image") }
                return try result.copy(offset..<offset + 1)
            case 0x2c:
                let start = try offset + 11 + tableLength(bytes.required(offset + 9, 1))
                let end = try endOfBlocks(start)
                hasImage = true
                try result.copy(offset..<end)
                offset = end
            case 0x21:
                let end = try endOfBlocks(offset + 2)
                try process(extension: offset..<end)
                offset = end
            default: throw PhotoMetadataRejection("there is no block at byte \(offset)")
            }
        }
    }

    private func tableLength(_ flags: Int64) -> Int64 { flags & 0x80 == 0 ? 0 : 3 << ((flags & 7) + 1) }

    /// Returns the offset after the blocks, which an empty block ends.
    private func endOfBlocks(_ start: Int64) throws -> Int64 {
        var offset = start
        while true {
            let length = try bytes.required(offset, 1)
            offset += 1 + length
            if length == 0 { return offset }
        }
    }

    /// Copies an extension that determines the picture: timing, the number of loops, or the color profile.
    private mutating func process(extension range: Range<Int64>) throws {
        let start = range.lowerBound
        let length = try bytes.required(start + 2, 1)
        switch try bytes.required(start + 1, 1) {
        case 0xf9:
            guard length == 4 else { throw PhotoMetadataRejection("the graphic control at byte \(start) is damaged") }
            try copy(start..<start + 7, of: range)
        case 0x01:
            // The extension draws on the picture, so its removal would change the picture.
            throw PhotoMetadataRejection("it contains a plain text extension at byte \(start)")
        case 0xff where length == 11:
            let name = String(decoding: try bytes.requiredBytes(start + 3, 11), as: UTF8.self)
            if name == "ICCRGBG1012" {
                try result.copy(range)
            } else if Self.loopApplications.contains(name), range.upperBound - start >= 19,
                try bytes.requiredBytes(start + 14, 2) == [3, 1]
            {
                try copy(start..<start + 18, of: range)
            }
        default: break
        }
    }

    /// Copies the beginning of an extension and ends it there. Readers ignore the blocks that follow, which may be private.
    private mutating func copy(_ beginning: Range<Int64>, of range: Range<Int64>) throws {
        if beginning.upperBound + 1 == range.upperBound { return try result.copy(range) }
        try result.copy(beginning)
        try result.write([0])
    }
}
