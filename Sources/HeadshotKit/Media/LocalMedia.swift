import Foundation

/// A local photo or recording that has passed inspection: it exists, is readable, and is of the expected kind.
struct LocalMedia: Sendable {
    /// The source of the bytes to send.
    let source: MediaSource
    /// The source that the caller named, for messages.
    let name: String
    let kind: MediaKind
    /// The file extension to send to the service.
    private(set) var fileExtension: String
    let mimeType: String
    let size: Int64

    /// The version of the file at the time of inspection, or `nil` for bytes in memory.
    let version: FileVersion?

    /// Creates local media by inspecting a source, or returns `nil` if the source is remote.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidMedia`` with a description of the problem, before any network request.
    init?(_ source: MediaSource, as kind: MediaKind) throws {
        guard source.isLocal else { return nil }
        try self.init(local: source, as: kind, named: source.description)
    }

    private init(local source: MediaSource, as kind: MediaKind, named name: String) throws {
        let bytes: MediaBytes
        var givenExtension: String?
        switch source.storage {
        case .remote:
            throw Self.error(name, "is not local.", "Use a local file.")
        case .data(let data, let fileExtension):
            (self.source, version) = (source, nil)
            (bytes, givenExtension) = (MediaBytes(data), fileExtension)
        case .file(let named):
            let (file, version, contents) = try Self.open(named, kind)
            (self.source, self.version) = (.file(file), version)
            (bytes, givenExtension) = (contents, named.pathExtension)
        }
        guard bytes.size > 0 else {
            throw Self.error(name, "is empty.", "Use a file with a \(Self.noun(kind)) in it.")
        }
        guard bytes.size <= kind.maximumBytes else {
            throw Self.error(
                name,
                "is \(bytes.size >> 20) MiB large, which is more than any \(Self.noun(kind)) should be.",
                "At most \(kind.maximumBytes >> 20) MiB are allowed."
            )
        }
        do {
            (fileExtension, mimeType) = try Self.format(of: name, bytes, givenExtension?.lowercased(), kind)
        } catch let error where !(error is HeadshotKitError) {
            throw Self.error(name, "cannot be read.", "Check its permissions.", underlyingError: error)
        }
        (self.name, self.kind, size) = (name, kind, bytes.size)
    }

    /// The source, for a request body that contains it as base64.
    var inline: MediaSource {
        var source = source
        source.allowsInline = true
        source.version = version
        return source
    }

    /// Returns a photo without its private metadata, after the same inspection. Returns a recording or video unchanged.
    ///
    /// - Parameter copy: The file to create for the photo. It is not created for a photo in memory.
    func removePhotoMetadata(into copy: TemporaryFile) throws -> LocalMedia {
        guard kind == .image else { return self }
        let clean: MediaSource
        switch source.storage {
        case .remote: return self
        case .data(let data, let fileExtension):
            clean = .data(try PhotoMetadata.remove(from: data), fileExtension: fileExtension)
        case .file(let file):
            let photo = try PhotoMetadataCopy(of: file)
            try copy.write(photo.write)
            clean = .file(copy.url)
        }
        var photo = try LocalMedia(local: clean, as: kind, named: name)
        // The copy's name says nothing about the format.
        if photo.mimeType == mimeType { photo.fileExtension = fileExtension }
        return photo
    }

    /// Returns what the headers of the media state.
    func info() throws -> MediaInfo {
        try read { bytes, format in
            MediaInfo(
                mimeType: mimeType,
                byteCount: size,
                pixelSize: try format.flatMap { try PixelSize.of(bytes, $0) },
                duration: try format.flatMap { try MediaDuration.of(bytes, $0) }
            )
        }
    }

    /// Returns the width and height that the header of a photo states. Returns `nil` for other media.
    func pixelSize() throws -> PixelSize? {
        try read { bytes, format in try format.flatMap { try PixelSize.of(bytes, $0) } }
    }

    private func read<Value>(_ body: (MediaBytes, MediaFormat?) throws -> Value) throws -> Value {
        do {
            let bytes: MediaBytes
            switch source.storage {
            case .file(let file): bytes = try MediaBytes(file)
            case .data(let data, _): bytes = MediaBytes(data)
            case .remote: bytes = MediaBytes(Data())
            }
            return try body(bytes, try MediaFormat.detect(bytes))
        } catch {
            throw Self.error(name, "cannot be read.", "Check its permissions.", underlyingError: error)
        }
    }

    /// Whether the file is still the version that was inspected.
    var isUnchanged: Bool {
        guard case .file(let file) = source.storage, let version else { return true }
        return FileVersion(of: file) == version
    }

    /// Throws if the file is no longer the version that was inspected.
    func checkUnchanged() throws {
        if !isUnchanged { throw Self.changed(name) }
    }

    /// Returns the error for a file that differs from the inspected file.
    static func changed(_ name: String) -> HeadshotKitError {
        error(
            name,
            "changed while it was being uploaded.",
            "Wait until the file no longer changes, then try again. Nothing was charged."
        )
    }

    /// Opens a regular file, following symbolic links.
    static func open(_ named: URL, _ kind: MediaKind) throws -> (URL, FileVersion, MediaBytes) {
        let name = named.path
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: named.path, isDirectory: &isDirectory) else {
            throw error(name, "does not exist.", "Check the path.")
        }
        guard !isDirectory.boolValue else {
            throw error(name, "is a directory.", "Choose one \(noun(kind)) in the directory.")
        }
        let file = named.resolvingSymlinksInPath()
        // A pipe or device has no size to announce and can be read only once.
        guard let version = FileVersion(of: file) else {
            throw error(name, "is not a regular file.", "Copy it to a file first.")
        }
        do {
            return (file, version, try MediaBytes(file))
        } catch {
            throw Self.error(name, "cannot be read.", "Check its permissions.", underlyingError: error)
        }
    }

    /// Returns the format of the content. The name only selects one of the format's extensions.
    private static func format(
        of name: String,
        _ bytes: MediaBytes,
        _ givenExtension: String?,
        _ kind: MediaKind
    ) throws -> (fileExtension: String, mimeType: String) {
        let allowed = kind.fileExtensions
        let advice = "Use one of these formats: \(allowed.joined(separator: ", "))."
        if let mistake = try CommonMistake.of(bytes, givenExtension) {
            throw error(
                name,
                "is not \(article(kind)): it looks like \(mistake.description).",
                mistake.advice ?? advice
            )
        }
        guard let format = try MediaFormat.detect(bytes) else {
            throw error(name, "is not \(article(kind)): its format is unknown.", advice)
        }
        guard let usual = format.fileExtensions.first(where: { allowed.contains($0) }) else {
            throw error(name, "is not \(article(kind)), but \(format.mimeType).", advice)
        }
        guard try MediaExtent.of(bytes, format, isEndWanted: false) > .headOnly else {
            throw error(
                name,
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
        _ name: String,
        _ what: String,
        _ advice: String,
        underlyingError: (any Error)? = nil
    ) -> HeadshotKitError {
        HeadshotKitError(.invalidMedia, "\(name) \(what) \(advice)", underlyingError: underlyingError)
    }
}
