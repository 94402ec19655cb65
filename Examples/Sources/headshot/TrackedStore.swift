import Foundation
import HeadshotKit

/// The store of one command: it keeps jobs in a folder, or nowhere, and always knows the record of the job at hand.
///
/// The record is what tells whether a create was on its way when something went wrong: it is there from just before the
/// request is sent until the job is delivered, or is known not to exist.
final class TrackedStore: JobStore, @unchecked Sendable {
    // Unchecked, because the compiler cannot see that `lock` guards all that changes.
    private let lock = NSLock()
    private let directory: URL?
    private var folder: FileJobStore?
    private var latest: JobRecord?

    /// A store that opens with the first use of it.
    ///
    /// - Parameters:
    ///   - directory: Where jobs are kept; nil for nowhere.
    ///   - record: The record of the job at hand, where there is one already.
    init(directory: URL?, record: JobRecord? = nil) {
        self.directory = directory
        latest = record
    }

    /// The record of the job at hand; nil where there is none, or none any more.
    var record: JobRecord? { lock.withLock { latest } }

    /// The same record, if another process could find it.
    var keptRecord: JobRecord? { directory == nil ? nil : record }

    /// Shows that jobs can be kept, before anything is sent.
    @discardableResult
    func open() throws -> FileJobStore? {
        guard let directory else { return nil }
        return try lock.withLock {
            if let folder { return folder }
            do {
                let opened = try FileJobStore(directory: directory)
                folder = opened
                return opened
            } catch {
                throw AdvisedError(
                    cause: error,
                    advice: "HEADSHOT_STORE=DIR keeps jobs elsewhere; --no-store keeps none."
                )
            }
        }
    }

    func save(_ record: JobRecord) throws {
        try open()?.save(record)
        lock.withLock { latest = record }
    }

    func remove(_ id: UUID) throws {
        try open()?.remove(id)
        lock.withLock { if latest?.id == id { latest = nil } }
    }

    func contents() throws -> JobStoreContents {
        try open()?.contents() ?? JobStoreContents(records: record.map { [$0] } ?? [])
    }

    func record(_ id: UUID) throws -> JobRecord? {
        guard let folder = try open() else { return record?.id == id ? record : nil }
        return try folder.record(id)
    }

    func record(for job: JobHandle) async throws -> JobRecord? {
        guard let folder = try open() else { return nil }
        return try await folder.record(for: job)
    }

    func claim(_ id: UUID) throws -> (any JobClaim)? { try open()?.claim(id) }
}

extension TrackedStore {
    /// The folder in which the tool keeps jobs: what `HEADSHOT_STORE` says, or the user's folder for data.
    static func usualDirectory(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        if let chosen = environment["HEADSHOT_STORE"], !chosen.isEmpty {
            return URL(fileURLWithPath: (chosen as NSString).expandingTildeInPath, isDirectory: true)
        }
        let home =
            environment["HOME"].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
            ?? FileManager.default.homeDirectoryForCurrentUser
        #if os(macOS)
        return home.appendingPathComponent("Library/Application Support/HeadshotKit/Jobs", isDirectory: true)
        #else
        // A relative path is to be ignored, says the specification.
        let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
        return (data ?? home.appendingPathComponent(".local/share"))
            .appendingPathComponent("headshotkit/jobs", isDirectory: true)
        #endif
    }

    /// Where jobs are kept, for `--help`.
    static let help = """
        A job is kept in a folder from just before it is created until it is delivered, so that it is not lost with this \
        process: headshot jobs lists those that are left, and headshot resume finishes them. The folder is HEADSHOT_STORE, or \
        else headshotkit/jobs in $XDG_DATA_HOME or ~/.local/share (on a Mac, ~/Library/Application Support/HeadshotKit/Jobs). \
        It holds no key and no signed link.
        """
}
