import Foundation
import HeadshotKit

/// The job store of one command. It keeps jobs in a directory or not at all, and always has the record of the current job.
///
/// The record shows whether a create request was in flight when an error occurred. It exists from just before the request
/// is sent until the job is delivered or is known not to exist.
final class TrackedStore: JobStore, @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state.
    private let lock = NSLock()
    private let directory: URL?
    /// Whether the command can run without a store.
    private let isOptional: Bool
    private var store: FileJobStore?
    private var latest: JobRecord?

    /// Creates a store that is opened at its first use.
    ///
    /// - Parameters:
    ///   - directory: The directory that keeps jobs. `nil` keeps none.
    ///   - record: The record of the current job, if there is one already.
    ///   - isOptional: Whether the command has the option `--no-store`.
    init(directory: URL?, record: JobRecord? = nil, isOptional: Bool = false) {
        self.directory = directory
        self.isOptional = isOptional
        latest = record
    }

    /// The record of the current job. `nil` if there is none, or if it was removed.
    var record: JobRecord? { lock.withLock { latest } }

    /// The record of the current job. `nil` if another process could not find it.
    var keptRecord: JobRecord? { directory == nil ? nil : record }

    /// Opens the directory, so that an unusable one is found before any request is sent.
    @discardableResult
    func open() throws -> FileJobStore? {
        guard let directory else { return nil }
        return try lock.withLock {
            if let store { return store }
            do {
                let opened = try FileJobStore(directory: directory)
                store = opened
                return opened
            } catch {
                throw AdvisedError(cause: error, advice: advice)
            }
        }
    }

    /// The advice about a directory that cannot be used.
    private var advice: String {
        isOptional
            ? "Set HEADSHOT_STORE to another directory, or use --no-store to store no jobs."
            : "Make the directory readable and writable, or set HEADSHOT_STORE to the directory of your jobs."
    }

    /// Replaces the library's advice in an error of the store, which names no options of the tool.
    private func withAdvice<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch var error as HeadshotKitError {
            error.advice = advice
            throw error
        }
    }

    func save(_ record: JobRecord) async throws {
        try await withAdvice { try await open()?.save(record) }
        lock.withLock { latest = record }
    }

    func remove(_ id: UUID) async throws {
        try await withAdvice { try await open()?.remove(id) }
        lock.withLock { if latest?.id == id { latest = nil } }
    }

    func record(_ id: UUID) async throws -> JobRecord? {
        guard let store = try open() else { return record?.id == id ? record : nil }
        do { return try await store.record(id) } catch var error as HeadshotKitError {
            error.advice = "To list the files that cannot be read, run: \(Program.name) jobs"
            throw error
        }
    }

    func record(for job: JobHandle) async throws -> JobRecord? {
        guard let store = try open() else { return nil }
        return try await store.record(for: job)
    }

    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] {
        try await open()?.records(of: service, reference: reference) ?? []
    }

    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        try await open()?.records(after: id, limit: limit) ?? []
    }

    func claim(_ id: UUID) async throws -> (any JobClaim)? {
        guard let store = try open() else { return NoClaim() }
        return try await withAdvice { try await store.claim(id) }
    }

    /// The claim on a job that no other process can know.
    private struct NoClaim: JobClaim {
        func release() async {}
    }
}

extension TrackedStore {
    /// Returns the directory in which the tool keeps jobs: `HEADSHOT_STORE`, or a directory in the user's data directory.
    static func defaultDirectory(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> URL {
        if let chosen = environment["HEADSHOT_STORE"], !chosen.isEmpty {
            return URL(fileURLWithPath: (chosen as NSString).expandingTildeInPath, isDirectory: true)
        }
        let home =
            environment["HOME"].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
            ?? FileManager.default.homeDirectoryForCurrentUser
        #if os(macOS)
        return home.appendingPathComponent("Library/Application Support/HeadshotKit/Jobs", isDirectory: true)
        #else
        // The XDG specification requires relative paths to be ignored.
        let data = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
        return (data ?? home.appendingPathComponent(".local/share"))
            .appendingPathComponent("headshotkit/jobs", isDirectory: true)
        #endif
    }

    /// The description of the job store, for `--help`.
    static let help = """
        The tool stores a job from just before its creation until its delivery, so that the job is not lost if the process ends. \
        headshot jobs lists the stored jobs, and headshot resume finishes them. The store is the directory HEADSHOT_STORE, or \
        else headshotkit/jobs in $XDG_DATA_HOME or ~/.local/share (on a Mac, ~/Library/Application Support/HeadshotKit/Jobs). \
        The store contains no keys and no signed URLs.
        """
}
