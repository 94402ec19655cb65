/// A retry loop that follows the delays of a ``RetryPolicy``.
struct Retrier: Sendable {
    let policy: RetryPolicy
    let clock: any Clock<Duration>
    /// The source of random numbers from 0 up to, but not including, 1.
    let random: @Sendable () -> Double

    /// Repeats an attempt until it succeeds, fails permanently, or the policy or the context's deadline allows no further
    /// attempt.
    ///
    /// - Throws: The last failure's ``HeadshotKitError``. `CancellationError` if the caller is canceled.
    func run<Value>(
        in context: CallContext,
        _ attempt: () async throws -> Result<Value, Failure>
    ) async throws -> Value {
        var attempts = 1
        while true {
            switch try await attempt() {
            case .success(let value):
                reportRecovery(afterFailures: attempts - 1, in: context)
                return value
            case .failure(let failure):
                try await pause(after: failure, ofAttempt: attempts, in: context)
                attempts += 1
            }
        }
    }

    /// Waits until the next attempt.
    ///
    /// - Throws: The failure's error if there is no next attempt.
    @inline(never)
    private func pause(after failure: Failure, ofAttempt attempt: Int, in context: CallContext) async throws {
        let delay = policy.delay(afterAttempt: attempt, retryAfter: failure.error.retryAfter, random: random())
        guard failure.isRetryable, let delay else { throw failure.error }
        if let deadline = context.deadline, delay >= deadline.remaining { throw failure.error }
        try await pause(for: delay, after: failure.error, in: context)
    }

    /// Returns the delay after a number of consecutive failures, starting at 1.
    func backoff(afterFailure failure: Int, upTo longest: Duration? = nil) -> Duration {
        policy.backoff(afterFailure: failure, random: random(), upTo: longest)
    }

    /// Reports a failure and waits before the next attempt.
    func pause(for delay: Duration, after error: HeadshotKitError, in context: CallContext) async throws {
        context.onRetry?(error, delay)
        try await clock.sleep(for: delay)
    }

    /// Reports that an attempt succeeded after failures, so that a later timeout does not mention them.
    func reportRecovery(afterFailures count: Int, in context: CallContext) {
        if count > 0 { context.onRetry?(nil, .zero) }
    }
}
