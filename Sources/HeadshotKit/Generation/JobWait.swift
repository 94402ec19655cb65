import Foundation

/// Waits for one job.
struct JobWait<Created: Sendable, Project: Sendable>: Sendable {
    let service: any JobService<Created, Project>
    let job: JobHandle
    let polling: PollingPolicy
    let onEvent: @Sendable (GenerationEvent) -> Void

    /// How many polls may fail in a row. A success starts the count anew.
    private static var maximumFailures: Int { 8 }

    /// Polls until the job is complete.
    ///
    /// - Parameters:
    ///   - known: What the service has said of it so far, if anything.
    ///   - isNew: Whether the job was created just now, so that asking at once would be asking in vain.
    func run(from known: Project?, isNew: Bool) async throws -> (Project, [JobOutput]) {
        let clock = service.api.configuration.clock
        var project = known
        var polls = 0
        var shownStatus: String?
        if isNew, project == nil {
            polls = 1
            try await clock.sleep(for: polling.delay(beforePoll: 1))
        }
        while true {
            let current = if let project { project } else { try await poll() }
            switch service.state(of: current) {
            case .complete(let outputs):
                return (current, outputs)
            case .pending(let status, let eta):
                if status != shownStatus { onEvent(.status(status)) }
                shownStatus = status
                polls += 1
                try await clock.sleep(for: polling.delay(beforePoll: polls, eta: eta))
            case .failed(let code, let message):
                let words = message.map { service.api.key.redact($0) }
                throw error(
                    .jobFailed,
                    "Job \(job.id) failed\(code.map { " (\($0))" } ?? "")\(words.map { ": “\($0)”" } ?? "").",
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

    /// Asks once, and again where that failed for the moment only.
    func poll() async throws -> Project {
        let configuration = service.api.configuration
        var failures = 0
        while true {
            do {
                return try await service.poll(job)
            } catch let error as HeadshotKitError where error.isPassing && failures + 1 < Self.maximumFailures {
                failures += 1
                let backoff = configuration.retry.backoff(afterFailure: failures, random: configuration.random())
                try await configuration.clock.sleep(for: max(backoff, error.retryAfter ?? .zero))
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
        return switch code {
        case .network, .serverError, .rateLimited, .invalidReply: true
        default: false
        }
    }
}
