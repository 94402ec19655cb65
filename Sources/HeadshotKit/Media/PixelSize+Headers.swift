extension PixelSize {
    /// Returns the size that the header of a photo states, or `nil` if there is none.
    static func of(_ bytes: MediaBytes, _ format: MediaFormat) throws -> PixelSize? {
        switch format {
        case .png: try numbers(bytes, at: 16, 20, width: 4)
        case .jpeg: try jpeg(bytes)
        case .gif: try numbers(bytes, at: 6, 8, width: 2, littleEndian: true)
        case .webp: try webp(bytes)
        case .bmp: try bitmap(bytes)
        case .tiff: try TIFF(bytes)?.pixelSize()
        case .jp2: try jpeg2000(bytes)
        case .heic, .heif, .avif: try heif(bytes)
        default: nil
        }
    }

    private static func numbers(
        _ bytes: MediaBytes,
        at x: Int64,
        _ y: Int64,
        width: Int,
        littleEndian: Bool = false
    ) throws -> PixelSize? {
        guard let horizontal = try bytes.number(x, width, littleEndian: littleEndian),
            let vertical = try bytes.number(y, width, littleEndian: littleEndian)
        else { return nil }
        return PixelSize(horizontal, vertical)
    }

    /// Returns the size in the first frame header of a JPEG file.
    private static func jpeg(_ bytes: MediaBytes) throws -> PixelSize? {
        var offset: Int64 = 2
        while let (marker, start) = try MediaExtent.nextMarker(bytes, from: offset) {
            switch marker {
            case 0xc0...0xc3, 0xc5...0xc7, 0xc9...0xcb, 0xcd...0xcf:
                return try numbers(bytes, at: start + 5, start + 3, width: 2)
            case 0xd9, 0xda: return nil
            default:
                guard let length = try bytes.number(start, 2), length >= 2 else { return nil }
                offset = start + length
            }
        }
        return nil
    }

    private static func webp(_ bytes: MediaBytes) throws -> PixelSize? {
        switch try bytes.name(12) {
        case "VP8X":
            guard let width = try bytes.number(24, 3, littleEndian: true),
                let height = try bytes.number(27, 3, littleEndian: true)
            else { return nil }
            return PixelSize(width + 1, height + 1)
        case "VP8L":
            guard let bits = try bytes.number(21, 4, littleEndian: true) else { return nil }
            return PixelSize(bits & 0x3fff + 1, bits >> 14 & 0x3fff + 1)
        case "VP8 ":
            guard let width = try bytes.number(26, 2, littleEndian: true),
                let height = try bytes.number(28, 2, littleEndian: true)
            else { return nil }
            // The upper two bits hold a scale.
            return PixelSize(width & 0x3fff, height & 0x3fff)
        default: return nil
        }
    }

    private static func bitmap(_ bytes: MediaBytes) throws -> PixelSize? {
        if try bytes.number(14, 4, littleEndian: true) == 12 {
            return try numbers(bytes, at: 18, 20, width: 2, littleEndian: true)
        }
        guard let width = try bytes.number(18, 4, littleEndian: true),
            let height = try bytes.number(22, 4, littleEndian: true)
        else { return nil }
        // The height of an image that begins with its top row is negative.
        return PixelSize(width, height > Int64(Int32.max) ? 1 << 32 - height : height)
    }

    private static func jpeg2000(_ bytes: MediaBytes) throws -> PixelSize? {
        if try bytes.number(0, 2) == 0xff4f {
            guard let right = try bytes.number(8, 4), let bottom = try bytes.number(12, 4),
                let left = try bytes.number(16, 4),
                let top = try bytes.number(20, 4)
            else { return nil }
            return PixelSize(right - left, bottom - top)
        }
        guard let header = try MediaBox.first("jp2h", bytes, in: 0..<bytes.size),
            let image = try MediaBox.first("ihdr", bytes, in: header)
        else { return nil }
        return try numbers(bytes, at: image.lowerBound + 4, image.lowerBound, width: 4)
    }

    /// Returns the largest size in the properties of the images. The others are those of thumbnails and tiles.
    private static func heif(_ bytes: MediaBytes) throws -> PixelSize? {
        guard let meta = try MediaBox.first("meta", bytes, in: 0..<bytes.size), meta.count > 4,
            let properties = try MediaBox.first("iprp", bytes, in: meta.lowerBound + 4..<meta.upperBound),
            var rest = try MediaBox.first("ipco", bytes, in: properties)
        else { return nil }
        var largest: PixelSize?
        while let box = try MediaBox.first("ispe", bytes, in: rest) {
            let size = try numbers(bytes, at: box.lowerBound + 4, box.lowerBound + 8, width: 4)
            if let size, size.width * size.height > largest.map({ $0.width * $0.height }) ?? 0 { largest = size }
            rest = box.upperBound..<rest.upperBound
        }
        return largest
    }
}
