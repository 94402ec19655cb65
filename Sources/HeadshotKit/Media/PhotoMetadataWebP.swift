/// The removal of private metadata from a WebP file, which is a RIFF file: chunks of even length in one chunk with the total size.
struct PhotoMetadataWebP {
    private struct Chunk {
        let name: String
        let content: Range<Int64>
        /// The chunk with its header and its padding.
        let range: Range<Int64>
    }

    private let bytes: MediaBytes
    /// The chunks after the first.
    private var body = PhotoMetadataRewrite()
    private var orientation: PhotoMetadataOrientation?
    private var hasImage = false

    private init(_ bytes: MediaBytes) { self.bytes = bytes }

    /// The bits of the header's flags for Exif and XMP.
    private static let (exifFlag, xmpFlag): (UInt8, UInt8) = (0x08, 0x04)
    private static let images: Set<String> = ["VP8 ", "VP8L"]
    private static let frameHeaderLength: Int64 = 16

    static func rewrite(_ bytes: MediaBytes) throws -> PhotoMetadataRewrite {
        var removal = PhotoMetadataWebP(bytes)
        return try removal.run()
    }

    private mutating func run() throws -> PhotoMetadataRewrite {
        let end = try 8 + bytes.required(4, 4, littleEndian: true)
        guard end <= bytes.size else { throw MediaBytes.truncated }
        let first = try chunk(at: 12, before: end)
        if Self.images.contains(first.name) {
            // The simple format has one chunk. Readers ignore the others.
            return try file([.copy(first.range)])
        }
        guard first.name == "VP8X", first.content.upperBound - first.content.lowerBound == 10 else {
            throw PhotoMetadataRejection("its first chunk is not an image or a header")
        }
        var offset = first.range.upperBound
        while offset < end {
            let chunk = try chunk(at: offset, before: end)
            try process(chunk)
            offset = chunk.range.upperBound
        }
        guard hasImage else { throw PhotoMetadataRejection("it contains no image") }
        return try file(header(first) + body.pieces + exif)
    }

    private mutating func process(_ chunk: Chunk) throws {
        switch chunk.name {
        case "VP8 ", "VP8L", "ALPH", "ICCP", "ANIM":
            if Self.images.contains(chunk.name) { hasImage = true }
            try body.copy(chunk.range)
        case "ANMF": try copyFrame(chunk)
        case "EXIF" where orientation == nil:
            orientation = try PhotoMetadataOrientation(exif: bytes, in: chunk.content)
        case "VP8X": throw PhotoMetadataRejection("it has two headers")
        default: break
        }
    }

    /// Copies a frame of an animation without its unknown chunks.
    private mutating func copyFrame(_ frame: Chunk) throws {
        var offset = frame.content.lowerBound + Self.frameHeaderLength
        var contents = PhotoMetadataRewrite()
        var frameHasImage = false
        while offset < frame.content.upperBound {
            let chunk = try chunk(at: offset, before: frame.content.upperBound)
            let isImage = Self.images.contains(chunk.name)
            if isImage { frameHasImage = true }
            if isImage || chunk.name == "ALPH" { try contents.copy(chunk.range) }
            offset = chunk.range.upperBound
        }
        guard frameHasImage else {
            throw PhotoMetadataRejection("the frame at byte \(frame.range.lowerBound) contains no image")
        }
        hasImage = true
        if offset - frame.content.lowerBound == Self.frameHeaderLength + contents.size {
            try body.copy(frame.range)
        } else {
            try body.write(Array("ANMF".utf8) + Self.littleEndian(Self.frameHeaderLength + contents.size))
            try body.copy(frame.content.lowerBound..<frame.content.lowerBound + Self.frameHeaderLength)
            try body.append(contents.pieces)
        }
    }

    private func chunk(at offset: Int64, before end: Int64) throws -> Chunk {
        guard offset + 8 <= end else {
            throw PhotoMetadataRejection("the chunk at byte \(offset) is longer than the chunk around it")
        }
        let length = try bytes.required(offset + 4, 4, littleEndian: true)
        let start = offset + 8
        guard length + length % 2 <= end - start else {
            throw PhotoMetadataRejection("the chunk at byte \(offset) is longer than the chunk around it")
        }
        return Chunk(
            name: try bytes.name(offset),
            content: start..<start + length,
            range: offset..<start + length + length % 2
        )
    }

    /// The header with the flags for what is left.
    private func header(_ chunk: Chunk) throws -> [PhotoMetadataRewrite.Piece] {
        let start = chunk.content.lowerBound
        let flags = try UInt8(bytes.required(start, 1)) & ~(Self.exifFlag | Self.xmpFlag)
        return [
            .copy(chunk.range.lowerBound..<start), .bytes([exif.isEmpty ? flags : flags | Self.exifFlag]),
            .copy(start + 1..<chunk.range.upperBound),
        ]
    }

    private var exif: [PhotoMetadataRewrite.Piece] {
        guard let orientation, orientation != .upright else { return [] }
        let exif = orientation.exif
        return [.bytes(Array("EXIF".utf8) + Self.littleEndian(Int64(exif.count)) + exif)]
    }

    private func file(_ pieces: [PhotoMetadataRewrite.Piece]) throws -> PhotoMetadataRewrite {
        var contents = PhotoMetadataRewrite()
        try contents.append(pieces)
        let size = contents.size + 4
        guard size < 1 << 32 else { throw PhotoMetadataRejection("it is larger than 4 GiB") }
        var result = PhotoMetadataRewrite()
        try result.write(Array("RIFF".utf8) + Self.littleEndian(size) + Array("WEBP".utf8))
        try result.append(contents.pieces)
        return result
    }

    private static func littleEndian(_ value: Int64) -> [UInt8] {
        [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
