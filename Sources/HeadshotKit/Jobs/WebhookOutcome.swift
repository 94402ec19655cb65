/// The outcome of `jobs.resume(event)`.
public enum WebhookOutcome: Sendable, Equatable {
    /// The job is delivered.
    case delivered(RecoveredJob)
    /// The event does not end a job. A later event may.
    case pending
    /// The store has no record of the job. The job was delivered before, or it belongs to another application of the account.
    case notOurs
    /// Another worker has claimed the job, for example because the same event was delivered twice or because the job's create request
    /// has no response yet. Pass the event again later, because the other worker may fail.
    case inUse
}

/// What a webhook event says about a job.
struct WebhookHint: Sendable {
    let service: JobHandle.Service
    /// The type of the event, for messages.
    let event: String
    let jobID: String?
    /// The kind of project that the event is about, as in the records of the service. `nil` if the event does not say.
    let kind: String?
    /// The text that ends in the tag of the job's record, if the create request had one.
    let correlation: String?
}

extension JobsAPI {
    /// Finds the record of an event's job, assigns the job to an unconfirmed record with the event's tag, and finishes the job if it
    /// has ended.
    ///
    /// - Parameter state: Returns whether the job has ended, and its state. Returns no state if a poll is needed.
    func resume(
        _ hint: WebhookHint,
        _ options: GenerationOptions?,
        _ onEvent: EventHandler?,
        state: (JobHandle, JobRecord) async throws -> (hasEnded: Bool, snapshot: JobSnapshot?)
    ) async throws -> WebhookOutcome {
        let store = try store()
        guard backend.name == hint.service else { throw cannotFinish(hint.event, of: hint.service, nil) }
        guard let id = hint.jobID, let record = try await record(of: hint, id, in: store) else { return .notOurs }
        let job = record.knownJob ?? JobHandle(id: id, of: record)
        let (hasEnded, snapshot) = try await state(job, record)
        guard hasEnded || record.knownJob == nil else { return .pending }
        guard let journal = try await JobJournal.claim(record, in: store) else {
            return try await JobJournal.exists(record, in: store) ? .inUse : .notOurs
        }
        return try await journal.releaseAfter {
            var job = job
            if let known = journal.record?.knownJob {
                // Another worker may have assigned a job since.
                guard known.id == id, journal.record?.isDelivered != true else { return .notOurs }
                job = known
            } else {
                try await adopt(job, in: journal)
            }
            guard hasEnded else { return .pending }
            let run = try run(job, options ?? GenerationOptions(), onEvent)
            let outcome = try await run.resume(job, journal, known: snapshot)
            return .delivered(RecoveredJob(outcome))
        }
    }

    /// Returns the record of an event's job, or the unconfirmed record with the event's tag.
    private func record(of hint: WebhookHint, _ id: String, in store: any JobStore) async throws -> JobRecord? {
        // The operation is unknown here, and the lookup does not need it.
        let wanted = JobHandle(service: hint.service, operation: "", id: id)
        return try await JobJournal.mapStoreErrors(wanted, hint.event) {
            if let record = try await store.record(for: wanted) { return record.isDelivered ? nil : record }
            guard let tag = hint.correlation.flatMap(CorrelationTag.init(atEndOf:)),
                let record = try await store.record(tag.recordID), record.service == hint.service,
                record.correlationTag == tag.description, record.knownJob == nil,
                // A video that is made from the job's image may have the same name.
                hint.kind == nil || record.kind == hint.kind
            else { return nil }
            return record
        }
    }
}
