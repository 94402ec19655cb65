import Foundation

/// The content of a downloaded output, which is checked before the file gets its final name.
enum OutputContent: Equatable, Sendable {
    /// A whole file of a known format.
    case whole
    /// The beginning of a file of a known format.
    case cutOff
    /// An empty file, or text in any encoding. Text is never an output.
    case text
    /// Bytes of an unknown format, which may be a new one.
    case unknown

    static func of(_ file: URL) throws -> OutputContent {
        let bytes = try MediaBytes(ownFile: file)
        if let format = try MediaFormat.detect(bytes) {
            return try MediaExtent.of(bytes, format) == .whole ? .whole : .cutOff
        }
        return try TextContent.isText(bytes.read(0, MediaFormat.prefixLength)) ? .text : .unknown
    }
}
