import Foundation

extension MediaFormat {
    /// Returns the format of a file that begins with the given bytes, or `nil` if the format is unknown.
    static func detect(_ bytes: Data) -> MediaFormat? {
        // Reading from memory cannot fail.
        do { return try detect(MediaBytes(bytes)) } catch { return nil }
    }

    /// Returns the format of a file by its content, or `nil` if the format is unknown.
    static func detect(_ bytes: MediaBytes) throws -> MediaFormat? {
        let head = try bytes.read(0, prefixLength)
        if head.starts(with: Array("ID3".utf8)) { return try detectBehindTag(bytes) }
        if let format = detectContainer(head) { return format }
        if let signature = signatures.first(where: { head.starts(with: $0.bytes) }) { return signature.format }
        return detectFrames(head[...])
    }

    private static let signatures: [(bytes: [UInt8], format: MediaFormat)] = [
        ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], png),
        ([0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a], jp2),
        ([0xff, 0x4f, 0xff, 0x51], jp2),
        ([0x49, 0x49, 0x2a, 0x00], tiff),
        ([0x4d, 0x4d, 0x00, 0x2a], tiff),
        ([0x49, 0x49, 0x2b, 0x00], tiff),
        ([0x4d, 0x4d, 0x00, 0x2b], tiff),
        (Array("fLaC".utf8), flac),
        (Array("#!AMR\n".utf8), amr),
        (Array("#!AMR-WB\n".utf8), amr),
        (Array("GIF87a".utf8), gif),
        (Array("GIF89a".utf8), gif),
        (Array("ADIF".utf8), aac),
    ]

    /// Returns the format that a container names, or `nil` if there is none.
    private static func detectContainer(_ head: [UInt8]) -> MediaFormat? {
        func text(_ start: Int, _ count: Int = 4) -> String {
            String(decoding: head.dropFirst(start).prefix(count), as: UTF8.self)
        }
        switch (text(0), text(8)) {
        case ("RIFF", "WEBP"): return webp
        case ("RIFF", "WAVE"), ("RF64", "WAVE"): return wav
        case ("FORM", "AIFF"), ("FORM", "AIFC"): return aiff
        case ("OggS", _): return text(0, 64).contains("OpusHead") ? opus : ogg
        default: break
        }
        // The fourth byte is the next marker. No service supports JPEG-LS (0xf7).
        if head.starts(with: [0xff, 0xd8, 0xff]) {
            return head.count > 3 && (head[3] < 0xc0 || head[3] == 0xf7) ? nil : jpeg
        }
        if head.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) { return isMatroska(head) ? nil : webm }
        // The header length is checked too, because text may also begin with "BM".
        if text(0, 2) == "BM", head.count >= 18, [12, 40, 52, 56, 64, 108, 124].contains(head[14]), head[15] == 0 {
            return bmp
        }
        guard text(4) == "ftyp", head.count >= 16 else { return nil }
        return detectBrand(text(8), compatible: text(16, 48))
    }

    /// Returns whether the document type of an EBML file is Matroska. WebM is a subset of Matroska with fewer codecs.
    private static func isMatroska(_ head: [UInt8]) -> Bool {
        String(decoding: head.prefix(64), as: UTF8.self).contains("matroska")
    }

    /// Returns the format of an ISO media file by its brands, or `nil` if it is not a supported one.
    private static func detectBrand(_ major: String, compatible: String) -> MediaFormat? {
        switch major {
        case "avif", "avis": return avif
        case "heic", "heix", "hevc", "hevx", "heim", "heis": return heic
        case "mif1", "msf1":
            if compatible.contains("avif") { return avif }
            return compatible.contains("hei") ? heic : heif
        case "M4A ", "M4B ", "M4P ": return m4a
        case "M4V ", "M4VH", "M4VP": return m4v
        case "qt  ": return mov
        // Canon's raw photos.
        case "crx ": return nil
        default: return mp4
        }
    }

    /// Returns the offset after the ID3 tag, or 0 if there is no tag. Four bytes with seven bits each give the tag's length.
    static func endOfTag(_ bytes: MediaBytes) throws -> Int64 {
        guard let tag = try bytes.exactly(0, 10), tag.starts(with: Array("ID3".utf8)) else { return 0 }
        let length = tag[6..<10].reduce(Int64(0)) { $0 << 7 | Int64($1 & 0x7f) }
        // The optional footer repeats the header.
        return length + (tag[5] & 0x10 == 0 ? 10 : 20)
    }

    private static func detectBehindTag(_ bytes: MediaBytes) throws -> MediaFormat {
        let next = try bytes.read(endOfTag(bytes), 64)
        if next.starts(with: Array("fLaC".utf8)) { return flac }
        if next.starts(with: Array("ADIF".utf8)) { return aac }
        return detectFrames(next[...]) ?? mp3
    }

    /// Returns the format of audio that begins directly with a frame, or `nil` if the bytes are not a frame.
    static func detectFrames(_ bytes: ArraySlice<UInt8>) -> MediaFormat? {
        let head = [UInt8](bytes.prefix(4))
        guard head.count == 4, head[0] == 0xff else { return nil }
        // ADTS has a 12-bit sync and layer 0. MPEG audio has an 11-bit sync, layer III, and no forbidden sample rate or bit rate.
        if head[1] & 0xf6 == 0xf0 { return head[2] & 0x3c < 0x34 ? aac : nil }
        let isLayer3 = head[1] & 0xe6 == 0xe2 && head[1] & 0x18 != 0x08
        return isLayer3 && head[2] & 0xf0 != 0xf0 && head[2] & 0x0c != 0x0c ? mp3 : nil
    }
}
