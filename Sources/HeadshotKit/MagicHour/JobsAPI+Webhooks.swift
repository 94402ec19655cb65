import Foundation

/// What became of the job that a webhook event is about.
public enum WebhookOutcome: Sendable, Equatable {
    /// The job is delivered.
    case delivered(RecoveredJob)
    /// The event does not end a job. A later event may.
    case pending
    /// The store has no record of the job. The job was delivered before, or it belongs to another application of the account.
    case notOurs
    /// Another worker has claimed the job, for example because the same event was delivered twice.
    case inUse
}

extension JobsAPI {
    /// Finishes the job that a verified webhook event is about. This is free.
    ///
    /// The outputs are downloaded without a poll if the event contains their URLs. The event can be passed to this method several times,
    /// also at the same time and on several machines. Only one call finishes the job.
    ///
    /// - Parameters:
    ///   - event: An event from ``MagicHour/WebhookVerifier``.
    ///   - options: The download directory and the deadline. The directory defaults to the one in the job's record.
    ///   - onEvent: Called with one event at a time.
    /// - Returns: What became of the job. Duplicates and events about unknown jobs are not errors.
    /// - Throws: ``HeadshotKitError`` with the job, such as ``HeadshotKitError/Code/jobFailed`` for a failed job, or with
    ///   ``HeadshotKitError/Code/invalidConfiguration`` without a ``ClientConfiguration/jobStore``; `CancellationError`.
    public func resume(
        _ event: MagicHour.WebhookEvent,
        options: GenerationOptions? = nil,
        onEvent: EventHandler? = nil
    ) async throws -> WebhookOutcome {
        let store = try store()
        guard backend.name == .magicHour else { throw cannotFinish(event.type.rawValue, of: .magicHour, nil) }
        guard let id = event.projectID else { return .notOurs }
        // The operation is unknown here, and the look-up does not need it.
        let wanted = JobHandle(service: .magicHour, operation: "", id: id)
        let record = try await JobJournal.mappingStoreErrors(wanted, event.type.rawValue) {
            try await store.record(for: wanted)
        }
        guard let record, let job = record.job else { return .notOurs }
        guard event.endsJob else { return .pending }
        guard let journal = try await JobJournal.claim(record, in: store) else {
            return try await JobJournal.exists(record, in: store) ? .inUse : .notOurs
        }
        let outcome = try await journal.releasing {
            try await run(job, options ?? GenerationOptions(), onEvent)
                .resume(job, journal, known: event.snapshot(of: job))
        }
        return .delivered(RecoveredJob(outcome))
    }
}

extension MagicHour.WebhookEvent {
    /// Whether the event reports that a project is complete or has failed.
    fileprivate var endsJob: Bool {
        type.rawValue.hasSuffix(".completed") || type.rawValue.hasSuffix(".errored")
    }

    /// Returns the job's state from the payload. Returns `nil` if a poll is needed.
    fileprivate func snapshot(of job: JobHandle) throws -> JobSnapshot? {
        let project: (any MagicHourProject)? = imageProject ?? videoProject
        guard let project else { return nil }
        let response = TransportResponse(status: 200, body: Data(payload.description.utf8))
        let snapshot = MagicHourBackend.snapshot(of: project, of: job, in: response)
        // Only a poll shows whether outputs that are missing here exist.
        guard case .complete(let outputs) = snapshot.state, !outputs.isEmpty, snapshot.missingOutputs == 0 else {
            return nil
        }
        return snapshot
    }
}
