import Foundation

/// What a file is meant as.
public struct MediaKind: OpenEnum {
    /// The value as it stands on the wire.
    public let rawValue: String
    /// A value as it stands on the wire.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A photo or picture: png jpg jpeg jfif heic heif webp avif jp2 tiff tif bmp.
    public static let image: MediaKind = "image"
    /// A recording: mp3 wav aac flac webm weba m4a opus ogg oga aiff amr.
    public static let audio: MediaKind = "audio"
    /// A film: mp4 m4v mov webm.
    public static let video: MediaKind = "video"

    /// The file extensions that the services take for this kind, in lower case and without a dot.
    public var fileExtensions: [String] {
        switch self {
        case .image: ["png", "jpg", "jpeg", "jfif", "heic", "heif", "webp", "avif", "jp2", "tiff", "tif", "bmp"]
        case .audio: ["mp3", "wav", "aac", "flac", "webm", "weba", "m4a", "opus", "ogg", "oga", "aiff", "amr"]
        case .video: ["mp4", "m4v", "mov", "webm"]
        default: []
        }
    }

    /// The size, in bytes, beyond which a file is taken for a mistake.
    var maximumBytes: Int64 {
        switch self {
        case .image: 200 << 20
        case .audio: 1 << 30
        default: 8 << 30
        }
    }
}

/// A file format, told by the first bytes of a file.
struct MediaFormat: Hashable, Sendable {
    /// The extensions that files of this format have, the usual one first.
    let fileExtensions: [String]
    let mimeType: String

    /// How many bytes at the beginning of a file are looked at.
    static let prefixLength = 4_100

    /// The format of a file that begins with these bytes; nil where it is none that is known here.
    static func detect(_ bytes: Data) -> MediaFormat? {
        let head = [UInt8](bytes.prefix(prefixLength))
        if let format = detectContainer(head) { return format }
        if let signature = signatures.first(where: { head.starts(with: $0.bytes) }) { return signature.format }
        return detectFrames(head)
    }

    // MARK: Formats

    private static let png = MediaFormat(fileExtensions: ["png"], mimeType: "image/png")
    private static let jpeg = MediaFormat(fileExtensions: ["jpg", "jpeg", "jfif"], mimeType: "image/jpeg")
    private static let heic = MediaFormat(fileExtensions: ["heic", "heif"], mimeType: "image/heic")
    private static let heif = MediaFormat(fileExtensions: ["heif", "heic"], mimeType: "image/heif")
    private static let webp = MediaFormat(fileExtensions: ["webp"], mimeType: "image/webp")
    private static let avif = MediaFormat(fileExtensions: ["avif"], mimeType: "image/avif")
    private static let jp2 = MediaFormat(fileExtensions: ["jp2"], mimeType: "image/jp2")
    private static let tiff = MediaFormat(fileExtensions: ["tiff", "tif"], mimeType: "image/tiff")
    private static let bmp = MediaFormat(fileExtensions: ["bmp"], mimeType: "image/bmp")
    private static let gif = MediaFormat(fileExtensions: ["gif"], mimeType: "image/gif")
    private static let mp3 = MediaFormat(fileExtensions: ["mp3"], mimeType: "audio/mpeg")
    private static let wav = MediaFormat(fileExtensions: ["wav"], mimeType: "audio/wav")
    private static let aac = MediaFormat(fileExtensions: ["aac"], mimeType: "audio/aac")
    private static let flac = MediaFormat(fileExtensions: ["flac"], mimeType: "audio/flac")
    private static let webm = MediaFormat(fileExtensions: ["webm", "weba"], mimeType: "video/webm")
    private static let m4a = MediaFormat(fileExtensions: ["m4a"], mimeType: "audio/mp4")
    private static let ogg = MediaFormat(fileExtensions: ["ogg", "oga", "opus"], mimeType: "audio/ogg")
    private static let opus = MediaFormat(fileExtensions: ["opus", "ogg", "oga"], mimeType: "audio/opus")
    private static let aiff = MediaFormat(fileExtensions: ["aiff"], mimeType: "audio/aiff")
    private static let amr = MediaFormat(fileExtensions: ["amr"], mimeType: "audio/amr")
    private static let mp4 = MediaFormat(fileExtensions: ["mp4", "m4a", "m4v"], mimeType: "video/mp4")
    private static let m4v = MediaFormat(fileExtensions: ["m4v", "mp4"], mimeType: "video/x-m4v")
    private static let mov = MediaFormat(fileExtensions: ["mov"], mimeType: "video/quicktime")

    private static let signatures: [(bytes: [UInt8], format: MediaFormat)] = [
        ([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], png),
        ([0xff, 0xd8, 0xff], jpeg),
        ([0x00, 0x00, 0x00, 0x0c, 0x6a, 0x50, 0x20, 0x20, 0x0d, 0x0a, 0x87, 0x0a], jp2),
        ([0xff, 0x4f, 0xff, 0x51], jp2),
        ([0x49, 0x49, 0x2a, 0x00], tiff),
        ([0x4d, 0x4d, 0x00, 0x2a], tiff),
        ([0x49, 0x49, 0x2b, 0x00], tiff),
        ([0x4d, 0x4d, 0x00, 0x2b], tiff),
        ([0x1a, 0x45, 0xdf, 0xa3], webm),
        (Array("ID3".utf8), mp3),
        (Array("fLaC".utf8), flac),
        (Array("#!AMR".utf8), amr),
        (Array("GIF8".utf8), gif),
        (Array("ADIF".utf8), aac),
    ]

    // MARK: Detection

    /// Formats that name themselves inside a container.
    private static func detectContainer(_ head: [UInt8]) -> MediaFormat? {
        func text(_ range: Range<Int>) -> String {
            head.count >= range.upperBound ? String(decoding: head[range], as: UTF8.self) : ""
        }
        switch (text(0..<4), text(8..<12)) {
        case ("RIFF", "WEBP"): return webp
        case ("RIFF", "WAVE"), ("RF64", "WAVE"): return wav
        case ("FORM", "AIFF"), ("FORM", "AIFC"): return aiff
        case ("OggS", _): return String(decoding: head.prefix(64), as: UTF8.self).contains("OpusHead") ? opus : ogg
        default: break
        }
        // A bitmap's header says how long the header is; "BM" alone would also be the beginning of a sentence.
        if text(0..<2) == "BM", head.count >= 18, [12, 40, 52, 56, 64, 108, 124].contains(head[14]), head[15] == 0 {
            return bmp
        }
        return text(4..<8) == "ftyp" ? detectBrand(text(8..<12), compatible: text(16..<min(head.count, 64))) : nil
    }

    /// The members of the ISO media family, told apart by their brands.
    private static func detectBrand(_ major: String, compatible: String) -> MediaFormat {
        switch major {
        case "avif", "avis": return avif
        case "heic", "heix", "hevc", "hevx", "heim", "heis": return heic
        case "mif1", "msf1":
            if compatible.contains("avif") { return avif }
            return compatible.contains("hei") ? heic : heif
        case "M4A ", "M4B ", "M4P ": return m4a
        case "M4V ", "M4VH", "M4VP": return m4v
        case "qt  ": return mov
        default: return mp4
        }
    }

    /// Audio that begins right away with a frame.
    private static func detectFrames(_ head: [UInt8]) -> MediaFormat? {
        guard head.count >= 4, head[0] == 0xff else { return nil }
        // ADTS: twelve bits of sync, layer 0. MPEG audio: eleven bits of sync, layer III, neither a forbidden rate nor bit rate.
        if head[1] & 0xf6 == 0xf0 { return aac }
        let isLayer3 = head[1] & 0xe6 == 0xe2 && head[1] & 0x18 != 0x08
        return isLayer3 && head[2] & 0xf0 != 0xf0 && head[2] & 0x0c != 0x0c ? mp3 : nil
    }
}
