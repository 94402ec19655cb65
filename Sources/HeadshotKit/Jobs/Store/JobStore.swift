public import Foundation

/// A store that keeps jobs until they are delivered, so that no paid job is lost if the process ends.
///
/// ``FileJobStore`` is the implementation in this package. Set ``ClientConfiguration/jobStore`` to use a store.
public protocol JobStore: Sendable {
    /// Saves a record and replaces any record with the same id. Once this returns, the record must survive a crash of the machine.
    ///
    /// - Throws: Any error. If the job is not created yet, the error prevents the create request.
    func save(_ record: JobRecord) async throws

    /// Removes a record. A missing record is not an error.
    func remove(_ id: UUID) async throws

    /// Returns everything in the store.
    func contents() async throws -> JobStoreContents

    /// Returns the record with an id, or `nil` if there is none. The default implementation searches ``contents()``.
    func record(_ id: UUID) async throws -> JobRecord?

    /// Returns the record of a service's job, or `nil` if there is none. The default implementation searches ``contents()``, so a
    /// store of many jobs should implement a direct lookup.
    func record(for job: JobHandle) async throws -> JobRecord?

    /// Claims a job for the caller until the claim is released or deinitialized. No two workers, in one process or in several,
    /// can work on a claimed job.
    ///
    /// - Returns: The claim, or `nil` if another worker has it.
    func claim(_ id: UUID) async throws -> (any JobClaim)?
}

extension JobStore {
    /// Returns the record with an id from ``contents()``, or `nil` if there is none.
    public func record(_ id: UUID) async throws -> JobRecord? {
        try await contents().records.first { $0.id == id }
    }

    /// Returns the record of a service's job from ``contents()``, or `nil` if there is none.
    public func record(for job: JobHandle) async throws -> JobRecord? {
        try await contents().records.first { $0.isRecord(of: job) }
    }
}

/// The exclusive right to work on a job. The claim ends with ``release()`` or with the process.
public protocol JobClaim: Sendable {
    /// Releases the claim.
    func release()
}

/// The contents of a ``JobStore``.
public struct JobStoreContents: Sendable, Equatable {
    /// The records, oldest first.
    public var records: [JobRecord]
    /// The files that could not be read as records, with the reasons. They do not affect the other records.
    public var quarantined: [QuarantinedFile]

    /// A file that could not be read.
    public struct QuarantinedFile: Sendable, Equatable {
        /// The current URL of the file.
        public var file: URL
        /// The reason why the file could not be read.
        public var reason: String

        /// Creates a description of a file that could not be read.
        public init(file: URL, reason: String) {
            self.file = file
            self.reason = reason
        }
    }

    /// Creates the contents of a store.
    public init(records: [JobRecord], quarantined: [QuarantinedFile] = []) {
        self.records = records
        self.quarantined = quarantined
    }
}
