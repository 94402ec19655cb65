/// The kind of media that a file is expected to contain.
public struct MediaKind: OpenEnum {
    /// The raw string that the API uses.
    public let rawValue: String
    /// Creates a kind from the raw string that the API uses.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A photo or other image: png, jpg, jpeg, jfif, heic, heif, webp, avif, jp2, tiff, tif, or bmp.
    public static let image: MediaKind = "image"
    /// A recording: mp3, wav, aac, flac, webm, weba, m4a, opus, ogg, oga, aiff, or amr.
    public static let audio: MediaKind = "audio"
    /// A video: mp4, m4v, mov, or webm.
    public static let video: MediaKind = "video"

    /// The file extensions that the services accept for this kind.
    public var fileExtensions: [String] {
        switch self {
        case .image: ["png", "jpg", "jpeg", "jfif", "heic", "heif", "webp", "avif", "jp2", "tiff", "tif", "bmp"]
        case .audio: ["mp3", "wav", "aac", "flac", "webm", "weba", "m4a", "opus", "ogg", "oga", "aiff", "amr"]
        case .video: ["mp4", "m4v", "mov", "webm"]
        default: []
        }
    }

    /// The largest accepted size, in bytes. A larger file is probably a mistake.
    var maximumBytes: Int64 {
        switch self {
        case .image: 200 << 20
        case .audio: 1 << 30
        default: 8 << 30
        }
    }
}
