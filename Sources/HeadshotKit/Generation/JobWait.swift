import Foundation

/// Waits for one job.
struct JobWait<Created: Sendable, Project: Sendable>: Sendable {
    let service: any JobService<Created, Project>
    let job: JobHandle
    let polling: PollingPolicy
    let onEvent: @Sendable (GenerationEvent) -> Void
    /// Work that waits for the next occasion, such as a record that could not be kept.
    var beforePoll: @Sendable () async -> Void = {}

    /// With how many failures in a row the wait ends. A success starts the count anew.
    private static var maximumFailures: Int { 8 }

    /// Polls until the job is complete.
    ///
    /// - Parameters:
    ///   - known: What the service has said of it so far, if anything.
    ///   - isNew: Whether the job was created just now, so that asking at once would be asking in vain.
    func run(from known: Project?, isNew: Bool) async throws -> (Project, [JobOutput]) {
        let configuration = service.api.configuration
        let stopwatch = Stopwatch(configuration.clock)
        let age = isNew ? .zero : Self.age(of: job)
        var policy = policy(configuration.durations)
        var project = known
        var polls = 0
        var shownStatus: String?

        func pause() async throws {
            polls += 1
            let delay = policy.delay(after: age + stopwatch.elapsed, poll: polls, random: configuration.random())
            try await configuration.clock.sleep(for: delay)
        }

        if isNew, project == nil { try await pause() }
        while true {
            let current = if let project { project } else { try await poll() }
            switch service.state(of: current) {
            case .complete(let outputs):
                if isNew { configuration.durations.record(stopwatch.elapsed, of: job.operation) }
                return (current, outputs)
            case .pending(let status, let eta):
                if status != shownStatus { onEvent(.status(status)) }
                shownStatus = status
                // The service knows its queue better than any history.
                if let eta { policy = policy.expecting(median: age + stopwatch.elapsed + eta) }
                try await pause()
            case .failed(let code, let message):
                let words = message.map { service.api.key.redact($0) }
                let code = code.map { service.api.key.redact($0) }
                throw error(
                    .jobFailed,
                    "Job \(job.id) failed\(code.map { " (\($0))" } ?? "")\(words.map { ": \($0.asQuotation)" } ?? ".")",
                    serverCode: code,
                    serverMessage: words
                )
            case .canceled:
                throw error(.jobCanceled, "Job \(job.id) was cancelled at the service.")
            case .deleted:
                throw error(.jobDeleted, "Job \(job.id) was deleted at the service.")
            }
            project = nil
        }
    }

    private func policy(_ durations: DurationHistory) -> PollingPolicy {
        guard let published = polling.median else { return polling }
        return polling.expecting(median: durations.median(of: job.operation, published: published))
    }

    private static func age(of job: JobHandle) -> Duration {
        let seconds = job.createdAt.date.map { -$0.timeIntervalSinceNow } ?? 0
        // By our clock, which may have been set in between.
        return .seconds(min(max(0, seconds), 86_400))
    }

    /// Asks once, and again where that failed for the moment only.
    func poll() async throws -> Project {
        let configuration = service.api.configuration
        var failures = 0
        await beforePoll()
        while true {
            do {
                let project = try await service.poll(job)
                configuration.tellSuccess(afterFailures: failures)
                return project
            } catch let error as HeadshotKitError where error.isPassing && failures + 1 < Self.maximumFailures {
                failures += 1
                let backoff = configuration.retry.backoff(afterFailure: failures, random: configuration.random())
                try await configuration.pause(for: max(backoff, error.retryAfter ?? .zero), after: error)
            }
        }
    }

    private func error(
        _ code: HeadshotKitError.Code,
        _ message: String,
        serverCode: String? = nil,
        serverMessage: String? = nil
    ) -> HeadshotKitError {
        HeadshotKitError(
            code,
            message,
            operation: job.operation,
            serverCode: serverCode,
            serverMessage: serverMessage,
            job: job
        )
    }
}

extension HeadshotKitError {
    /// Whether the same call may well succeed in a while.
    var isPassing: Bool {
        if (underlyingError as? TransportError)?.kind == .untrusted { return false }
        if status == 408 { return true }
        return switch code {
        case .network, .serverError, .rateLimited, .invalidReply: true
        default: false
        }
    }
}
