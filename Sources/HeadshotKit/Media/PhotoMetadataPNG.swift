/// The removal of private metadata from a PNG file, which is a sequence of chunks.
struct PhotoMetadataPNG {
    private let bytes: MediaBytes
    private var result = PhotoMetadataRewrite()
    private var (hasData, hasExif) = (false, false)

    private init(_ bytes: MediaBytes) { self.bytes = bytes }

    /// The chunks that determine the picture, and their lengths if these are fixed. Every other chunk is removed.
    private static let kept: [String: Int64?] = [
        "IHDR": 13, "PLTE": nil, "IDAT": nil, "IEND": 0, "tRNS": nil, "gAMA": 4, "cHRM": 32, "sRGB": 1, "iCCP": nil,
        "cICP": 4, "mDCV": 24, "mDCv": 24, "cLLI": 8, "cLLi": 8, "sBIT": nil, "pHYs": 9, "bKGD": nil, "acTL": 8,
        "fcTL": 26, "fdAT": nil,
    ]

    static func rewrite(_ bytes: MediaBytes) throws -> PhotoMetadataRewrite {
        var removal = PhotoMetadataPNG(bytes)
        try removal.run()
        return removal.result
    }

    private mutating func run() throws {
        try result.copy(0..<8)
        var offset: Int64 = 8
        var name = ""
        repeat {
            let length = try bytes.required(offset, 4)
            let type = try bytes.requiredBytes(offset + 4, 4)
            let end = offset + 12 + length
            guard type.allSatisfy({ (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) }) else {
                throw PhotoMetadataRejection("there is no chunk at byte \(offset)")
            }
            guard end <= bytes.size else { throw MediaBytes.truncated }
            name = String(decoding: type, as: UTF8.self)
            guard (name == "IHDR") == (offset == 8) else {
                throw PhotoMetadataRejection("its first chunk is not its only header")
            }
            try process(name, offset..<end)
            offset = end
        } while name != "IEND"
        guard hasData else { throw PhotoMetadataRejection("it contains no image") }
    }

    private mutating func process(_ name: String, _ chunk: Range<Int64>) throws {
        if let length = Self.kept[name] {
            guard length == nil || length == chunk.upperBound - chunk.lowerBound - 12 else {
                throw PhotoMetadataRejection("the chunk \(name) at byte \(chunk.lowerBound) has the wrong length")
            }
            if name == "IDAT" { hasData = true }
            try result.copy(chunk)
        } else if name == "eXIf" {
            try writeOrientation(of: chunk)
        } else if name.first?.isUppercase == true {
            throw PhotoMetadataRejection("the chunk \(name) at byte \(chunk.lowerBound) is unknown but required")
        }
    }

    private mutating func writeOrientation(of chunk: Range<Int64>) throws {
        guard !hasExif,
            let orientation = try PhotoMetadataOrientation(
                exif: bytes,
                in: chunk.lowerBound + 8..<chunk.upperBound - 4
            )
        else { return }
        hasExif = true
        if orientation == .upright { return }
        let exif = orientation.exif
        let body = Array("eXIf".utf8) + exif
        let sum = Self.checksum(body)
        let checksumBytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> UInt32($0)) }
        try result.write([0, 0, 0, UInt8(exif.count)] + body + checksumBytes)
    }

    /// Returns the CRC-32 checksum of a short chunk.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var sum = ~UInt32(0)
        for byte in bytes {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0xedb8_8320 }
        }
        return ~sum
    }
}
