import Foundation

/// The wait for one job.
struct JobWaiter<Created: Sendable, Project: Sendable>: Sendable {
    let backend: any JobBackend<Created, Project>
    let job: JobHandle
    let onRetry: CallContext.RetryObserver?
    let polling: PollingPolicy
    let onEvent: @Sendable (GenerationEvent) -> Void
    /// The work to do before each poll, such as saving a record that the store failed to save.
    var beforePoll: @Sendable () async -> Void = {}
    /// Whether the job may complete without outputs. The outputs of every other job may appear shortly after its status.
    var mayBeEmpty = false
    /// Whether the job cost nothing. The wait for a free job ends after several failures in a row.
    var isFree = false
    /// Whether a store has the job's record. If so, a single "not found" response does not end the wait.
    var isKept = false

    var context: CallContext { CallContext(operation: job.operation, job: job, onRetry: onRetry) }

    /// The number of failures in a row that ends the wait for a free job. A success resets the count.
    private static var maximumFailures: Int { 8 }
    /// The maximum backoff between two failed polls.
    private static var longestBackoff: Duration { .seconds(15) }
    /// The time that a service may take until all its servers know a new job.
    private static var settlingTime: Duration { .seconds(120) }
    /// The time that a service may take to list the outputs of a complete job.
    private static var outputsTime: Duration { .seconds(60) }

    /// Polls until the job is complete.
    ///
    /// - Parameters:
    ///   - known: The service's latest response about the job, if any.
    ///   - isNew: Whether the job was created just now. A new job cannot be done yet, so the first poll comes after a delay.
    func run(from known: Project?, isNew: Bool) async throws -> (Project, [JobOutput]) {
        let configuration = backend.configuration
        let stopwatch = Stopwatch(configuration.clock)
        let age = isNew ? .zero : Self.age(of: job)
        var policy = policy(configuration.durations)
        var project = known
        var polls = 0
        var shownStatus: String?
        var completed: (at: Duration, times: Int)?

        func pause() async throws {
            polls += 1
            let delay = policy.delay(after: age + stopwatch.elapsed, poll: polls, random: configuration.random())
            try await configuration.clock.sleep(for: delay)
        }

        if isNew, project == nil { try await pause() }
        while true {
            let current = if let project { project } else { try await poll() }
            switch backend.state(of: current) {
            case .complete(let outputs):
                let (since, times) = completed ?? (stopwatch.elapsed, 0)
                if outputs.isEmpty, !mayBeEmpty, stopwatch.elapsed - since < Self.outputsTime {
                    completed = (since, times + 1)
                    let delay = backoff(afterFailure: times + 1)
                    let cause = error(
                        .invalidResponse,
                        "Job \(job.shownID) is complete, but its outputs are not available yet."
                    )
                    try await configuration.retrier.pause(for: delay, after: cause, in: context)
                    break
                }
                configuration.retrier.reportRecovery(afterFailures: times, in: context)
                if isNew { configuration.durations.record(stopwatch.elapsed, of: job.operation) }
                return (current, outputs)
            case .pending(let status, let eta):
                let status = backend.redact(status, limit: 100)
                if status != shownStatus { onEvent(.status(status)) }
                shownStatus = status
                // The service's own estimate is more accurate than the history.
                if let eta { policy = policy.expecting(median: age + stopwatch.elapsed + eta) }
                try await pause()
            case .failed(let code, let message):
                let words = message.map { backend.redact($0) }
                let code = code.map { backend.redact($0) }
                throw error(
                    .jobFailed,
                    "Job \(job.shownID) failed\(code.map { " (\($0))" } ?? "")\(words.map { ": \($0.asQuotation)" } ?? ".")",
                    serverCode: code,
                    serverMessage: words
                )
            case .canceled:
                throw error(.jobCanceled, "Job \(job.shownID) was canceled at the service.")
            case .deleted:
                throw error(.jobDeleted, "Job \(job.shownID) was deleted at the service.")
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
        // The local clock may have been set since the job was created.
        return .seconds(min(max(0, seconds), 86_400))
    }

    /// Polls once, and retries a transient failure until the deadline, because the job is paid for.
    func poll() async throws -> Project {
        let retrier = backend.configuration.retrier
        let stopwatch = Stopwatch(retrier.clock)
        var failures = 0
        await beforePoll()
        var unknowns = 0
        while true {
            do {
                let project = try await backend.poll(job, in: context)
                guard backend.isProject(project, of: job) else {
                    throw error(
                        .invalidResponse,
                        "\(backend.displayName) returned another job than job \(job.shownID)."
                    )
                }
                retrier.reportRecovery(afterFailures: failures, in: context)
                return project
            } catch let error as HeadshotKitError {
                failures += 1
                unknowns = error.code == .notFound ? unknowns + 1 : 0
                let isTransient =
                    error.isTransient && (!isFree || failures < Self.maximumFailures)
                    || unknowns > 0 && mayBecomeKnown(after: stopwatch.elapsed, unknowns)
                guard isTransient else { throw error }
                let delay = max(backoff(afterFailure: failures), error.retryAfter ?? .zero)
                try await retrier.pause(for: delay, after: error, in: context)
            }
        }
    }

    private func backoff(afterFailure failure: Int) -> Duration {
        backend.configuration.retrier.backoff(afterFailure: failure, upTo: Self.longestBackoff)
    }

    /// Returns whether the service may still find a job that it does not know now. This is so for a new job or one with a record.
    private func mayBecomeKnown(after elapsed: Duration, _ answers: Int) -> Bool {
        guard !job.isOfProject, !job.isUnnamed else { return false }
        return Self.age(of: job) + elapsed < Self.settlingTime || isKept && answers < 4
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
    /// Whether the same call may succeed later.
    var isTransient: Bool {
        if (underlyingError as? TransportError)?.kind == .tlsFailure { return false }
        if status == 408 { return true }
        return switch code {
        case .network, .serverError, .rateLimited, .invalidResponse: true
        default: false
        }
    }
}
