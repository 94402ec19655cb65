/// A file format, detected from the content of a file.
struct MediaFormat: Hashable, Sendable {
    /// The file extensions of this format, with the most common one first.
    let fileExtensions: [String]
    let mimeType: String

    /// The number of bytes at the beginning of a file that detection reads.
    static let prefixLength = 4_100

    // MARK: Formats

    static let png = MediaFormat(fileExtensions: ["png"], mimeType: "image/png")
    static let jpeg = MediaFormat(fileExtensions: ["jpg", "jpeg", "jfif"], mimeType: "image/jpeg")
    static let heic = MediaFormat(fileExtensions: ["heic", "heif"], mimeType: "image/heic")
    static let heif = MediaFormat(fileExtensions: ["heif", "heic"], mimeType: "image/heif")
    static let webp = MediaFormat(fileExtensions: ["webp"], mimeType: "image/webp")
    static let avif = MediaFormat(fileExtensions: ["avif"], mimeType: "image/avif")
    static let jp2 = MediaFormat(fileExtensions: ["jp2"], mimeType: "image/jp2")
    static let tiff = MediaFormat(fileExtensions: ["tiff", "tif"], mimeType: "image/tiff")
    static let bmp = MediaFormat(fileExtensions: ["bmp"], mimeType: "image/bmp")
    static let gif = MediaFormat(fileExtensions: ["gif"], mimeType: "image/gif")
    static let mp3 = MediaFormat(fileExtensions: ["mp3"], mimeType: "audio/mpeg")
    static let wav = MediaFormat(fileExtensions: ["wav"], mimeType: "audio/wav")
    static let aac = MediaFormat(fileExtensions: ["aac"], mimeType: "audio/aac")
    static let flac = MediaFormat(fileExtensions: ["flac"], mimeType: "audio/flac")
    static let webm = MediaFormat(fileExtensions: ["webm", "weba"], mimeType: "video/webm")
    static let m4a = MediaFormat(fileExtensions: ["m4a"], mimeType: "audio/mp4")
    static let ogg = MediaFormat(fileExtensions: ["ogg", "oga", "opus"], mimeType: "audio/ogg")
    static let opus = MediaFormat(fileExtensions: ["opus", "ogg", "oga"], mimeType: "audio/opus")
    static let aiff = MediaFormat(fileExtensions: ["aiff"], mimeType: "audio/aiff")
    static let amr = MediaFormat(fileExtensions: ["amr"], mimeType: "audio/amr")
    static let mp4 = MediaFormat(fileExtensions: ["mp4", "m4a", "m4v"], mimeType: "video/mp4")
    static let m4v = MediaFormat(fileExtensions: ["m4v", "mp4"], mimeType: "video/x-m4v")
    static let mov = MediaFormat(fileExtensions: ["mov"], mimeType: "video/quicktime")

    static let all = [
        png, jpeg, heic, heif, webp, avif, jp2, tiff, bmp, gif, mp3, wav, aac, flac, webm, m4a, ogg, opus, aiff, amr,
        mp4,
        m4v, mov,
    ]
}
