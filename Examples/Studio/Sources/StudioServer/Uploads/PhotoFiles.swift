import Foundation
import HeadshotKit
import NIOPosix

/// The directories of the photos and headshots.
///
/// Every path consists of ids and of names that the studio chose, never of a name that a caller sent.
struct PhotoFiles: Sendable {
    private let headshots: URL
    private let uploads: URL

    /// The time after which an upload without a request, or a directory without a row, is removed. Another process may be writing a
    /// newer one.
    private static let maximumAge: TimeInterval = 3_600

    /// Creates the directories, and removes the uploads that dead processes left.
    init(in directory: URL) throws {
        headshots = directory.appendingPathComponent("headshots", isDirectory: true)
        uploads = directory.appendingPathComponent("uploads", isDirectory: true)
        for directory in [headshots, uploads] {
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        for file in try Self.oldFiles(in: uploads) { try Self.remove(file) }
    }

    /// Removes the directories of the headshots that have no row, because their process died before it created the row.
    func removeAbandoned(by table: HeadshotTable) async throws {
        let old = try await offPool {
            try Self.oldFiles(in: headshots).compactMap { UUID(uuidString: $0.lastPathComponent) }
        }
        let existing = try await table.idsWithRow(among: old)
        // A database with none of the rows may be that of another directory.
        guard !existing.isEmpty else { return }
        for id in old where !existing.contains(id) { try await remove(id) }
    }

    private static func oldFiles(in directory: URL) throws -> [URL] {
        let keys: Set<URLResourceKey> = [.contentModificationDateKey]
        return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: Array(keys))
            .filter {
                do {
                    let date = try $0.resourceValues(forKeys: keys).contentModificationDate ?? Date()
                    return date.timeIntervalSinceNow < -maximumAge
                } catch CocoaError.fileNoSuchFile, CocoaError.fileReadNoSuchFile {
                    // Another process removed it.
                    return false
                }
            }
    }

    private static func remove(_ file: URL) throws {
        do { try FileManager.default.removeItem(at: file) } catch CocoaError.fileNoSuchFile { return }
    }

    /// Returns the directory of a headshot.
    func directory(of id: UUID) -> URL { headshots.appendingPathComponent(id.uuidString, isDirectory: true) }

    /// Returns a file of a headshot.
    func file(_ name: String, of id: UUID) -> URL { directory(of: id).appendingPathComponent(name) }

    /// Runs a body with a new directory for the files of a request, and removes the directory.
    func withUploadDirectory<Value: Sendable>(_ body: (URL) async throws -> Value) async throws -> Value {
        let directory = uploads.appendingPathComponent(UUID().uuidString, isDirectory: true)
        try await offPool {
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
        }
        do {
            let value = try await body(directory)
            try await offPool { try FileManager.default.removeItem(at: directory) }
            return value
        } catch {
            try await offPool { try FileManager.default.removeItem(at: directory) }
            throw error
        }
    }

    /// Saves an uploaded photo without its metadata as that of a new headshot.
    ///
    /// - Returns: The file name of the photo.
    /// - Throws: `HeadshotKitError` with the code `invalidMedia` if the file is not a photo whose metadata can be removed.
    func save(_ upload: URL, as id: UUID) async throws -> String {
        try await offPool {
            let info = try MediaSource.file(upload).check(as: .image)
            let name = "photo.\(info?.mimeType.split(separator: "/").last ?? "jpeg")"
            try FileManager.default.createDirectory(
                at: directory(of: id),
                withIntermediateDirectories: false,
                attributes: [.posixPermissions: 0o700]
            )
            try PhotoMetadata.remove(from: upload, to: file(name, of: id))
            return name
        }
    }

    /// Removes the files of a headshot, if there are any.
    func remove(_ id: UUID) async throws {
        try await offPool { try Self.remove(directory(of: id)) }
    }
}

/// Runs a blocking body on a thread outside the cooperative pool, even if the calling task is canceled.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    // The pool does not run the body of a canceled task, which may close or remove a file.
    try await Task { try await NIOThreadPool.singleton.runIfActive(body) }.value
}
