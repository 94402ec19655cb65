import Foundation

/// One job's record, kept in step with what happens to the job. Without a store it keeps nothing, and every step is free.
final class JobJournal: Sendable {
    private let store: (any JobStore)?
    private let claim: (any JobClaim)?
    private let state: Locked<JobRecord?>
    private let behind = Locked(false)
    /// Outputs are saved side by side, and their changes have to reach the store one after another.
    private let turn = AsyncSemaphore(places: 1)

    /// Whether an earlier run began it.
    let isResumed: Bool

    private init(store: (any JobStore)?, claim: (any JobClaim)?, record: JobRecord?, isResumed: Bool = false) {
        self.isResumed = isResumed
        self.store = store
        self.claim = claim
        state = Locked(record)
    }

    /// What is kept; nil without a store.
    var record: JobRecord? { state.withLock { $0 } }

    /// Whether the store does not have the latest change.
    var isBehind: Bool { behind.withLock { $0 } }

    static let none = JobJournal(store: nil, claim: nil, record: nil)

    /// Keeps the intent of a create. From here on a crash leaves a trace.
    private static func begin(_ record: JobRecord, in store: any JobStore) async throws -> JobJournal {
        try await mappingStoreErrors(nil, record.operation) {
            let journal = JobJournal(store: store, claim: try await store.claim(record.id), record: record)
            do { try await store.save(record) } catch {
                await journal.close()
                throw error
            }
            return journal
        }
    }

    /// Takes up a record that was left behind; nil where another worker has it.
    static func claim(_ record: JobRecord, in store: any JobStore) async throws -> JobJournal? {
        try await mappingStoreErrors(record.job, record.operation, isSent: true) {
            guard let claim = try await store.claim(record.id) else { return nil }
            do {
                // What was read before the claim may be old by now.
                if let current = try await store.record(record.id) {
                    return JobJournal(store: store, claim: claim, record: current, isResumed: true)
                }
                try await store.remove(record.id)
                claim.release()
                return nil
            } catch {
                claim.release()
                throw error
            }
        }
    }

    /// Records the intent of a create, and holds the record's claim for as long as the body runs.
    static func withIntent<Value>(
        _ record: JobRecord,
        in store: any JobStore,
        _ body: (JobJournal) async throws -> Value
    ) async throws -> Value {
        let journal = try await begin(record, in: store)
        defer { journal.release() }
        return try await body(journal)
    }

    /// Holds the claim on an existing record for as long as the body runs.
    ///
    /// - Throws: ``HeadshotKitError/Code/jobInUse`` if another worker has the claim.
    static func withClaim<Value>(
        on record: JobRecord,
        in store: any JobStore,
        _ body: (JobJournal) async throws -> Value
    ) async throws -> Value {
        guard let journal = try await claim(record, in: store) else { throw HeadshotKitError.jobInUse(record) }
        defer { journal.release() }
        return try await body(journal)
    }

    /// Keeps a change that nothing may go on without.
    func update(_ change: @Sendable (inout JobRecord) -> Void) async throws {
        guard let store else { return }
        let place = try await turn.enter()
        defer { place.release() }
        let changed = state.withLock { record in
            if var changed = record {
                change(&changed)
                record = changed
            }
            return record
        }
        guard let changed else { return }
        behind.withLock { $0 = true }
        try await Self.mappingStoreErrors(changed.job, changed.operation, isSent: true) {
            try await store.save(changed)
        }
        behind.withLock { $0 = false }
    }

    /// Tries again to keep what the store failed to keep.
    func catchUp() async {
        if isBehind { await updateBestEffort { _ in } }
    }

    /// Keeps a change that saves work later. A store that cannot keep it must not take the place of what is known, nor stop what
    /// can go on: without the change, more is done or asked again than need be, and nothing is lost.
    func updateBestEffort(_ change: @Sendable (inout JobRecord) -> Void) async {
        do { try await update(change) } catch { return }
    }

    /// Lets others work on the job from now on, and not only when the last piece of an aborted transfer has let go of it.
    func release() { claim?.release() }

    /// Forgets the job: it is delivered, or nothing more will come of it. A record that cannot be removed is met again by the next
    /// `resumeAll()`, which finds the files there; that is no reason to call a delivery failed.
    func close() async {
        do { try await forget() } catch { return }
    }

    /// The same where nothing else is wanted.
    func forget() async throws {
        defer { release() }
        guard let store, let record else { return }
        try await Self.mappingStoreErrors(record.job, record.operation, isSent: true) {
            try await store.remove(record.id)
        }
    }

    /// Errors of a store, in the words and with the facts of this package's.
    ///
    /// - Parameter isSent: Whether the job's create may have been sent.
    static func mappingStoreErrors<Value>(
        _ job: JobHandle?,
        _ operation: String,
        isSent: Bool = false,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do { return try await body() } catch is CancellationError {
            throw CancellationError()
        } catch {
            var failure =
                error as? HeadshotKitError
                ?? HeadshotKitError(
                    .fileSystem,
                    "The job's record could not be kept: \(error.systemReason).",
                    operation: operation,
                    underlyingError: error
                )
            failure.job = failure.job ?? job
            failure.mayHaveCreated = isSent
            throw failure
        }
    }
}

extension HeadshotKitError {
    /// Somebody else has claimed a record.
    static func jobInUse(_ record: JobRecord) -> HeadshotKitError {
        var error = HeadshotKitError(
            .jobInUse,
            "Job \(record.job?.id ?? record.id.uuidString) is being worked on elsewhere, or was delivered just now.",
            operation: record.operation,
            job: record.job
        )
        error.mayHaveCreated = true
        return error
    }

    /// Whether it ends a job for good, so that there is nothing left to resume. A link that has expired does not: the host may
    /// have been wrong about it.
    var isTerminal: Bool {
        switch code {
        case .jobFailed, .jobCanceled, .jobDeleted: true
        default: false
        }
    }
}
