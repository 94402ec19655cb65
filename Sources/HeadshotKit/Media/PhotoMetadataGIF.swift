/// The removal of private metadata from a GIF file, whose blocks end with the trailer.
struct PhotoMetadataGIF {
    private let bytes: MediaBytes
    private var result = PhotoMetadataRewrite()
    private var hasImage = false

    private init(_ bytes: MediaBytes) { self.bytes = bytes }

    /// The application extensions that determine the picture: the number of loops, and the color profile.
    private static let keptApplications: Set<String> = ["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"]

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
                if try isKept(extensionAt: offset) { try result.copy(offset..<end) }
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

    private func isKept(extensionAt offset: Int64) throws -> Bool {
        switch try bytes.required(offset + 1, 1) {
        case 0xf9: return true
        case 0x01:
            // The extension draws on the picture, so its removal would change the picture.
            throw PhotoMetadataRejection("it contains a plain text extension at byte \(offset)")
        case 0xff:
            guard try bytes.required(offset + 2, 1) == 11 else { return false }
            return Self.keptApplications.contains(
                String(decoding: try bytes.requiredBytes(offset + 3, 11), as: UTF8.self)
            )
        default: return false
        }
    }
}
