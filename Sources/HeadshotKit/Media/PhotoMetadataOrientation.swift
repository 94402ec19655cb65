import Foundation

/// The orientation of a photo, as Exif numbers it: 1 is upright, and 2 to 8 are turned or mirrored.
struct PhotoMetadataOrientation: Equatable {
    let number: UInt8

    static let upright = PhotoMetadataOrientation(number: 1)

    /// The limit of an Exif block that is searched.
    private static let maximumLength: Int64 = 1 << 24

    /// Creates the orientation in an Exif block, or returns `nil` if the block has none that a reader would apply.
    init?(exif bytes: MediaBytes, in range: Range<Int64>) throws {
        guard range.upperBound - range.lowerBound <= Self.maximumLength else {
            throw PhotoMetadataRejection("its Exif metadata is larger than 16 MiB")
        }
        try self.init(exif: bytes.requiredBytes(range.lowerBound, Int(range.upperBound - range.lowerBound)))
    }

    /// Creates the orientation in the bytes of an Exif block. Some programs write the prefix of JPEG in other formats too.
    init?(exif block: [UInt8]) throws {
        let tiff = block.starts(with: Self.prefix) ? Array(block.dropFirst(Self.prefix.count)) : block
        guard tiff.starts(with: [0x49, 0x49, 0x2a, 0]) || tiff.starts(with: [0x4d, 0x4d, 0, 0x2a]),
            let number = try TIFF(MediaBytes(Data(tiff)))?.orientation()
        else { return nil }
        self.number = number
    }

    private init(number: UInt8) { self.number = number }

    /// The bytes before the Exif block of a JPEG file.
    static let prefix = Array("Exif\0\0".utf8)

    /// The Exif block that contains only this orientation: a TIFF header and one directory with one field.
    var exif: [UInt8] {
        let header: [UInt8] = [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8]
        let field: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, number, 0, 0]
        return header + [0, 1] + field + [0, 0, 0, 0]
    }
}
