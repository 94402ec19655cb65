import Foundation

extension JobsAPI {
    /// Assigns a job to an unconfirmed record, for example a job that you found in the account. This is free.
    ///
    /// The service is asked for the job first. `resume(_:)` then finishes it.
    ///
    /// - Parameters:
    ///   - record: An unconfirmed record.
    ///   - id: The id of the job at the service.
    /// - Returns: The record with the job.
    /// - Throws: ``HeadshotKitError``: with ``HeadshotKitError/Code/notFound`` if the service does not know the job, with
    ///   ``HeadshotKitError/Code/invalidRequest`` if the record has another job or the job has another record, with
    ///   ``HeadshotKitError/Code/jobInUse`` if another worker has claimed the record; `CancellationError`.
    public func adopt(_ record: JobRecord, id: String) async throws -> JobRecord {
        try checkService(record)
        let store = try store()
        let job = JobHandle(id: id, of: record)
        let owner = try await JobJournal.mapStoreErrors(job, record.operation) { try await store.record(for: job) }
        if let owner, owner.id != record.id { throw cannotAdopt(job, "It belongs to the record \(owner.id).") }
        return try await JobJournal.withClaim(on: record, in: store) { journal in
            if let known = journal.record?.knownJob {
                guard known.id == id else { throw cannotAdopt(job, "The record has the job \(known.id).") }
            } else {
                _ = try await poll(job, of: record)
                try await adopt(job, in: journal)
            }
            return journal.record ?? record
        }
    }

    /// Records the job of an unconfirmed record that is claimed.
    func adopt(_ job: JobHandle, in journal: JobJournal) async throws {
        try await journal.update { record in
            record.state = .accepted
            record.job = job
        }
    }

    /// Polls a job that has a record, or that may be the job of an unconfirmed record. Retries transient failures for four minutes, because
    /// a service may need two minutes until it knows a new job.
    func poll(_ job: JobHandle, of record: JobRecord) async throws -> JobSnapshot {
        let run = try run(job, GenerationOptions(deadline: .seconds(240)), nil)
        do {
            return try await run.beforeDeadline(job) { try await run.waiter(for: job, .none).poll() }
        } catch var error as HeadshotKitError where record.knownJob == nil {
            // The error must not say that nothing was charged, nor that the job is that of the record.
            error.submission = .unconfirmed
            error.advice = "The record is unchanged. Check the id, and try again."
            throw error
        }
    }

    private func cannotAdopt(_ job: JobHandle, _ reason: String) -> HeadshotKitError {
        HeadshotKitError(
            .invalidRequest,
            "Job \(job.shownID) cannot be assigned to the record. \(reason)",
            advice: "Check the id, or resume the job without the record.",
            operation: job.operation,
            submission: .unconfirmed
        )
    }
}

extension JobHandle {
    /// Creates the handle of a job that a record's create request may have created.
    init(id: String, of record: JobRecord) {
        let createdAt = record.createdAt.date ?? Date()
        self.init(service: record.service, operation: record.operation, id: id, createdAt: createdAt)
        kind = record.kind
        filePrefix = record.filePrefix
    }
}
