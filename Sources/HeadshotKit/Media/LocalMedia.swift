import Foundation

/// A local photo or recording that has been looked at: it exists, can be read, and is of the kind it should be.
struct LocalMedia: Sendable {
    let source: MediaSource
    let kind: MediaKind
    /// The extension under which the service is to know it.
    let fileExtension: String
    let mimeType: String
    let size: Int64

    /// Looks at a source; nil where it is not a local one.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidMedia`` with what is wrong, before any network is touched.
    init?(_ source: MediaSource, as kind: MediaKind) throws {
        let (head, size, givenExtension): (Data, Int64, String?)
        switch source.storage {
        case .remote:
            return nil
        case .data(let data, let fileExtension):
            (head, size, givenExtension) = (data.prefix(MediaFormat.prefixLength), Int64(data.count), fileExtension)
        case .file(let file):
            (head, size) = try Self.look(at: file, kind)
            givenExtension = file.pathExtension.isEmpty ? nil : file.pathExtension
        }
        guard size > 0 else { throw Self.error(source, "is empty.", "Use a file with a \(Self.noun(kind)) in it.") }
        guard size <= kind.maximumBytes else {
            throw Self.error(
                source,
                "is \(size >> 20) MiB large, which is more than any \(Self.noun(kind)) should be.",
                "At most \(kind.maximumBytes >> 20) MiB are allowed."
            )
        }
        let format = try Self.format(of: source, head, givenExtension?.lowercased(), kind)
        (self.source, self.kind, self.size) = (source, kind, size)
        (fileExtension, mimeType) = format
    }

    private static func look(at file: URL, _ kind: MediaKind) throws -> (head: Data, size: Int64) {
        let source = MediaSource.file(file)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isDirectory) else {
            throw error(source, "does not exist.", "Check the path; it was looked for at exactly this place.")
        }
        guard !isDirectory.boolValue else {
            throw error(source, "is a folder.", "Name one \(noun(kind)) in it.")
        }
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            // A pipe or a device has no size to announce, and can be read but once.
            guard attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int64 else {
                throw error(source, "is not a regular file.", "Copy it to a file first.")
            }
            let handle = try FileHandle(forReadingFrom: file)
            defer { handle.closeFile() }
            return (try handle.read(upToCount: MediaFormat.prefixLength) ?? Data(), size)
        } catch let known as HeadshotKitError {
            throw known
        } catch {
            throw Self.error(source, "cannot be read.", "Check its permissions.", underlyingError: error)
        }
    }

    /// The format by the content, or by the name where the content does not tell.
    private static func format(
        of source: MediaSource,
        _ head: Data,
        _ givenExtension: String?,
        _ kind: MediaKind
    ) throws -> (fileExtension: String, mimeType: String) {
        let allowed = kind.fileExtensions
        if let format = MediaFormat.detect(head) {
            let usual = format.fileExtensions.first { allowed.contains($0) }
            guard let usual else {
                throw error(
                    source,
                    "is not \(article(kind)), but \(format.mimeType).",
                    "Allowed are \(allowed.joined(separator: ", "))."
                )
            }
            let isNamedRight =
                givenExtension.map { format.fileExtensions.contains($0) && allowed.contains($0) } ?? false
            return (isNamedRight ? givenExtension ?? usual : usual, format.mimeType)
        }
        let looksLike = describeUnknown(head)
        guard looksLike == nil, let givenExtension, allowed.contains(givenExtension) else {
            throw error(
                source,
                "is not \(article(kind))\(looksLike.map { ": it looks like \($0)" } ?? "").",
                "Allowed are \(allowed.joined(separator: ", "))."
            )
        }
        return (givenExtension, "application/octet-stream")
    }

    /// What people take for a photo by mistake.
    private static func describeUnknown(_ head: Data) -> String? {
        if head.starts(with: Data("%PDF".utf8)) { return "a PDF" }
        if head.starts(with: Data("PK\u{3}\u{4}".utf8)) { return "an archive or office document" }
        let isText = head.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
        guard isText else { return nil }
        let text = String(decoding: head.prefix(200), as: UTF8.self).lowercased()
        return text.contains("<svg") ? "an SVG drawing" : text.contains("<html") ? "a web page" : "text"
    }

    private static func noun(_ kind: MediaKind) -> String {
        switch kind {
        case .image: "photo"
        case .audio: "recording"
        default: "video"
        }
    }

    private static func article(_ kind: MediaKind) -> String { kind == .audio ? "a recording" : "a \(noun(kind))" }

    private static func error(
        _ source: MediaSource,
        _ what: String,
        _ advice: String,
        underlyingError: (any Error)? = nil
    ) -> HeadshotKitError {
        HeadshotKitError(.invalidMedia, "\(source) \(what) \(advice)", underlyingError: underlyingError)
    }
}
