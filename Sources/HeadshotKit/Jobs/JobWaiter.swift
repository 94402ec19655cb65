import Foundation

/// The wait for one job.
struct JobWaiter: Sendable {
    let backend: any JobBackend
    let job: JobHandle
    let traits: JobTraits
    let events: EventReporter
    /// The job's record. A record that the store failed to save is saved again before each poll.
    var journal = JobJournal.none

    var context: CallContext { CallContext(operation: job.operation, job: job, onRetry: events.observer) }

    /// The number of failures in a row that ends the wait for a free job. A success resets the count.
    private static var maximumFailures: Int { 8 }
    /// The maximum backoff between two failed polls.
    private static var longestBackoff: Duration { .seconds(15) }
    /// The time that a service may take until all its servers know a new job.
    private static var settlingTime: Duration { .seconds(120) }
    /// The time that a service may take to list the outputs of a complete job.
    private static var outputsTime: Duration { .seconds(60) }

    private static var finalAdvice: String { "The job cannot be resumed. Create a new job." }

    /// Polls until the job is complete.
    ///
    /// - Parameters:
    ///   - known: The service's latest response about the job, if any.
    ///   - isNew: Whether the job was created just now. A new job cannot be done yet, so the first poll comes after a delay.
    func run(from known: JobSnapshot?, isNew: Bool) async throws -> (JobSnapshot, [JobOutput]) {
        let configuration = backend.configuration
        let stopwatch = Stopwatch(configuration.clock)
        let age = isNew ? .zero : Self.age(of: job)
        var policy = policy(configuration.durations)
        var snapshot = known
        var polls = 0
        var shownStatus: String?
        var completed: (at: Duration, times: Int)?
        if let median = policy.median { events.reportEstimate(median - age) }

        func pause() async throws {
            polls += 1
            let delay = policy.delay(after: age + stopwatch.elapsed, poll: polls, random: configuration.random())
            try await configuration.clock.sleep(for: delay)
        }

        if isNew, snapshot == nil { try await pause() }
        while true {
            let current = if let snapshot { snapshot } else { try await poll() }
            switch current.state {
            case .complete(let outputs):
                let (since, times) = completed ?? (stopwatch.elapsed, 0)
                if outputs.isEmpty, !traits.mayBeEmpty, stopwatch.elapsed - since < Self.outputsTime {
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
                if status != shownStatus { events.report(.status(backend.redact(status, limit: 100))) }
                shownStatus = status
                // The service's own estimate is more accurate than the history.
                if let eta {
                    policy = policy.expecting(median: age + stopwatch.elapsed + eta)
                    events.reportEstimate(eta)
                }
                try await pause()
            case .failed(let code, let message):
                let reason = message.map { backend.redact($0) }
                let code = code.map { backend.redact($0) }
                var error = error(
                    .jobFailed,
                    "Job \(job.shownID) failed\(code.map { " (\($0))" } ?? "")\(reason.map { ": \($0.asQuotation)" } ?? ".")"
                )
                (error.serverCode, error.serverMessage) = (code, reason)
                (error.advice, error.cause) = backend.failureAdvice(for: code)
                throw error
            case .canceled:
                throw error(.jobCanceled, "Job \(job.shownID) was canceled at the service.", Self.finalAdvice)
            case .deleted:
                throw error(.jobDeleted, "Job \(job.shownID) was deleted at the service.", Self.finalAdvice)
            }
            snapshot = nil
        }
    }

    private func policy(_ durations: DurationHistory) -> PollingPolicy {
        guard let published = traits.polling.median else { return traits.polling }
        return traits.polling.expecting(median: durations.median(of: job.operation, published: published))
    }

    private static func age(of job: JobHandle) -> Duration {
        let seconds = job.createdAt.date.map { -$0.timeIntervalSinceNow } ?? 0
        // The local clock may have been set since the job was created.
        return .seconds(min(max(0, seconds), 86_400))
    }

    /// Polls once, and retries a transient failure until the deadline, because the job is paid for.
    func poll() async throws -> JobSnapshot {
        let retrier = backend.configuration.retrier
        let stopwatch = Stopwatch(retrier.clock)
        var failures = 0
        await journal.catchUp()
        var unknowns = 0
        while true {
            do {
                let snapshot = try await backend.poll(job, as: traits, in: context)
                guard !snapshot.isOfAnotherJob else {
                    throw error(
                        .invalidResponse,
                        "\(backend.displayName) returned another job than job \(job.shownID)."
                    )
                }
                retrier.reportRecovery(afterFailures: failures, in: context)
                return snapshot
            } catch let error as HeadshotKitError {
                failures += 1
                unknowns = error.code == .notFound ? unknowns + 1 : 0
                let isTransient =
                    error.isTransient && (!traits.isFree || failures < Self.maximumFailures)
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
        guard traits.mayBeUnknownAtFirst, !job.isUnnamed else { return false }
        return Self.age(of: job) + elapsed < Self.settlingTime || journal.record != nil && answers < 4
    }

    private func error(
        _ code: HeadshotKitError.Code,
        _ message: String,
        _ advice: String? = nil
    ) -> HeadshotKitError {
        HeadshotKitError(
            code,
            message,
            advice: advice,
            operation: job.operation,
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
        case .network, .serverError, .rateLimited, .invalidResponse, .credentialUnavailable: true
        default: false
        }
    }
}
