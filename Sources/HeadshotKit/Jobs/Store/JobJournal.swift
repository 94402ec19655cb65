import Foundation

/// The record of one job, which is updated as the job progresses. Without a store, the journal records nothing.
final class JobJournal: Sendable {
    private let store: (any JobStore)?
    private let claim: (any JobClaim)?
    private let state: Locked<JobRecord?>
    private let behind = Locked(false)
    private let isReleased = Locked(false)
    /// The write lock. Outputs are saved concurrently, but their changes must reach the store one after another.
    private let writeLock = AsyncSemaphore(permits: 1)

    /// A change of the record.
    typealias Change = @Sendable (inout JobRecord) -> Void

    /// Whether an earlier run created the record.
    let isResumed: Bool

    private init(store: (any JobStore)?, claim: (any JobClaim)?, record: JobRecord?, isResumed: Bool = false) {
        self.isResumed = isResumed
        self.store = store
        self.claim = claim
        state = Locked(record)
    }

    /// The current record. `nil` if there is no store.
    var record: JobRecord? { state.withLock { $0 } }

    /// Whether the store lacks the latest change.
    var isBehind: Bool { behind.withLock { $0 } }

    static let none = JobJournal(store: nil, claim: nil, record: nil)

    /// Saves the intent to create a job. After that, a crash leaves a record.
    private static func begin(
        _ record: JobRecord,
        in store: any JobStore,
        after earlier: JobJournal?
    ) async throws -> JobJournal {
        try await mapStoreErrors(nil, record.operation) {
            guard let claim = try await store.claim(record.id) else { throw HeadshotKitError.jobInUse(record) }
            // Every worker of the earlier job knows the id, and may have created this job while the claim on the earlier one was lost.
            do { try await earlier?.checkNextJob() } catch {
                await release(claim)
                throw error
            }
            let journal = JobJournal(store: store, claim: claim, record: record)
            do { try await store.save(record) } catch {
                await journal.close()
                throw error
            }
            return journal
        }
    }

    /// Claims an existing record. Returns `nil` if another worker has the claim, or if the record no longer exists.
    static func claim(_ record: JobRecord, in store: any JobStore) async throws -> JobJournal? {
        try await mapStoreErrors(record.job, record.operation, isSent: true) {
            guard let claim = try await store.claim(record.id) else { return nil }
            do {
                // The record may have changed before it was claimed.
                if let current = try await store.record(record.id) {
                    guard current.version <= JobRecord.currentVersion else {
                        throw HeadshotKitError.newerVersion(current)
                    }
                    return JobJournal(store: store, claim: claim, record: current, isResumed: true)
                }
                await release(claim)
                return nil
            } catch {
                await release(claim)
                throw error
            }
        }
    }

    /// Returns whether a record still exists, after ``claim(_:in:)`` returned `nil`.
    static func exists(_ record: JobRecord, in store: any JobStore) async throws -> Bool {
        try await mapStoreErrors(record.job, record.operation, isSent: true) {
            try await store.record(record.id) != nil
        }
    }

    /// Saves the intent to create a job, and holds the record's claim while the body runs.
    ///
    /// - Parameter earlier: The journal of the job that this one follows.
    static func withIntent<Value>(
        _ record: JobRecord,
        in store: any JobStore,
        after earlier: JobJournal?,
        _ body: (JobJournal) async throws -> Value
    ) async throws -> Value {
        let journal = try await begin(record, in: store, after: earlier)
        return try await journal.releaseAfter { try await body(journal) }
    }

    /// Holds the claim on an existing record while the body runs.
    ///
    /// - Throws: ``HeadshotKitError/Code/jobInUse`` if another worker has the claim, or if the record no longer exists.
    static func withClaim<Value>(
        on record: JobRecord,
        in store: any JobStore,
        _ body: (JobJournal) async throws -> Value
    ) async throws -> Value {
        guard let journal = try await claim(record, in: store) else { throw HeadshotKitError.jobInUse(record) }
        return try await journal.releaseAfter { try await body(journal) }
    }

    /// Holds the claim on an id without a record while the body runs. Returns `nil` if another worker has the claim.
    static func withClaim<Value>(
        on id: UUID,
        of operation: String,
        in store: any JobStore,
        _ body: () async throws -> Value
    ) async throws -> Value? {
        let claim = try await mapStoreErrors(nil, operation) { try await store.claim(id) }
        guard let claim else { return nil }
        return try await JobJournal(store: store, claim: claim, record: nil).releaseAfter(body)
    }

    /// Saves a change that must be on record before the job continues. Without a change, saves the record again.
    func update(_ change: Change? = nil) async throws {
        guard let store else { return }
        let permit = try await writeLock.acquire()
        defer { permit.release() }
        // Another worker may have the claim now. An aborted transfer must not replace its record.
        guard !isReleased.withLock({ $0 }) else { return }
        let changed = state.withLock { record in
            if var changed = record {
                change?(&changed)
                record = changed
            }
            return record
        }
        guard let changed else { return }
        behind.withLock { $0 = true }
        try await Self.mapStoreErrors(changed.job, changed.operation, isSent: true) {
            try await store.save(changed)
        }
        behind.withLock { $0 = false }
    }

    /// Throws if another worker has created the next job, because the claim was lost for a time.
    func checkNextJob() async throws {
        guard let store, let record, record.next != nil else { return }
        let current = try await Self.mapStoreErrors(record.job, record.operation, isSent: true) {
            try await store.record(record.id)
        }
        guard current?.next == record.next else { throw HeadshotKitError.jobInUse(record) }
    }

    /// Saves the record again if the store lacks the latest change.
    func catchUp() async {
        if isBehind { await updateBestEffort() }
    }

    /// Saves a change that only avoids work later, and ignores an error of the store.
    ///
    /// Without the change, some work or requests are repeated, but nothing is lost. A store error must therefore not stop the job
    /// or replace the job's own error.
    func updateBestEffort(_ change: Change? = nil) async {
        do { try await update(change) } catch { return }
    }

    /// Saves a change like ``updateBestEffort(_:)``, even if the caller is canceled.
    func updateAlways(_ change: @escaping Change) async {
        await Self.ignoreCancellation { await self.updateBestEffort(change) }
    }

    /// Runs the body, and then releases the claim, even if an aborted transfer still holds a reference to the journal.
    func releaseAfter<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            let value = try await body()
            await release()
            return value
        } catch {
            await release()
            throw error
        }
    }

    private func release() async {
        isReleased.withLock { $0 = true }
        if let claim { await Self.release(claim) }
    }

    private static func release(_ claim: any JobClaim) async {
        await ignoreCancellation { await claim.release() }
    }

    /// Runs the last calls of the store, even if the caller is canceled. A database might otherwise reject them.
    private static func ignoreCancellation(_ body: @escaping @Sendable () async -> Void) async {
        // An unstructured task does not inherit the cancellation.
        await Task { await body() }.value
    }

    /// Removes the record of a job that is delivered or has failed for good, and ignores an error of the store.
    ///
    /// If the record cannot be removed, the next `resumeAll()` finds it and the files. The error must therefore not fail a
    /// delivery.
    func close() async {
        await Self.ignoreCancellation { do { try await self.discard() } catch { return } }
    }

    /// Removes the record of a delivered job, or keeps it if the job's reference must be remembered.
    func closeDelivered() async {
        guard record?.retention != nil else { return await close() }
        await updateAlways { record in
            guard !record.isDelivered else { return }
            record.state = .delivered
            record.deliveredAt = Timestamp(Date())
            record.next = nil
        }
    }

    /// Removes the record and releases the claim. Unlike ``close()``, throws the error of the store.
    func discard() async throws {
        try await releaseAfter {
            guard let store, let record else { return }
            try await Self.mapStoreErrors(record.job, record.operation, isSent: true) {
                try await store.remove(record.id)
            }
        }
    }

    /// Maps the errors of a store to a ``HeadshotKitError`` with the job and the operation.
    ///
    /// - Parameter isSent: Whether the job's create request may have been sent.
    static func mapStoreErrors<Value>(
        _ job: JobHandle?,
        _ operation: String,
        isSent: Bool = false,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do { return try await body() } catch is CancellationError where Task.isCancelled {
            throw CancellationError()
        } catch {
            var failure =
                error as? HeadshotKitError
                ?? HeadshotKitError(
                    .jobStore,
                    "The job store failed: \(error.systemReason).",
                    advice: isSent ? nil : "Check the job store, then try again.",
                    operation: operation,
                    underlyingError: error
                )
            if failure.job == nil {
                failure.submission = job.map { .accepted($0) } ?? (isSent ? .unconfirmed : .notSent)
            }
            throw failure
        }
    }
}
