/// The removal of private metadata from a JPEG file: segments, and scan data that ends at the next marker.
struct PhotoMetadataJPEG {
    private let bytes: MediaBytes
    private var result = PhotoMetadataRewrite()
    private var (hasFrame, hasScan, hasJFIF, hasExif) = (false, false, false, false)

    private init(_ bytes: MediaBytes) { self.bytes = bytes }

    static func rewrite(_ bytes: MediaBytes) throws -> PhotoMetadataRewrite {
        var removal = PhotoMetadataJPEG(bytes)
        try removal.run()
        return removal.result
    }

    private mutating func run() throws {
        try result.copy(0..<2)
        var offset: Int64 = 2
        while true {
            offset = try skippingFill(offset)
            let marker = try UInt8(bytes.required(offset + 1, 1))
            if marker == 0xd9 { break }
            try checkHasLength(marker, offset)
            let length = try bytes.required(offset + 2, 2)
            let end = offset + 2 + length
            guard length >= 2 else { throw PhotoMetadataRejection("the segment at byte \(offset) has no length") }
            guard end <= bytes.size else { throw MediaBytes.truncated }
            try process(marker, offset..<end)
            offset = marker == 0xda ? try copyScan(from: end) : end
        }
        guard hasScan else { throw PhotoMetadataRejection("it contains no image") }
        try result.copy(offset..<offset + 2)
    }

    /// Returns the offset of the next marker's last 0xFF byte. Any number of them may stand before a marker.
    private func skippingFill(_ start: Int64) throws -> Int64 {
        guard try bytes.required(start, 1) == 0xff else {
            throw PhotoMetadataRejection("there is no marker at byte \(start)")
        }
        var offset = start
        while try bytes.required(offset + 1, 1) == 0xff { offset += 1 }
        return offset
    }

    private func checkHasLength(_ marker: UInt8, _ offset: Int64) throws {
        switch marker {
        case 0xc0...0xc7, 0xc9...0xcf, 0xda...0xef, 0xfe: return
        default:
            let name = String(marker, radix: 16, uppercase: true)
            throw PhotoMetadataRejection("the marker FF\(name) at byte \(offset) is unexpected")
        }
    }

    private mutating func process(_ marker: UInt8, _ segment: Range<Int64>) throws {
        switch marker {
        case 0xe0: try copyJFIF(segment)
        case 0xe1: try writeOrientation(of: segment)
        case 0xe2:
            if try starts(segment, "ICC_PROFILE\0") { try result.copy(segment) }
        case 0xee: try copyAdobe(segment)
        case 0xe3...0xef, 0xfe: break
        case 0xda:
            guard hasFrame else { throw PhotoMetadataRejection("the scan at byte \(segment.lowerBound) has no frame") }
            let count = try bytes.required(segment.lowerBound + 4, 1)
            guard segment.upperBound - segment.lowerBound == 8 + 2 * count else {
                throw PhotoMetadataRejection("the scan header at byte \(segment.lowerBound) is damaged")
            }
            hasScan = true
            try result.copy(segment)
        default:
            if ![0xc4, 0xcc].contains(marker), marker < 0xd0 { hasFrame = true }
            try result.copy(segment)
        }
    }

    private func starts(_ segment: Range<Int64>, _ name: String) throws -> Bool {
        let name = Array(name.utf8)
        guard segment.upperBound - segment.lowerBound >= 4 + name.count else { return false }
        return try bytes.read(segment.lowerBound + 4, name.count) == name
    }

    /// Copies the resolution without the thumbnail.
    private mutating func copyJFIF(_ segment: Range<Int64>) throws {
        let start = segment.lowerBound
        guard try !hasJFIF && starts(segment, "JFIF\0"), segment.upperBound - start >= 18 else { return }
        hasJFIF = true
        try result.write([0xff, 0xe0, 0, 16])
        try result.copy(start + 4..<start + 16)
        try result.write([0, 0])
    }

    /// Copies the color transform, without which the colors of many files are wrong.
    private mutating func copyAdobe(_ segment: Range<Int64>) throws {
        let start = segment.lowerBound
        guard try starts(segment, "Adobe"), segment.upperBound - start >= 16 else { return }
        try result.write([0xff, 0xee, 0, 14])
        try result.copy(start + 4..<start + 16)
    }

    private mutating func writeOrientation(of segment: Range<Int64>) throws {
        guard try !hasExif && starts(segment, "Exif\0"),
            let orientation = try PhotoMetadataOrientation(exif: bytes, in: segment.lowerBound + 4..<segment.upperBound)
        else { return }
        // Readers apply the first one.
        hasExif = true
        if orientation == .upright { return }
        let exif = PhotoMetadataOrientation.prefix + orientation.exif
        try result.write([0xff, 0xe1, 0, UInt8(exif.count + 2)] + exif)
    }

    /// Copies the entropy-coded data, and returns the offset of the marker after it.
    private mutating func copyScan(from start: Int64) throws -> Int64 {
        guard let (_, next) = try MediaExtent.nextMarker(bytes, from: start) else { throw MediaBytes.truncated }
        guard next - 2 > start else { throw PhotoMetadataRejection("the scan before byte \(start) is empty") }
        try result.copy(start..<next - 2)
        return next - 2
    }
}
