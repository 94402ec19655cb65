import Foundation

/// Waits for one job.
struct JobWaiter<Created: Sendable, Project: Sendable>: Sendable {
    let backend: any JobBackend<Created, Project>
    let job: JobHandle
    let context: CallContext
    let polling: PollingPolicy
    let onEvent: @Sendable (GenerationEvent) -> Void
    /// Work that waits for the next occasion, such as a record that could not be kept.
    var beforePoll: @Sendable () async -> Void = {}
    /// Whether the job may be complete without outputs. Those of every other job may come a moment after its status.
    var mayBeEmpty = false
    /// Whether the job has cost nothing, so that it is given up after some failures in a row.
    var isFree = false
    /// Whether a store has the job, so that it takes more than one answer to call it unknown.
    var isKept = false

    /// With how many failures in a row the wait for a free job ends. A success starts the count anew.
    private static var maximumFailures: Int { 8 }
    /// The longest delay between two polls that fail.
    private static var longestBackoff: Duration { .seconds(15) }
    /// How long a service may take to know a job everywhere, and its outputs after its status.
    private static var settlingTime: Duration { .seconds(120) }
    private static var outputsTime: Duration { .seconds(60) }

    /// Polls until the job is complete.
    ///
    /// - Parameters:
    ///   - known: What the service has said of it so far, if anything.
    ///   - isNew: Whether the job was created just now, so that asking at once would be asking in vain.
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
                // The service knows its queue better than any history.
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
        // By our clock, which may have been set in between.
        return .seconds(min(max(0, seconds), 86_400))
    }

    /// Asks once, and again where that failed for the moment only: until the deadline, for what was paid for is worth the wait.
    func poll() async throws -> Project {
        let retrier = backend.configuration.retrier
        let stopwatch = Stopwatch(retrier.clock)
        var failures = 0
        await beforePoll()
        var unknowns = 0
        while true {
            do {
                let project = try await backend.poll(job, in: context)
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

    /// Whether a job that the service does not know may be known in a while: one that is young, or was known before.
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
    /// Whether the same call may well succeed in a while.
    var isTransient: Bool {
        if (underlyingError as? TransportError)?.kind == .tlsFailure { return false }
        if status == 408 { return true }
        return switch code {
        case .network, .serverError, .rateLimited, .invalidResponse: true
        default: false
        }
    }
}
