/// What a client of either service works with: the network, time and chance. Everything has a sensible default.
public struct ClientConfiguration: Sendable {
    /// What carries the requests. With one that is given here, clients go to `baseURL` or the service's own address: the environment variables
    /// for base URLs count for the default transport alone, so that a test with a mock does not depend on the shell that it runs in.
    public var transport: any Transport {
        didSet { isDefaultTransport = false }
    }
    /// Whether the transport is the one that nobody chose.
    private(set) var isDefaultTransport: Bool
    /// When requests are sent again.
    public var retry: RetryPolicy
    /// What delays and deadlines are measured with.
    public var clock: any Clock<Duration>
    /// Where jitter comes from: a number from 0 up to, not including, 1.
    public var random: @Sendable () -> Double
    /// How long jobs took so far, which polling goes by.
    public var durations: DurationHistory
    /// Where jobs are kept until they are delivered; nowhere unless set.
    public var jobStore: (any JobStore)?
    /// The workflow that wants to hear of a failure that is followed by another attempt after a pause, and, by nil, of the success after
    /// such failures.
    var onRetry: (@Sendable (HeadshotKitError?, Duration) -> Void)?

    /// A configuration. The transport is ``URLSessionTransport/shared`` unless given.
    public init(
        transport: (any Transport)? = nil,
        retry: RetryPolicy = RetryPolicy(),
        clock: any Clock<Duration> = ContinuousClock(),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        durations: DurationHistory = .shared,
        jobStore: (any JobStore)? = nil
    ) {
        self.transport = transport ?? URLSessionTransport.shared
        isDefaultTransport = transport == nil
        self.retry = retry
        self.clock = clock
        self.random = random
        self.durations = durations
        self.jobStore = jobStore
    }
}

extension ClientConfiguration {
    /// Does something until it succeeds, or fails in a way that may not be repeated, or the policy has had enough, or the next attempt
    /// would come too late.
    func repeating<Value>(
        until deadline: Deadline? = nil,
        _ attempt: () async throws -> Result<Value, Failure>
    ) async throws -> Value {
        var attempts = 1
        while true {
            switch try await attempt() {
            case .success(let value):
                reportRecovery(afterFailures: attempts - 1)
                return value
            case .failure(let failure):
                let delay = retry.delay(
                    afterAttempt: attempts,
                    retryAfter: failure.error.retryAfter,
                    random: random()
                )
                guard failure.isRetryable, let delay else { throw failure.error }
                if let deadline, delay >= deadline.remaining { throw failure.error }
                try await pause(for: delay, after: failure.error)
                attempts += 1
            }
        }
    }

    /// Tells of a failure, and waits until it is time for the next attempt.
    func pause(for delay: Duration, after error: HeadshotKitError) async throws {
        onRetry?(error, delay)
        try await clock.sleep(for: delay)
    }

    /// Takes back what was told of failures, if there were any: a deadline is not to name one that is over.
    func reportRecovery(afterFailures count: Int) {
        if count > 0 { onRetry?(nil, .zero) }
    }
}
