import Foundation

/// The extent to which a file of a known format is complete.
enum MediaExtent: Sendable, Comparable {
    /// A signature without any image or audio data.
    case headOnly
    /// The beginning of the image or audio without the end of the file.
    case cutOff
    /// The whole file, as far as its format shows. Bytes after the end are ignored.
    case whole

    /// Returns the extent of a file.
    ///
    /// - Parameter isEndWanted: Whether to search for the end of the file. `false` avoids reading a large photo to its end. Defaults
    ///   to `true`.
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
