import HeadshotKit
import HeadshotKitTesting

/// The handler of webhook requests, which uses the job store of the workers.
actor WebhookReceiver {
    static let secret = "whsec_chaos"

    /// The numbers of the jobs whose record had no job ID until an event brought it.
    private(set) var found: Set<Int> = []
    private(set) var requestCount = 0
    /// The number of requests with an invalid signature.
    private(set) var rejectedCount = 0
    /// The number of requests that must be sent again, because another worker had the job or an error occurred.
    private(set) var postponedCount = 0

    private let state: WorkerState
    private let verifier: MagicHour.WebhookVerifier

    init(_ state: WorkerState) throws {
        self.state = state
        verifier = try MagicHour.WebhookVerifier(secret: Self.secret)
    }

    /// Returns the status of the response to a request.
    func status(of request: SimulatedService.WebhookRequest) async -> Int {
        requestCount += 1
        do {
            guard request.url == nil else {
                let event = try ModelsLab.WebhookEvent(body: request.body)
                return try await finish(event.id, tag: event.trackID?.description) { [state] onEvent in
                    try await state.modelsLab.jobs.resume(event, onEvent: onEvent)
                }
            }
            let event = try verifier.event(body: request.body, headers: request.headers)
            return try await finish(event.projectID, tag: event.name) { [state] onEvent in
                try await state.magicHour.jobs.resume(event, onEvent: onEvent)
            }
        } catch let error as HeadshotKitError where error.code == .invalidWebhook {
            rejectedCount += 1
            return 400
        } catch {
            postponedCount += 1
            return 503
        }
    }

    private func finish(
        _ jobID: String?,
        tag: String?,
        _ resume: (@escaping EventHandler) async throws -> WebhookOutcome
    ) async throws -> Int {
        let record = try await state.store.records().first { record in
            record.job?.id == jobID || record.correlationTag.map { tag?.hasSuffix($0) == true } == true
        }
        do {
            let outcome = try await resume { [state] event in
                if case .resumed(let job) = event, let record { state.noteResumed(job, of: record) }
            }
            guard outcome != .inUse else {
                postponedCount += 1
                return 503
            }
            if outcome != .notOurs { noteFound(record) }
        } catch let error as HeadshotKitError where error.code == .jobFailed {
            noteFound(record)
        } catch let error as HeadshotKitError where error.code == .invalidWebhook {
            // A failed job of ModelsLab is not assigned to a record, because the event is not signed.
            return 200
        }
        return 200
    }

    private func noteFound(_ record: JobRecord?) {
        guard let record, record.isUnconfirmed, let number = Assignment.number(of: record) else { return }
        found.insert(number)
    }
}
