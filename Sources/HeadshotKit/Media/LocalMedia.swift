import Foundation

/// A local photo or recording that has passed inspection: it exists, is readable, and is of the expected kind.
struct LocalMedia: Sendable {
    let source: MediaSource
    let kind: MediaKind
    /// The file extension to send to the service.
    let fileExtension: String
    let mimeType: String
    let size: Int64

    /// The version of the file at the time of inspection, or `nil` for bytes in memory.
    let version: FileVersion?

    /// Creates local media by inspecting a source, or returns `nil` if the source is remote.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidMedia`` with a description of the problem, before any network request.
    init?(_ source: MediaSource, as kind: MediaKind) throws {
        let bytes: MediaBytes
        var givenExtension: String?
        switch source.storage {
        case .remote:
            return nil
        case .data(let data, let fileExtension):
            (self.source, version) = (source, nil)
            (bytes, givenExtension) = (MediaBytes(data), fileExtension)
        case .file(let named):
            let (file, version, contents) = try Self.open(named, kind)
            (self.source, self.version) = (.file(file), version)
            (bytes, givenExtension) = (contents, named.pathExtension)
        }
        guard bytes.size > 0 else {
            throw Self.error(source, "is empty.", "Use a file with a \(Self.noun(kind)) in it.")
        }
        guard bytes.size <= kind.maximumBytes else {
            throw Self.error(
                source,
                "is \(bytes.size >> 20) MiB large, which is more than any \(Self.noun(kind)) should be.",
                "At most \(kind.maximumBytes >> 20) MiB are allowed."
            )
        }
        do {
            (fileExtension, mimeType) = try Self.format(of: source, bytes, givenExtension?.lowercased(), kind)
        } catch let error where !(error is HeadshotKitError) {
            throw Self.error(source, "cannot be read.", "Check its permissions.", underlyingError: error)
        }
        (self.kind, size) = (kind, bytes.size)
    }

    /// The source, for a request body that contains it as base64.
    var inline: MediaSource {
        var source = source
        source.allowsInline = true
        source.version = version
        return source
    }

    /// Whether the file is still the version that was inspected.
    var isUnchanged: Bool {
        guard case .file(let file) = source.storage, let version else { return true }
        return FileVersion(of: file) == version
    }

    /// Throws if the file is no longer the version that was inspected.
    func checkUnchanged() throws {
        if !isUnchanged { throw Self.changed(source) }
    }

    /// Returns the error for a file that differs from the inspected file.
    static func changed(_ source: MediaSource) -> HeadshotKitError {
        error(
            source,
            "changed while it was being uploaded.",
            "Wait until the file no longer changes, then try again. Nothing was charged."
        )
    }

    /// Opens a regular file, following symbolic links.
    static func open(_ named: URL, _ kind: MediaKind) throws -> (URL, FileVersion, MediaBytes) {
        let source = MediaSource.file(named)
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: named.path, isDirectory: &isDirectory) else {
            throw error(source, "does not exist.", "Check the path.")
        }
        guard !isDirectory.boolValue else {
            throw error(source, "is a directory.", "Choose one \(noun(kind)) in the directory.")
        }
        let file = named.resolvingSymlinksInPath()
        // A pipe or device has no size to announce and can be read only once.
        guard let version = FileVersion(of: file) else {
            throw error(source, "is not a regular file.", "Copy it to a file first.")
        }
        do {
            return (file, version, try MediaBytes(file))
        } catch {
            throw Self.error(source, "cannot be read.", "Check its permissions.", underlyingError: error)
        }
    }

    /// Returns the format of the content. The name only selects one of the format's extensions.
    private static func format(
        of source: MediaSource,
        _ bytes: MediaBytes,
        _ givenExtension: String?,
        _ kind: MediaKind
    ) throws -> (fileExtension: String, mimeType: String) {
        let allowed = kind.fileExtensions
        let advice = "Use one of these formats: \(allowed.joined(separator: ", "))."
        if let mistake = try CommonMistake.of(bytes, givenExtension) {
            throw error(
                source,
                "is not \(article(kind)): it looks like \(mistake.description).",
                mistake.advice ?? advice
            )
        }
        guard let format = try MediaFormat.detect(bytes) else {
            throw error(source, "is not \(article(kind)): its format is unknown.", advice)
        }
        guard let usual = format.fileExtensions.first(where: { allowed.contains($0) }) else {
            throw error(source, "is not \(article(kind)), but \(format.mimeType).", advice)
        }
        guard try MediaExtent.of(bytes, format, isEndWanted: false) > .headOnly else {
            throw error(
                source,
                "is truncated or damaged. It begins as \(format.mimeType) but contains no \(noun(kind)).",
                "Export or copy it again."
            )
        }
        let isNamedRight = givenExtension.map { format.fileExtensions.contains($0) && allowed.contains($0) } ?? false
        return (isNamedRight ? givenExtension ?? usual : usual, format.mimeType)
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
