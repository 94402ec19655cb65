import Foundation

/// How much of a file of a known format is there.
enum MediaExtent: Sendable, Comparable {
    /// A signature, and nothing behind it that could be seen or heard.
    case headOnly
    /// The beginning of the picture or sound, but not the end of the file.
    case cutOff
    /// All of it, as far as its format tells. What stands behind the end does no harm.
    case whole

    /// Reads how much is there.
    ///
    /// - Parameter isEndWanted: Whether to look for the end of the file. A large photo is not read through for less.
    static func of(_ bytes: MediaBytes, _ format: MediaFormat, isEndWanted: Bool = true) throws -> MediaExtent {
        switch format {
        case .png: try png(bytes)
        case .jpeg: try jpeg(bytes, isEndWanted)
        case .gif: try gif(bytes)
        case .webp, .wav: try riff(bytes, format)
        case .aiff: try aiff(bytes)
        case .bmp: try bitmap(bytes)
        case .tiff: try TIFF(bytes)?.extent() ?? .headOnly
        case .jp2: try jpeg2000(bytes)
        case .heic, .heif, .avif: try boxes(bytes, header: ["meta"], contents: ["mdat"])
        case .mp4, .m4v, .mov, .m4a: try boxes(bytes, header: ["moov", "moof"], contents: ["mdat"])
        case .webm: try matroska(bytes)
        case .ogg, .opus: try ogg(bytes, isEndWanted)
        case .mp3: try frames(bytes)
        default: bytes.size > 16 ? .whole : .headOnly
        }
    }
}
