extension JobsAPI {
    /// Finishes the job that an unverified webhook event of ModelsLab claims to be about. This is free.
    ///
    /// The job is fetched with the client's key. The event's status and outputs are ignored. With
    /// ``GenerationOptions/Correlation/trackID``, an event also finishes a job whose create response was lost. HeadshotKit then trusts the
    /// job id and the track id of the event unless the fetched job has another track id or has failed, so keep the webhook's URL secret.
    ///
    /// The event can be passed to this method several times, also at the same time and on several machines. Only one call finishes the job.
    /// After transient failures, the first fetch is repeated for four minutes. The call may then wait until the deadline of the job, which
    /// defaults to 15 minutes, because it downloads the outputs. Respond to the webhook request first, or set `options.deadline`. If the
    /// call throws, pass the event again later.
    ///
    /// - Parameters:
    ///   - event: The event. Check its URL with ``ModelsLab/WebhookPath`` first.
    ///   - options: The download directory and the deadline. The directory defaults to the one in the job's record.
    ///   - onEvent: Called with one event at a time.
    /// - Returns: The outcome. Duplicates and events about unknown jobs are not errors.
    /// - Throws: ``HeadshotKitError`` with the job, such as ``HeadshotKitError/Code/jobFailed`` for a failed job, or with
    ///   ``HeadshotKitError/Code/invalidConfiguration`` without a ``ClientConfiguration/jobStore``; `CancellationError`.
    public func resume(
        _ event: ModelsLab.WebhookEvent,
        options: GenerationOptions? = nil,
        onEvent: EventHandler? = nil
    ) async throws -> WebhookOutcome {
        let hint = WebhookHint(
            service: .modelsLab,
            event: "webhook",
            jobID: event.id,
            kind: nil,
            correlation: event.trackID?.description
        )
        return try await resume(hint, options, onEvent) { job, record in
            let snapshot = try await poll(job, of: record)
            if record.knownJob == nil { try checkPairing(of: job, with: record, snapshot) }
            return (!snapshot.state.isPending, snapshot)
        }
    }

    /// Checks a job that only an unsigned event assigns to an unconfirmed record. A wrong job must not close the record.
    private func checkPairing(of job: JobHandle, with record: JobRecord, _ snapshot: JobSnapshot) throws {
        // The response was read before, and an output in base64 may exceed the default limit.
        let fetched = try JSONDocument(snapshot.response.body, maximumBytes: .max).value["track_id"] ?? .null
        // Responses to polls are not known to contain a track id.
        let isOther = fetched != .null && fetched.string != "" && fetched.string != record.correlationTag
        guard isOther || snapshot.state.isFailure else { return }
        let reason = isOther ? "has another track id" : "has failed"
        throw HeadshotKitError(
            .invalidWebhook,
            "The webhook event says that job \(job.id) belongs to the record \(record.id), but the job \(reason).",
            advice: "The record is unchanged. \(record.unconfirmedAdvice)",
            operation: record.operation,
            submission: .unconfirmed
        )
    }

    /// Returns outputs of the ModelsLab account that no record of the store knows, as candidates for an unconfirmed record. This is free.
    ///
    /// Compare the outputs with the record's request, and pass the id of the right one to ``adopt(_:id:)``. The list contains neither
    /// dates nor prompts, and a job in progress is not listed. It includes jobs that were delivered, because delivery removes the record.
    /// If no output matches, adopt none.
    ///
    /// - Parameters:
    ///   - record: An unconfirmed record of ModelsLab.
    ///   - page: The number of the page of the account's list, at least 1. A page has at most 30 outputs.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidConfiguration`` for a record of another service or without a
    ///   ``ClientConfiguration/jobStore``, or the errors of ``ModelsLab/AssetsAPI/list(type:page:perPage:)``; `CancellationError`.
    public func candidates(for record: JobRecord, page: Int = 1) async throws -> [ModelsLab.Asset] {
        try checkService(record)
        guard let backend = backend as? ModelsLabBackend else {
            throw cannotFinish(record.operation, of: record.service, record.job)
        }
        let store = try store()
        guard record.isUnconfirmed else { return [] }
        let assets = try await ModelsLab.AssetsAPI(api: backend.api).list(page: page, perPage: 30).assets
        var candidates: [ModelsLab.Asset] = []
        for asset in assets {
            let job = JobHandle(service: .modelsLab, operation: record.operation, id: asset.id)
            let owner = try await JobJournal.mapStoreErrors(nil, record.operation, isSent: true) {
                try await store.record(for: job)
            }
            if owner == nil { candidates.append(asset) }
        }
        return candidates
    }
}
