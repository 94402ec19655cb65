import Foundation

/// A small complete file of each format.
enum WholeFiles {
    static let all: [(fileExtension: String, kind: String, bytes: [UInt8])] = [
        ("png", "image", [UInt8](pngBytes)),
        ("jpg", "image", jpeg),
        ("webp", "image", riff("WEBP", text("VP8L") + little(20) + filler(20))),
        ("heic", "image", box("ftyp", text("heic") + big(0) + text("mif1heic")) + box("meta", filler(40)) + mdat),
        ("avif", "image", box("ftyp", text("avif") + big(0) + text("mif1avif")) + box("meta", filler(40)) + mdat),
        ("bmp", "image", text("BM") + little(94) + little(0) + little(54) + little(40) + filler(76)),
        ("tiff", "image", tiff(entries: [(0x100, 4, 1, 4), (0x111, 4, 1, 62), (0x117, 4, 1, 32)]) + filler(32)),
        ("gif", "none", gif),
        ("mp4", "video", box("ftyp", text("isom") + big(512) + text("isomiso2")) + box("moov", filler(60)) + mdat),
        ("mov", "video", box("ftyp", text("qt  ") + big(512) + text("qt  ")) + mdat + box("moov", filler(60))),
        ("webm", "video", webm("webm")),
        ("m4a", "audio", box("ftyp", text("M4A ") + big(0) + text("M4A isom")) + box("moov", filler(60)) + mdat),
        ("wav", "audio", riff("WAVE", text("fmt ") + little(16) + filler(16) + text("data") + little(32) + filler(32))),
        ("aiff", "audio", text("FORM") + big(60) + text("AIFF") + filler(56)),
        ("mp3", "audio", text("ID3") + [4, 0, 0, 0, 0, 0, 0] + [0xff, 0xfb, 0x90, 0x64] + filler(400)),
        ("flac", "audio", text("fLaC") + [0, 0, 0, 34] + filler(80)),
        ("ogg", "audio", page(2, text("\u{1}vorbis") + filler(20)) + page(4, filler(90))),
        ("aac", "audio", [0xff, 0xf1, 0x50, 0x80, 0x2e, 0x7f, 0xfc] + filler(90)),
        ("amr", "audio", text("#!AMR\n") + filler(60)),
    ]

    static subscript(fileExtension: String) -> Data {
        Data(all.first { $0.fileExtension == fileExtension }?.bytes ?? [])
    }

    /// The formats whose files declare their length or end.
    static let ending = [
        "png", "jpg", "webp", "heic", "avif", "bmp", "tiff", "gif", "mp4", "mov", "webm", "m4a", "wav", "aiff",
    ]

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
    static func big(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }
    static func little(_ number: UInt32) -> [UInt8] { big(number).reversed() }
    static func little16(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xff), UInt8(number >> 8)] }

    /// Bytes that are not text and contain no marker.
    static func filler(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 * 37 % 251) & 0x7f } }

    static func box(_ name: String, _ contents: [UInt8]) -> [UInt8] {
        big(UInt32(contents.count + 8)) + text(name) + contents
    }

    private static let mdat = box("mdat", filler(64))

    static func riff(_ form: String, _ contents: [UInt8]) -> [UInt8] {
        text("RIFF") + little(UInt32(contents.count + 4)) + text(form) + contents
    }

    /// A start of image, a table, a frame, a scan with a stuffed byte and a restart marker, and an end of image.
    static let jpeg: [UInt8] =
        [0xff, 0xd8, 0xff, 0xe0, 0, 16] + text("JFIF") + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]
        + [0xff, 0xdb, 0, 67, 0] + [UInt8](repeating: 16, count: 64)
        + [0xff, 0xc0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]
        + [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0] + filler(40) + [0xff, 0x00] + filler(9) + [0xff, 0xd0] + filler(30)
        + [0xff, 0xd9]

    private static let gif: [UInt8] =
        text("GIF89a") + [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255] + [0x21, 0xf9, 4, 0, 0, 0, 0, 0]
        + [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b]

    /// A little-endian directory at offset 8 with the tag, type, count and value of each field.
    static func tiff(entries: [(UInt16, UInt16, UInt32, UInt32)]) -> [UInt8] {
        let fields = entries.flatMap { little16($0.0) + little16($0.1) + little($0.2) + little($0.3) }
        let head = [0x49, 0x49, 0x2a, 0] + little(8) + little16(UInt16(entries.count)) + fields + little(0)
        return head + filler(max(0, 62 - head.count))
    }

    static func webm(_ type: String) -> [UInt8] {
        let header = [0x42, 0x82, 0x80 | UInt8(type.utf8.count)] + text(type)
        return [0x1a, 0x45, 0xdf, 0xa3, 0x80 | UInt8(header.count)] + header
            + [0x18, 0x53, 0x80, 0x67, 0x80 | 64] + filler(64)
    }

    private static func page(_ flags: UInt8, _ contents: [UInt8]) -> [UInt8] {
        text("OggS") + [0, flags] + [UInt8](repeating: 0, count: 20) + [1, UInt8(contents.count)] + contents
    }
}

/// A random number generator whose sequence depends only on its seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 33)) &* 0xff51_afd7_ed55_8ccd
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }
}
