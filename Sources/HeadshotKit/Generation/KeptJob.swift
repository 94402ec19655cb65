import Foundation

/// One job's record, kept in step with what happens to the job. Without a store it keeps nothing, and every step is free.
final class KeptJob: Sendable {
    private let store: (any JobStore)?
    private let claim: (any JobClaim)?
    private let state: Locked<JobRecord?>
    /// Outputs are saved side by side, and their changes have to reach the store one after another.
    private let turn = Limiter(places: 1)

    /// Whether an earlier run began it.
    let isTakenUp: Bool

    private init(store: (any JobStore)?, claim: (any JobClaim)?, record: JobRecord?, isTakenUp: Bool = false) {
        self.isTakenUp = isTakenUp
        self.store = store
        self.claim = claim
        state = Locked(record)
    }

    /// What is kept; nil without a store.
    var record: JobRecord? { state.withLock { $0 } }

    static let none = KeptJob(store: nil, claim: nil, record: nil)

    /// Keeps the intent of a create. From here on a crash leaves a trace.
    static func intending(_ record: JobRecord, in store: any JobStore) async throws -> KeptJob {
        let claim = try await store.claim(record.id)
        try await store.save(record)
        return KeptJob(store: store, claim: claim, record: record)
    }

    /// Takes up a record that was left behind; nil where another worker has it.
    static func takingUp(_ record: JobRecord, in store: any JobStore) async throws -> KeptJob? {
        guard let claim = try await store.claim(record.id) else { return nil }
        // What was read before the claim may be old by now.
        guard let current = try await store.record(record.id) else {
            try await store.remove(record.id)
            claim.release()
            return nil
        }
        return KeptJob(store: store, claim: claim, record: current, isTakenUp: true)
    }

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
        do { try await store.save(changed) } catch let error
            where !(error is HeadshotKitError || error is CancellationError)
        {
            throw HeadshotKitError(
                .file,
                "The job's record could not be kept: \(error.systemReason).",
                operation: changed.operation,
                job: changed.job,
                underlyingError: error
            )
        }
    }

    /// Lets others work on the job from now on, and not only when the last piece of an aborted transfer has let go of it.
    func letGo() { claim?.release() }

    /// Forgets the job: it is delivered, or nothing more will come of it.
    func end() async throws {
        guard let store, let record else { return }
        try await store.remove(record.id)
        letGo()
    }
}

extension HeadshotKitError {
    /// Whether it ends a job for good, so that there is nothing left to resume. A link that has expired does not: the host may
    /// have been wrong about it.
    var endsJob: Bool {
        switch code {
        case .jobFailed, .jobCanceled, .jobDeleted: true
        default: false
        }
    }
}
