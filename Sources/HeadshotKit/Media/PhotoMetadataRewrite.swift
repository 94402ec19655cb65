import Foundation

/// The plan of a photo without private metadata: ranges of the original to copy, and bytes to write in place of others.
///
/// The plan is complete before the first byte is written, so a photo that is rejected has no partial result.
struct PhotoMetadataRewrite {
    enum Piece: Equatable {
        case copy(Range<Int64>)
        case bytes([UInt8])
        case fill(UInt8, count: Int64)
    }

    private(set) var pieces: [Piece] = []
    private(set) var size: Int64 = 0

    /// The limit for untrusted files. An animation of 10,000 frames has fewer pieces.
    private static let maximumPieces = 1 << 16
    /// The number of bytes that are copied at a time.
    private static let chunkLength: Int64 = 1 << 18

    init() {}

    /// Creates the plan for a photo of any supported format.
    init(of bytes: MediaBytes) throws {
        guard bytes.size > 0 else { throw PhotoMetadataRejection("it is empty") }
        switch try MediaFormat.detect(bytes) {
        case .jpeg?: self = try PhotoMetadataJPEG.rewrite(bytes)
        case .png?: self = try PhotoMetadataPNG.rewrite(bytes)
        case .webp?: self = try PhotoMetadataWebP.rewrite(bytes)
        case .gif?: self = try PhotoMetadataGIF.rewrite(bytes)
        case .heic?, .heif?, .avif?: self = try PhotoMetadataHEIF.rewrite(bytes)
        case let format?: throw PhotoMetadataRejection("its format is \(format.mimeType)")
        case nil: throw PhotoMetadataRejection("its format is unknown")
        }
    }

    /// Appends a range of the original. Adjacent ranges become one.
    mutating func copy(_ range: Range<Int64>) throws {
        if range.isEmpty { return }
        size += range.upperBound - range.lowerBound
        if case .copy(let last) = pieces.last, last.upperBound == range.lowerBound {
            pieces[pieces.count - 1] = .copy(last.lowerBound..<range.upperBound)
        } else {
            try append(.copy(range))
        }
    }

    mutating func write(_ bytes: [UInt8]) throws {
        if bytes.isEmpty { return }
        size += Int64(bytes.count)
        try append(.bytes(bytes))
    }

    mutating func fill(_ byte: UInt8, count: Int64) throws {
        if count <= 0 { return }
        size += count
        try append(.fill(byte, count: count))
    }

    mutating func append(_ pieces: [Piece]) throws {
        for piece in pieces {
            switch piece {
            case .copy(let range): try copy(range)
            case .bytes(let bytes): try write(bytes)
            case .fill(let byte, let count): try fill(byte, count: count)
            }
        }
    }

    private mutating func append(_ piece: Piece) throws {
        guard pieces.count < Self.maximumPieces else { throw PhotoMetadataRejection("it has too many parts") }
        pieces.append(piece)
    }

    /// Passes the new photo to a closure, in chunks of bounded size.
    func forEachChunk(of bytes: MediaBytes, _ body: ([UInt8]) throws -> Void) throws {
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): try body(bytes)
            case .fill(let byte, let count):
                try Self.forEachChunk(of: 0..<count) { _, count in try body([UInt8](repeating: byte, count: count)) }
            case .copy(let range):
                try Self.forEachChunk(of: range) { start, count in
                    guard let chunk = try bytes.exactly(start, count) else {
                        throw PhotoMetadataRejection("the file became shorter while it was being read")
                    }
                    try body(chunk)
                }
            }
        }
    }

    private static func forEachChunk(of range: Range<Int64>, _ body: (_ start: Int64, _ count: Int) throws -> Void)
        throws
    {
        var start = range.lowerBound
        while start < range.upperBound {
            let count = min(chunkLength, range.upperBound - start)
            try body(start, Int(count))
            start += count
        }
    }
}

extension MediaBytes {
    /// Returns a number of at most eight bytes. A truncated file is rejected.
    func required(_ offset: Int64, _ count: Int, littleEndian: Bool = false) throws -> Int64 {
        guard let value = try number(offset, count, littleEndian: littleEndian) else { throw Self.truncated }
        return value
    }

    /// Returns `count` bytes. A truncated file is rejected.
    func requiredBytes(_ offset: Int64, _ count: Int) throws -> [UInt8] {
        guard let bytes = try exactly(offset, count) else { throw Self.truncated }
        return bytes
    }

    static let truncated = PhotoMetadataRejection(
        "the file is truncated",
        advice: "Copy or download the photo again."
    )
}
