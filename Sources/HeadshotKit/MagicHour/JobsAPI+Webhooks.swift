import Foundation

extension JobsAPI {
    /// Finishes the job that a verified webhook event is about. This is free, unless the job is a speech whose video is created next.
    ///
    /// The call may wait until the deadline of the job, which is 15 minutes for an image and 1 hour for a video, because it may poll the
    /// job and download its outputs. Respond to the webhook request first, or set `options.deadline`.
    ///
    /// The outputs are downloaded without a poll if the event contains their URLs. With ``GenerationOptions/Correlation/name``, an event
    /// also finishes a job whose create response was lost. The event can be passed to this method several times,
    /// also at the same time and on several machines. Only one call finishes the job.
    ///
    /// - Parameters:
    ///   - event: An event from ``MagicHour/WebhookVerifier``.
    ///   - options: The download directory and the deadline. The directory defaults to the one in the job's record.
    ///   - onEvent: Called with one event at a time.
    /// - Returns: The outcome. Duplicates and events about unknown jobs are not errors.
    /// - Throws: ``HeadshotKitError`` with the job, such as ``HeadshotKitError/Code/jobFailed`` for a failed job, or with
    ///   ``HeadshotKitError/Code/invalidConfiguration`` without a ``ClientConfiguration/jobStore``; `CancellationError`.
    public func resume(
        _ event: MagicHour.WebhookEvent,
        options: GenerationOptions? = nil,
        onEvent: EventHandler? = nil
    ) async throws -> WebhookOutcome {
        let hint = WebhookHint(
            service: .magicHour,
            event: event.type.rawValue,
            jobID: event.projectID,
            kind: "\(event.type.rawValue.prefix { $0 != "." })-projects",
            correlation: event.name
        )
        return try await resume(hint, options, onEvent) { job, _ in (event.endsJob, try event.snapshot(of: job)) }
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
