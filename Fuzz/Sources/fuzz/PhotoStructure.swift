import Foundation

/// The parts of a photo that a fuzzed removal of metadata must keep or remove, read without the parsers of HeadshotKit.
struct PhotoStructure {
    /// The compressed image data, in order.
    private(set) var image = Data()
    /// The names of the parts that may hold private data.
    private(set) var forbidden: [String] = []

    /// Reads a photo. Stops at the first byte that does not belong to the format.
    init(of photo: Data) {
        let bytes = [UInt8](photo)
        if bytes.starts(with: [0xff, 0xd8]) {
            readJPEG(bytes)
        } else if bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) {
            readPNG(bytes)
        } else if bytes.starts(with: Array("RIFF".utf8)) {
            // What follows the RIFF chunk is not part of the photo.
            let end = min(bytes.count, 8 + littleEndian(bytes, 4))
            readWebP(bytes, 12, end)
            if end < bytes.count { forbidden.append("trailer") }
        } else if bytes.starts(with: Array("GIF8".utf8)) {
            readGIF(bytes)
        }
    }

    private mutating func readJPEG(_ bytes: [UInt8]) {
        var offset = 2
        while offset + 4 <= bytes.count {
            let marker = bytes[offset + 1]
            guard bytes[offset] == 0xff else { return }
            if marker == 0xff {
                offset += 1
                continue
            }
            if marker == 0xd9 { break }
            let end = offset + 2 + number(bytes, offset + 2, 2)
            guard end <= bytes.count else { return }
            let content = Data(bytes[min(offset + 4, end)..<end])
            switch marker {
            case 0xe1 where content.starts(with: Data("Exif\0\0".utf8)) && content.count == 32: break
            case 0xe0 where content.starts(with: Data("JFIF\0".utf8)) && content.count == 14: break
            case 0xe2 where content.starts(with: Data("ICC_PROFILE\0".utf8)): break
            case 0xee where content.starts(with: Data("Adobe".utf8)) && content.count == 12: break
            case 0xe0...0xef, 0xfe: forbidden.append(String(marker, radix: 16))
            case 0xda: image += content
            default: image += [marker] + content
            }
            offset = end
            guard marker == 0xda else { continue }
            while offset + 1 < bytes.count,
                bytes[offset] != 0xff || [0, 0xff].contains(bytes[offset + 1])
                    || (0xd0...0xd7).contains(bytes[offset + 1])
            {
                // Fill bytes before a marker are no data.
                if bytes[offset] != 0xff || bytes[offset + 1] != 0xff { image.append(bytes[offset]) }
                offset += 1
            }
        }
        if offset + 2 < bytes.count { forbidden.append("trailer") }
    }

    private mutating func readPNG(_ bytes: [UInt8]) {
        let kept: Set = [
            "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "iCCP", "cICP", "mDCV", "mDCv", "cLLI",
            "cLLi", "sBIT", "pHYs", "bKGD", "acTL", "fcTL", "fdAT",
        ]
        var offset = 8
        while offset + 12 <= bytes.count {
            let length = number(bytes, offset, 4)
            let end = offset + 12 + length
            guard end <= bytes.count else { return }
            let name = String(decoding: bytes[offset + 4..<offset + 8], as: UTF8.self)
            if kept.contains(name) {
                image += bytes[offset..<end]
            } else if name != "eXIf" || length != 26 {
                forbidden.append(name)
            }
            offset = end
            if name == "IEND" { break }
        }
        if offset < bytes.count { forbidden.append("trailer") }
    }

    private mutating func readWebP(_ bytes: [UInt8], _ start: Int, _ limit: Int) {
        var offset = start
        while offset + 8 <= limit {
            let name = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
            let length = littleEndian(bytes, offset + 4)
            let end = offset + 8 + length
            guard end <= limit else { return }
            switch name {
            case "VP8 ", "VP8L", "ALPH": image += bytes[offset..<end]
            case "ANMF" where length >= 16:
                image += bytes[offset + 8..<offset + 24]
                readWebP(bytes, offset + 24, end)
            case "VP8X", "ICCP", "ANIM": break
            case "EXIF" where length == 26: break
            default: forbidden.append(name)
            }
            offset = end + length % 2
            // The simple format has one chunk. Readers ignore the others.
            if start == 12, name == "VP8 " || name == "VP8L", image.count == end - 12 { break }
        }
        if start == 12, offset < limit { forbidden.append("trailer") }
    }

    private mutating func readGIF(_ bytes: [UInt8]) {
        guard bytes.count > 13 else { return }
        func table(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }
        func endOfBlocks(_ start: Int) -> Int? {
            var offset = start
            while offset < bytes.count {
                if bytes[offset] == 0 { return offset + 1 }
                offset += 1 + Int(bytes[offset])
            }
            return nil
        }
        var offset = 13 + table(bytes[10])
        while offset + 1 < bytes.count, bytes[offset] != 0x3b {
            let isImage = bytes[offset] == 0x2c
            if isImage, offset + 9 >= bytes.count { return }
            guard let end = endOfBlocks(offset + (isImage ? 11 + table(bytes[offset + 9]) : 2)) else { return }
            if isImage { image += bytes[offset..<min(end, bytes.count)] }
            if !isImage, bytes[offset + 1] == 0xf9 { image += bytes[offset..<min(offset + 7, end)] }
            if !isImage { checkGIF(extension: bytes[offset..<min(end, bytes.count)]) }
            offset = end
        }
        if offset < bytes.count, bytes[offset] == 0x3b, offset + 1 < bytes.count { forbidden.append("trailer") }
    }

    private mutating func checkGIF(extension bytes: ArraySlice<UInt8>) {
        let kind = bytes.dropFirst().first ?? 0
        let name = String(decoding: bytes.dropFirst(3).prefix(11), as: UTF8.self)
        switch kind {
        case 0xf9 where bytes.count == 8: break
        case 0xff where name == "ICCRGBG1012": break
        case 0xff where ["NETSCAPE2.0", "ANIMEXTS1.0"].contains(name) && bytes.count == 19: break
        default: forbidden.append("extension \(String(kind, radix: 16)) of \(bytes.count) bytes")
        }
    }

    private func littleEndian(_ bytes: [UInt8], _ offset: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }
}
