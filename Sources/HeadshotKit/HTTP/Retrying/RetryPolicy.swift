/// A policy that determines how often and after which delays a failed request is sent again. The policy is a pure value that
/// computes delays and does not wait.
///
/// It applies to requests that are safe to repeat. A request that creates a paid job is repeated only if the service certainly
/// did not accept it. `docs/money.md` explains how this is decided.
///
/// Polls and downloads use only the delays of this policy:
/// - Polls that fail temporarily are repeated until the deadline, after delays of up to 15 s. For a free job, the eighth failure
///   in a row ends the wait.
/// - A download ends with the sixth failure without progress.
/// - Both wait for any `Retry-After` that the deadline allows.
///
/// ``PollingPolicy`` determines when a job is polled.
public struct RetryPolicy: Sendable, Equatable {
    /// The maximum number of times that a request is sent, including the first attempt. At least 1.
    public var maximumAttempts: Int
    /// The delay after the first failure. Each further delay is twice as long as the previous one.
    public var initialDelay: Duration
    /// The maximum delay, unless the service requests a longer one.
    public var maximumDelay: Duration
    /// The fraction of a delay, from 0 to 1, that is randomized, so that many clients do not retry at the same moment.
    public var jitter: Double
    /// The maximum `Retry-After` that is waited for. A longer one ends the attempts with an error that reports it.
    public var maximumRetryAfter: Duration

    /// Creates a policy. Defaults to 4 attempts, delays from 0.5 s to 8 s of which a quarter is randomized, and a `Retry-After`
    /// of up to 60 s.
    public init(
        maximumAttempts: Int = 4,
        initialDelay: Duration = .milliseconds(500),
        maximumDelay: Duration = .seconds(8),
        jitter: Double = 0.25,
        maximumRetryAfter: Duration = .seconds(60)
    ) {
        self.maximumAttempts = maximumAttempts
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.jitter = jitter
        self.maximumRetryAfter = maximumRetryAfter
    }

    /// A policy that makes one attempt for each API request and each upload.
    public static let never = RetryPolicy(maximumAttempts: 1)

    /// Returns the delay before the next attempt, or `nil` if there is no further attempt.
    ///
    /// - Parameters:
    ///   - attempt: The number of times that the request has been sent, starting at 1.
    ///   - retryAfter: The delay that the service requests. The returned delay is never shorter.
    ///   - random: A number from 0 up to, but not including, 1.
    public func delay(afterAttempt attempt: Int, retryAfter: Duration? = nil, random: Double) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        if let retryAfter, retryAfter > maximumRetryAfter { return nil }
        return max(backoff(afterFailure: attempt, random: random), retryAfter ?? .zero)
    }

    /// Returns the delay after a number of consecutive failures, starting at 1, without a limit on that number.
    func backoff(afterFailure failure: Int, random: Double, upTo longest: Duration? = nil) -> Duration {
        // Every delay has reached the maximum at 2^20.
        let doubled = initialDelay.seconds * Double(1 << min(max(1, failure) - 1, 20))
        return Duration(clamping: min(doubled, (longest ?? maximumDelay).seconds) * (1 - jitter * random))
    }
}
