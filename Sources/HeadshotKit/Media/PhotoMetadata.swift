public import Foundation

/// Removes private metadata from photos: location, camera, owner, dates, comments, and embedded thumbnails.
///
/// The supported formats are JPEG, PNG, WebP, HEIC, AVIF, and GIF. The compressed image data is copied byte for byte. The orientation,
/// the color profile, and the animation stay. Removal is idempotent: the metadata of a photo without private metadata does not change.
///
/// - JPEG: Exif, XMP, IPTC, comments, thumbnails, and every byte after the end of the image are removed, such as the gain map of an
///   HDR photo and the video of a motion photo.
/// - PNG, WebP, and GIF: text, dates, Exif, XMP, unknown chunks, and every byte after the end of the image are removed.
/// - HEIC and AVIF: Exif, XMP, unknown boxes, and data that belongs to no image are overwritten in place, so the size does not change. Exif keeps its orientation.
///   Thumbnails, depth maps, and gain maps are images and stay. The messages inside the compressed image data stay too.
///
/// A photo that cannot be parsed with certainty is rejected. It is never returned unchanged.
public enum PhotoMetadata {
    /// Returns a photo without its private metadata.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidMedia`` if the photo is truncated, damaged, or of another format.
    public static func remove(from data: Data) throws -> Data {
        let bytes = MediaBytes(data)
        return try withReadErrors(of: .data(data)) {
            var result = Data(capacity: data.count)
            try PhotoMetadataRewrite(of: bytes).forEachChunk(of: bytes) { result.append(contentsOf: $0) }
            return result
        }
    }

    /// Writes a photo without its private metadata to a new file. The photo is never loaded into memory as a whole.
    ///
    /// The destination appears only when it is complete. It has the permissions of the original, and the same format.
    ///
    /// - Parameters:
    ///   - file: The photo. It does not change.
    ///   - destination: The new file, in a directory that exists. An existing file is never replaced.
    /// - Throws: ``HeadshotKitError/Code/invalidMedia`` if the photo cannot be read, or is truncated, damaged, or of another format.
    ///   ``HeadshotKitError/Code/fileSystem`` if the destination exists or cannot be written.
    public static func remove(from file: URL, to destination: URL) throws {
        let copy = try PhotoMetadataCopy(of: file)
        // `AtomicFileWriter.isTemporary` knows this name.
        let temporary = destination.deletingLastPathComponent()
            .appendingPathComponent(".photo.\(UUID().uuidString).tmp")
        defer { unlink(temporary.path) }
        let output = try withWriteErrors(at: destination) { try create(temporary, like: copy.original) }
        try copy.write { data in try withWriteErrors(at: destination) { try output.write(contentsOf: data) } }
        try withWriteErrors(at: destination) {
            try output.close()
            try AtomicFileWriter.sync(temporary)
            guard try OutputFile.move(temporary, withoutReplacing: destination) else { throw POSIXError(.EEXIST) }
        }
    }

    /// Creates a file with the permissions of another file.
    private static func create(_ file: URL, like original: URL) throws -> FileHandle {
        var status = stat()
        try check(stat(original.path, &status))
        let descriptor = try check(
            open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, status.st_mode & 0o666 | 0o600)
        )
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Runs a step that reads the photo, and names the photo in the errors.
    fileprivate static func withReadErrors<Value>(of source: MediaSource, _ step: () throws -> Value) throws -> Value {
        do { return try step() } catch let rejection as PhotoMetadataRejection {
            throw Self.rejection(of: source, rejection)
        } catch let error where !(error is HeadshotKitError) {
            throw HeadshotKitError(
                .invalidMedia,
                "\(source) cannot be read: \(error.systemReason). Check its permissions.",
                underlyingError: error
            )
        }
    }

    fileprivate static func rejection(of source: MediaSource, _ rejection: PhotoMetadataRejection) -> HeadshotKitError {
        HeadshotKitError(
            .invalidMedia,
            "The metadata of \(source) cannot be removed: \(rejection.problem). Metadata can be removed from complete JPEG, PNG, "
                + "WebP, HEIC, AVIF, and GIF photos. \(rejection.advice)"
        )
    }

    /// Runs a step that writes the destination, and names the destination in the errors.
    private static func withWriteErrors<Value>(at destination: URL, _ step: () throws -> Value) throws -> Value {
        do { return try step() } catch {
            let exists = (error as? POSIXError)?.code == .EEXIST
            throw HeadshotKitError(
                .fileSystem,
                exists
                    ? "\(destination.path) already exists. Remove it, or choose another name."
                    : "\(destination.path) cannot be written: \(error.systemReason). Choose another directory.",
                underlyingError: error
            )
        }
    }
}

/// A photo file without its private metadata, which is written in pieces.
struct PhotoMetadataCopy {
    /// The file without symbolic links.
    let original: URL
    private let source: MediaSource
    private let version: FileVersion
    private let bytes: MediaBytes
    private let rewrite: PhotoMetadataRewrite

    private static let changed = PhotoMetadataRejection(
        "the file changed while it was being read",
        advice: "Wait until the file no longer changes, then try again."
    )

    init(of file: URL) throws {
        let source = MediaSource.file(file)
        let (original, version, bytes) = try LocalMedia.open(file, .image)
        rewrite = try PhotoMetadata.withReadErrors(of: source) { try PhotoMetadataRewrite(of: bytes) }
        (self.source, self.original, self.version, self.bytes) = (source, original, version, bytes)
    }

    /// Passes the photo to a closure, in pieces of bounded size. The closure throws only ``HeadshotKitError``.
    func write(_ append: (Data) throws -> Void) throws {
        try PhotoMetadata.withReadErrors(of: source) { try rewrite.forEachChunk(of: bytes) { try append(Data($0)) } }
        guard FileVersion(of: original) == version else { throw PhotoMetadata.rejection(of: source, Self.changed) }
    }
}

/// The reason that the metadata of a photo cannot be removed.
struct PhotoMetadataRejection: Error {
    /// The problem, as a clause that follows a colon.
    let problem: String
    let advice: String

    init(_ problem: String, advice: String = "Export the photo again as JPEG or PNG, or use another photo.") {
        (self.problem, self.advice) = (problem, advice)
    }
}
