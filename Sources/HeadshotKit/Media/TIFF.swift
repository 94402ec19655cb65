import Foundation

/// The first image file directory of a TIFF file. Most cameras' raw photos have the same structure.
struct TIFF {
    private let bytes: MediaBytes
    private let isLittleEndian: Bool
    private let isBig: Bool
    private var fields: [Int64: Field] = [:]

    private struct Field {
        let type: Int64
        let count: Int64
        let valueOffset: Int64
    }

    /// Creates a directory from the bytes of a file, or returns `nil` if there is none. BigTIFF uses wider fields.
    init?(_ bytes: MediaBytes) throws {
        self.bytes = bytes
        isLittleEndian = try bytes.read(0, 1) == [0x49]
        isBig = try bytes.number(2, 2, littleEndian: isLittleEndian) == 43
        let (countWidth, width) = isBig ? (8, 8) : (2, 4)
        guard let start = try number(isBig ? 8 : 4, width), let count = try number(start, countWidth), count > 0 else {
            return nil
        }
        let length = Int64(4 + 2 * width)
        for index in 0..<min(count, 512) {
            let entry = start + Int64(countWidth) + index * length
            guard let tag = try number(entry, 2), let type = try number(entry + 2, 2),
                let values = try number(entry + 4, width)
            else { break }
            fields[tag] = Field(type: type, count: values, valueOffset: entry + 4 + Int64(width))
        }
        if fields.isEmpty { return nil }
    }

    /// Returns whether the file is a camera's raw photo, in DNG or a manufacturer's own format.
    func isCameraRaw() throws -> Bool {
        if fields[0xc612] != nil { return true }
        if try bytes.read(8, 3) == Array("CR\u{2}".utf8) { return true }
        // Color filter arrays and the manufacturers' own compression schemes.
        if try [32_803, 34_892].contains(value(0x106)) { return true }
        if try [34_713, 32_767, 32_769, 32_770, 65_000, 65_535].contains(value(0x103)) { return true }
        // Cameras store the raw image beside a small preview. Programs that export TIFF do not.
        return try fields[0x14a] != nil && fields[0x10f] != nil && value(0xfe) == 1
    }

    /// Returns the orientation, from 1 to 8, or `nil` if there is none or if it has another value.
    func orientation() throws -> UInt8? {
        guard let field = fields[0x112], [3, 4].contains(field.type), field.count == 1, let value = try value(0x112),
            (1...8).contains(value)
        else {
            return nil
        }
        return UInt8(value)
    }

    func pixelSize() throws -> PixelSize? {
        guard let width = try value(0x100), let height = try value(0x101) else { return nil }
        return PixelSize(width, height)
    }

    func extent() throws -> MediaExtent {
        let pairs: [(Int64, Int64)] = [(0x111, 0x117), (0x144, 0x145), (0x201, 0x202)]
        var extent = MediaExtent.headOnly
        for (offsets, lengths) in pairs {
            guard let starts = try values(offsets), let counts = try values(lengths), !starts.isEmpty else { continue }
            extent = max(extent, starts.count == counts.count ? .whole : .cutOff)
            for (start, count) in zip(starts, counts) {
                if start >= bytes.size { return .headOnly }
                if count > bytes.size - start { extent = .cutOff }
            }
            if extent == .cutOff { return extent }
        }
        return extent
    }

    private func number(_ offset: Int64, _ width: Int) throws -> Int64? {
        try bytes.number(offset, width, littleEndian: isLittleEndian)
    }

    private func value(_ tag: Int64) throws -> Int64? { try values(tag)?.first }

    /// Returns the numbers of a field, limited to a plausible number of strips, or `nil` if there is no such field.
    private func values(_ tag: Int64) throws -> [Int64]? {
        guard let field = fields[tag] else { return nil }
        let width = [3: 2, 4: 4, 13: 4, 16: 8][field.type] ?? 1
        let count = min(field.count, 100_000)
        let isInline = count * Int64(width) <= (isBig ? 8 : 4)
        guard let start = isInline ? field.valueOffset : try number(field.valueOffset, isBig ? 8 : 4) else {
            return nil
        }
        return try (0..<count).compactMap { try number(start + $0 * Int64(width), width) }
    }
}
