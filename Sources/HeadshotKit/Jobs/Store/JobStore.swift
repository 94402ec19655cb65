public import Foundation

/// Where jobs are kept while they are not delivered, so that none that was paid for is lost with the process.
///
/// ``FileJobStore`` is the one that ships. Hand one to ``ClientConfiguration/jobStore``.
public protocol JobStore: Sendable {
    /// Keeps a record, in place of what is kept under its id. When this returns, the record outlasts a crash of the machine.
    ///
    /// - Throws: Any error. Before a create, it keeps the create from being sent.
    func save(_ record: JobRecord) async throws

    /// Forgets a record; one that is not there is no error.
    func remove(_ id: UUID) async throws

    /// All that is kept.
    func contents() async throws -> JobStoreContents

    /// What is kept under an id; nil where nothing is. Unless given, it is looked for in ``contents()``.
    func record(_ id: UUID) async throws -> JobRecord?

    /// The record of a service's job; `nil` if there is none. Unless given, it is looked for in ``contents()``: a store of many
    /// jobs should look it up instead.
    func record(for job: JobHandle) async throws -> JobRecord?

    /// Claims a job for the caller until the claim is released or gone, so that no two workers, in one process or in several,
    /// work on the same job.
    ///
    /// - Returns: The claim; nil where another has it.
    func claim(_ id: UUID) async throws -> (any JobClaim)?
}

extension JobStore {
    /// What is kept under an id, looked for in ``contents()``.
    public func record(_ id: UUID) async throws -> JobRecord? {
        try await contents().records.first { $0.id == id }
    }

    /// The record of a service's job, looked for in ``contents()``.
    public func record(for job: JobHandle) async throws -> JobRecord? {
        try await contents().records.first { $0.isRecord(of: job) }
    }
}

/// The right to work on a job. It ends with ``release()``, and with the process.
public protocol JobClaim: Sendable {
    /// Gives the right back.
    func release()
}

/// What a ``JobStore`` keeps.
public struct JobStoreContents: Sendable, Hashable {
    /// The records, the oldest first.
    public var records: [JobRecord]
    /// Files that could not be read as records, and are not in the way of the others, with what is wrong with them.
    public var setAside: [SetAside]

    /// A file that could not be read.
    public struct SetAside: Sendable, Hashable {
        /// Where it is now.
        public var file: URL
        /// What was wrong with it.
        public var reason: String

        /// A file that could not be read.
        public init(file: URL, reason: String) {
            self.file = file
            self.reason = reason
        }
    }

    /// Contents of a store.
    public init(records: [JobRecord], setAside: [SetAside] = []) {
        self.records = records
        self.setAside = setAside
    }
}
