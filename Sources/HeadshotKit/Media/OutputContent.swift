import Foundation

/// What came for an output: it is judged before it gets its final name.
enum OutputContent: Equatable, Sendable {
    /// A whole file of a known format.
    case whole
    /// The beginning of one.
    case cutOff
    /// Text in whatever encoding, which is never an output, or nothing at all.
    case text
    /// Bytes of no known format, which may be a new one.
    case unknown

    static func of(_ file: URL) throws -> OutputContent {
        let bytes = try MediaBytes(ownFile: file)
        if let format = try MediaFormat.detect(bytes) {
            return try MediaExtent.of(bytes, format) == .whole ? .whole : .cutOff
        }
        return try TextContent.isText(bytes.read(0, MediaFormat.prefixLength)) ? .text : .unknown
    }
}
