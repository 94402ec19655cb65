import Foundation

extension MediaExtent {
    /// Returns the extent of an ISO media file, which consists of boxes with sizes.
    ///
    /// - Parameters:
    ///   - header: The box types of which one describes the contents.
    ///   - contents: The box types of which one holds the contents, unless the header holds them.
    static func boxes(_ bytes: MediaBytes, header: Set<String>, contents: Set<String>) throws -> MediaExtent {
        var (hasHeader, hasContents) = (false, false)
        var offset: Int64 = 0
        var isCutOff = false
        while offset < bytes.size {
            guard let size = try bytes.number(offset, 4), let type = try bytes.exactly(offset + 4, 4) else { break }
            let name = String(decoding: type, as: UTF8.self)
            // Bytes that are not a box may follow the last box.
            guard type.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0xa9 }) else { break }
            var length = size
            if size == 1 { length = try bytes.number(offset + 8, 8) ?? .max }
            if size == 0 { length = bytes.size - offset }
            guard length >= 8 else { break }
            if header.contains(name) {
                hasHeader = true
                // The header itself may hold a small image.
                let inside = name == "meta" ? try bytes.read(offset, Int(min(length, 1 << 16))) : []
                if Data(inside).range(of: Data("idat".utf8)) != nil { hasContents = true }
            }
            if contents.contains(name), offset + 8 < bytes.size { hasContents = true }
            guard length <= bytes.size - offset else {
                isCutOff = true
                break
            }
            offset += length
        }
        guard hasContents || hasHeader && header != ["meta"] else { return .headOnly }
        return isCutOff || !hasHeader || !hasContents ? .cutOff : .whole
    }

    /// Returns the extent of a WebP or WAV file, whose header states the size of the rest.
    static func riff(_ bytes: MediaBytes, _ format: MediaFormat) throws -> MediaExtent {
        guard let size = try bytes.number(4, 4, littleEndian: true), bytes.size > 20 else { return .headOnly }
        let first = try bytes.name(12)
        if format == .webp {
            guard ["VP8 ", "VP8L", "VP8X"].contains(first) else { return .headOnly }
            return bytes.size - 8 >= size ? .whole : .cutOff
        }
        // Streamed audio, and audio too large for the size field, has no size.
        guard size != 0, size != 0xffff_ffff else { return bytes.size > 44 ? .whole : .headOnly }
        guard bytes.size > 44 else { return .headOnly }
        return bytes.size - 8 >= size ? .whole : .cutOff
    }

    static func aiff(_ bytes: MediaBytes) throws -> MediaExtent {
        guard let size = try bytes.number(4, 4), bytes.size > 54 else { return .headOnly }
        return bytes.size - 8 >= size ? .whole : .cutOff
    }

    /// Returns the extent of a WebM file: a header, and a segment with a known or unknown size.
    static func matroska(_ bytes: MediaBytes) throws -> MediaExtent {
        guard let header = try elementLength(bytes, 4), let length = header.length else { return .headOnly }
        guard length < bytes.size, header.end + length < bytes.size else { return .headOnly }
        let segment = header.end + length
        guard try bytes.number(segment, 4) == 0x1853_8067, let body = try elementLength(bytes, segment + 4),
            body.end < bytes.size
        else { return .headOnly }
        guard let size = body.length else { return .whole }
        return size <= bytes.size - body.end ? .whole : .cutOff
    }

    /// Returns the length of a Matroska element and the offset after the length field.
    ///
    /// The number of leading zero bits gives the width of the field in bytes. A value of all ones means an unknown length.
    private static func elementLength(_ bytes: MediaBytes, _ offset: Int64) throws -> (length: Int64?, end: Int64)? {
        guard let first = try bytes.read(offset, 1).first, first != 0 else { return nil }
        let count = first.leadingZeroBitCount + 1
        guard let all = try bytes.exactly(offset, count) else { return nil }
        let mask = UInt64.max >> UInt64(64 - 7 * count)
        let value = all.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } & mask
        return (value == mask ? nil : Int64(exactly: value), offset + Int64(count))
    }

    /// Returns the extent of an Ogg file: pages, each with a table of segment lengths.
    static func ogg(_ bytes: MediaBytes, _ isEndWanted: Bool) throws -> MediaExtent {
        var offset: Int64 = 0
        var pages = 0
        while try bytes.name(offset) == "OggS" {
            guard let count = try bytes.number(offset + 26, 1),
                let table = try bytes.exactly(offset + 27, Int(count))
            else { return pages == 0 ? .headOnly : .cutOff }
            let end = offset + 27 + count + table.reduce(0) { $0 + Int64($1) }
            guard end <= bytes.size else { return pages == 0 ? .headOnly : .cutOff }
            pages += 1
            // The first page holds no audio.
            if pages == 2, !isEndWanted { return .cutOff }
            if end == bytes.size { return pages == 1 ? .headOnly : .whole }
            offset = end
        }
        return pages < 2 ? .headOnly : .whole
    }

    /// Returns the extent of an MP3 file, which has a frame soon after the optional tag.
    static func frames(_ bytes: MediaBytes) throws -> MediaExtent {
        let piece = try bytes.read(MediaFormat.endOfTag(bytes), 1 << 16)
        let hasFrame = piece.indices.contains {
            piece[$0] == 0xff && piece.count - $0 > 16 && MediaFormat.detectFrames(piece[$0...]) == .mp3
        }
        return hasFrame ? .whole : .headOnly
    }
}
