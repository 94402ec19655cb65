public import Foundation

/// A store that keeps jobs until they are delivered, so that no paid job is lost if the process ends.
///
/// ``FileJobStore`` is the implementation in this package. A server may implement the protocol with a database: ``JobRecord`` is
/// `Codable`, so one table with the columns `id`, `service`, `job_id`, `reference`, and `record` is enough. `JobStoreChecks` of
/// `HeadshotKitTesting` tests an implementation. Set ``ClientConfiguration/jobStore`` to use a store.
///
/// Give every method a time limit, such as the statement timeout of a database, and throw an error after it. The engine sets no limit,
/// because a save that it canceled could lose the record of a paid job. A method that never returns therefore stops its workflow, even
/// past the deadline.
public protocol JobStore: Sendable {
    /// Saves a record and replaces any record with the same id. Once this returns, the record must survive a crash of the machine.
    ///
    /// - Throws: Any error. If the job is not created yet, the error prevents the create request.
    func save(_ record: JobRecord) async throws

    /// Removes a record. A missing record is not an error.
    func remove(_ id: UUID) async throws

    /// Returns the record with an id, or `nil` if there is none.
    func record(_ id: UUID) async throws -> JobRecord?

    /// Returns the record of a service's job, or `nil` if there is none.
    ///
    /// A record belongs to the job if ``JobRecord/service`` and the id of ``JobRecord/job`` are equal to those of the handle. The
    /// other properties of the handle do not matter.
    func record(for job: JobHandle) async throws -> JobRecord?

    /// Returns the records of a service whose ``JobRecord/reference`` is equal to a text, in any order.
    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord]

    /// Returns a page of the records in the order of their ids.
    ///
    /// An id begins with the time at which it was made, so the oldest record is first. Ids are compared as text.
    ///
    /// - Parameters:
    ///   - id: The id after which the page begins. Its record may have been removed. `nil` returns the first page.
    ///   - limit: The maximum number of records, at least 1.
    /// - Returns: The records. A page with fewer records than `limit` is the last one.
    func records(after id: UUID?, limit: Int) async throws -> [JobRecord]

    /// Claims a job for the caller until the claim is released. No two workers, in one process or in several, can work on a
    /// claimed job. The job may not have a record yet, and
    /// an id may stand for a reference, which never has one.
    ///
    /// A call may hold a claim for hours. A claim with a time limit must renew itself until it is released or its process ends.
    /// Otherwise, two workers save the same outputs and replace each other's records. If another worker took the claim over
    /// nevertheless, ``save(_:)`` and ``remove(_:)`` of the late worker must throw an error and change nothing. A store can detect
    /// this, because the engine claims a record before it changes the record. Until a claim is released, return `nil` for other
    /// callers of the same instance, even if the claim was lost.
    ///
    /// - Returns: The claim, or `nil` if another worker has it.
    func claim(_ id: UUID) async throws -> (any JobClaim)?
}

/// The exclusive right to work on a job. The claim ends with ``release()`` or with the process.
public protocol JobClaim: Sendable {
    /// Releases the claim. A second call has no effect.
    ///
    /// If the store cannot be reached, stop renewing the claim. The engine calls this method in a task that is not canceled.
    func release() async
}
