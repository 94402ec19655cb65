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

    /// The file extensions that the services take for this kind.
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
