import Foundation

extension MediaExtent {
    /// Returns the extent of a PNG file, whose last chunk is `IEND`.
    static func png(_ bytes: MediaBytes) throws -> MediaExtent {
        var extent = MediaExtent.headOnly
        var offset: Int64 = 8
        guard try bytes.name(offset + 4) == "IHDR" else { return .headOnly }
        while let length = try bytes.number(offset, 4), let type = try bytes.exactly(offset + 4, 4) {
            let name = String(decoding: type, as: UTF8.self)
            if name == "IDAT", offset + 8 < bytes.size { extent = .cutOff }
            let next = offset + 12 + length
            guard next <= bytes.size else { return extent }
            if name == "IEND" { return extent == .headOnly ? .headOnly : .whole }
            offset = next
        }
        return extent
    }

    /// Returns the extent of a JPEG file: segments, and scan data that ends at the next marker.
    static func jpeg(_ bytes: MediaBytes, _ isEndWanted: Bool) throws -> MediaExtent {
        var extent = MediaExtent.headOnly
        var hasFrame = false
        var offset: Int64 = 2
        while let (marker, start) = try nextMarker(bytes, from: offset) {
            switch marker {
            case 0xd9: return extent == .headOnly ? .headOnly : .whole
            // JPEG-LS.
            case 0xf7: return .headOnly
            case 0x01, 0xd0...0xd7, 0xd8: offset = start
            default:
                guard let length = try bytes.number(start, 2), length >= 2 else { return extent }
                offset = start + length
                if (0xc0...0xcf).contains(marker), ![0xc4, 0xc8, 0xcc].contains(marker) { hasFrame = true }
                if marker == 0xda {
                    guard hasFrame, offset < bytes.size else { return extent }
                    extent = .cutOff
                    if !isEndWanted { return extent }
                }
            }
        }
        return extent
    }

    /// Returns the next marker that is neither a stuffed byte nor a restart marker, and the offset of its segment.
    static func nextMarker(_ bytes: MediaBytes, from start: Int64) throws -> (UInt8, Int64)? {
        var offset = start
        while offset < bytes.size {
            let piece = try bytes.read(offset, 4_096)
            // The file may shrink during the read.
            guard piece.count > 1 else { return nil }
            var index = 0
            while let found = firstMarkerByte(piece, from: index), found + 1 < piece.count {
                let marker = piece[found + 1]
                if marker != 0, marker != 0xff, !(0xd0...0xd7).contains(marker) {
                    return (marker, offset + Int64(found) + 2)
                }
                index = marker == 0xff ? found + 1 : found + 2
                if index >= piece.count { break }
            }
            // The last byte may be the first half of a marker.
            offset += Int64(piece.last == 0xff ? piece.count - 1 : piece.count)
        }
        return nil
    }

    /// Returns the index of the next 0xFF byte. Scan data is long, and `memchr` is the quickest search.
    private static func firstMarkerByte(_ piece: [UInt8], from index: Int) -> Int? {
        piece.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress, let found = memchr(start + index, 0xff, buffer.count - index) else {
                return nil
            }
            return start.distance(to: UnsafeRawPointer(found))
        }
    }

    /// Returns the extent of a GIF file, whose last block is the trailer.
    static func gif(_ bytes: MediaBytes) throws -> MediaExtent {
        func tableLength(_ flags: Int64) -> Int64 { flags & 0x80 == 0 ? 0 : 3 << ((flags & 7) + 1) }
        func skippingBlocks(_ start: Int64) throws -> Int64? {
            var offset = start
            while let length = try bytes.number(offset, 1) {
                offset += 1 + length
                if length == 0 { return offset }
            }
            return nil
        }
        guard let flags = try bytes.number(10, 1) else { return .headOnly }
        var extent = MediaExtent.headOnly
        var offset = 13 + tableLength(flags)
        while let block = try bytes.number(offset, 1) {
            switch block {
            case 0x3b: return extent == .headOnly ? .headOnly : .whole
            case 0x21:
                guard let next = try skippingBlocks(offset + 2) else { return extent }
                offset = next
            case 0x2c:
                guard let flags = try bytes.number(offset + 9, 1) else { return extent }
                extent = .cutOff
                guard let next = try skippingBlocks(offset + 11 + tableLength(flags)) else { return extent }
                offset = next
            default: return extent
            }
        }
        return extent
    }

    /// Returns the extent of a BMP file, whose header states the file size and the offset of the pixels.
    static func bitmap(_ bytes: MediaBytes) throws -> MediaExtent {
        guard let size = try bytes.number(2, 4, littleEndian: true),
            let pixels = try bytes.number(10, 4, littleEndian: true), pixels < bytes.size
        else { return .headOnly }
        return bytes.size >= size ? .whole : .cutOff
    }

    /// Returns the extent of a JPEG 2000 file: boxes around a codestream, or the codestream alone.
    static func jpeg2000(_ bytes: MediaBytes) throws -> MediaExtent {
        guard try bytes.number(0, 2) == 0xff4f else { return try boxes(bytes, header: ["jp2h"], contents: ["jp2c"]) }
        guard bytes.size > 64 else { return .headOnly }
        let end = try bytes.read(bytes.size - 64, 64).reversed().drop { $0 == 0 }
        return end.starts(with: [0xd9, 0xff]) ? .whole : .cutOff
    }
}
