import Foundation

/// A kind of file that is often mistaken for a photo or recording.
struct CommonMistake {
    let description: String
    /// The remedy, or `nil` if using another format is enough.
    var advice: String?

    /// Returns the mistake that a file's content matches, or `nil` if the file may be media.
    static func of(_ bytes: MediaBytes, _ givenExtension: String?) throws -> CommonMistake? {
        let head = try bytes.read(0, MediaFormat.prefixLength)
        if let (_, mistake) = signatures.first(where: { head.starts(with: $0.0) }) { return mistake }
        if String(decoding: head.dropFirst(4).prefix(8), as: UTF8.self) == "ftypcrx " { return raw }
        if head.allSatisfy({ $0 == 0 }) {
            return CommonMistake(
                description: "a file that contains only zeros",
                advice: "Copy it again."
            )
        }
        let format = try MediaFormat.detect(bytes)
        if format == .tiff {
            let isNamedRaw = givenExtension.map { rawExtensions.contains($0) } ?? false
            return try isNamedRaw || TIFF(bytes)?.isCameraRaw() == true ? raw : nil
        }
        guard format == nil else { return nil }
        if let givenExtension, rawExtensions.contains(givenExtension) { return raw }
        if head.starts(with: [0x1a, 0x45, 0xdf, 0xa3]) {
            return CommonMistake(
                description: "a Matroska (mkv) video, which is not WebM",
                advice: "Convert it to mp4 or webm."
            )
        }
        if head.starts(with: [0xff, 0xd8, 0xff, 0xf7]) {
            return CommonMistake(description: "JPEG-LS", advice: "Convert it to PNG or JPEG.")
        }
        guard TextContent.isText(head) else { return nil }
        let text = String(decoding: head.prefix(400), as: UTF8.self).lowercased()
        if text.contains("<svg") { return CommonMistake(description: "an SVG drawing") }
        return CommonMistake(description: text.contains("<html") ? "a web page" : "text")
    }

    private static let raw = CommonMistake(
        description: "a camera's raw photo",
        advice: "Export it from a photo app as JPEG or PNG."
    )

    private static let rawExtensions: Set<String> = [
        "dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "sr2", "srf", "orf", "rw2", "raf", "pef", "srw", "x3f", "3fr",
        "iiq", "mrw", "kdc", "dcr", "erf", "mef", "mos", "rwl", "fff", "gpr", "raw",
    ]

    private static let signatures: [([UInt8], CommonMistake)] = [
        (Array("%PDF".utf8), CommonMistake(description: "a PDF")),
        (Array("PK\u{3}\u{4}".utf8), CommonMistake(description: "an archive or office document")),
        ([0x00, 0x05, 0x16, 0x07], besidePhoto),
        ([0x00, 0x05, 0x16, 0x00], besidePhoto),
        (
            Array("bplist".utf8),
            CommonMistake(
                description: "a placeholder of iCloud or a property list",
                advice: "Download the file first: open it in Files or Finder."
            )
        ),
        (Array("IIRO".utf8), raw),
        (Array("IIRS".utf8), raw),
        (Array("MMOR".utf8), raw),
        (Array("IIU\0".utf8), raw),
        (Array("FUJIFILMCCD-RAW".utf8), raw),
        (Array("FOVb".utf8), raw),
        (Array("\0MRM".utf8), raw),
        ([0x49, 0x49, 0x1a, 0x00, 0x00, 0x00] + Array("HEAPCCDR".utf8), raw),
    ]

    private static let besidePhoto = CommonMistake(
        description: "a macOS metadata file (AppleDouble)",
        advice: "Use the file of the same name without “._” before it."
    )
}
