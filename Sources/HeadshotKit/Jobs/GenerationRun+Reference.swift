import Foundation

extension GenerationRun {
    /// Runs the body that creates a job, while the call holds the claim on its reference. If the store has a job with the reference, runs the
    /// other body instead, while the call holds the claim on the job's record.
    func withReference<Value>(
        _ create: () async throws -> Value,
        orExisting resume: (JobHandle, JobJournal) async throws -> Value
    ) async throws -> Value {
        guard options.referencePolicy != .any, !traits.isFree else { return try await create() }
        guard let reference = options.reference, let store = backend.configuration.jobStore else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "The reference policy \(options.referencePolicy) needs a reference and a job store.",
                advice: "Set options.reference, and give the client's configuration a jobStore, such as FileJobStore.",
                operation: operation
            )
        }
        let result = try await JobJournal.withClaim(on: claimID(of: reference), of: operation, in: store) {
            guard let record = try await record(of: reference, in: store) else { return try await create() }
            return try await JobJournal.withClaim(on: record, in: store) { journal in
                guard let job = journal.record?.knownJob else {
                    throw HeadshotKitError.unconfirmed(record, at: backend)
                }
                return try await resume(job, journal)
            }
        }
        guard let result else { throw referenceInUse(reference) }
        return result
    }

    /// Throws an error if another worker has a job with the same reference.
    ///
    /// A claim with a time limit may have been taken over during the upload, and this call may not know. Every worker saves its intent
    /// before it looks for the others, so at most one of them sends its create request.
    func checkReference(of journal: JobJournal, in store: any JobStore) async throws {
        guard options.referencePolicy != .any, let reference = options.reference, let intent = journal.record else {
            return
        }
        guard let other = try await record(of: reference, besides: intent.id, in: store) else { return }
        // The other job takes the place of the one that was to follow.
        if other.knownJob != nil { await predecessor?.journal.closeDelivered() }
        throw referenceInUse(reference)
    }

    private func referenceInUse(_ reference: String) -> HeadshotKitError {
        HeadshotKitError(
            .jobInUse,
            "Another process or task is working on the \(operation) job with the reference \(reference).",
            advice: HeadshotKitError.otherWorkerAdvice,
            operation: operation
        )
    }

    /// Returns the record of the job that the policy does not allow to create again.
    private func record(of reference: String, besides id: UUID? = nil, in store: any JobStore) async throws
        -> JobRecord?
    {
        let records = try await JobJournal.mapStoreErrors(nil, operation) {
            try await store.records(of: backend.name, reference: reference)
        }
        let candidates = records.filter { $0.operation == operation && $0.id != id }.sorted {
            $0.id.uuidString < $1.id.uuidString
        }
        if let unfinished = candidates.first(where: { !$0.isDelivered }) { return unfinished }
        guard options.referencePolicy != .resumeUnfinished else { return nil }
        return candidates.last { !$0.isExpired && (reusableRequest == nil || $0.request == reusableRequest) }
    }

    /// Returns the id that all workers claim for a reference. It is a UUID of version 8 (RFC 9562), made from a hash.
    private func claimID(of reference: String) -> UUID {
        var bytes = Array(SHA256.hash(Data("\(backend.name)\n\(operation)\n\(reference)".utf8)).prefix(16))
        bytes[6] = bytes[6] & 0x0f | 0x80
        bytes[8] = bytes[8] & 0x3f | 0x80
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
