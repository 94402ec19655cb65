/// How often and after what delays a request that failed is sent again. A pure value: it yields delays, others wait.
///
/// It governs requests that are safe to repeat. A request that creates a paid job is repeated only when it is certain that the
/// service did not take it; `docs/money.md` tells how that is decided.
///
/// Polls and downloads take only their delays from here: failures of polls that pass are waited out until the deadline, after delays of up to
/// 15 s (of a free job, the eighth in a row ends the wait), the sixth without any progress ends a download, and both wait out any
/// `Retry-After` that the deadline allows. When a job is asked about is ``PollingPolicy``'s matter.
public struct RetryPolicy: Sendable, Hashable {
    /// How often a request is sent at most, the first time included. At least 1.
    public var maximumAttempts: Int
    /// The delay after the first failure; each further one is twice as long.
    public var initialDelay: Duration
    /// The longest delay of our own choosing.
    public var maximumDelay: Duration
    /// The share of a delay, from 0 to 1, that is left to chance, so that many clients do not return at the same moment.
    public var jitter: Double
    /// The longest `Retry-After` that is waited out. A longer one ends the attempts, with an error that names it.
    public var maximumRetryAfter: Duration

    /// A policy: 4 attempts, delays from 0.5 s to 8 s of which a quarter is left to chance, `Retry-After` up to a minute.
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

    /// One attempt for each request to the API and each upload.
    public static let never = RetryPolicy(maximumAttempts: 1)

    /// The delay before the next attempt, or nil when there is none.
    ///
    /// - Parameters:
    ///   - attempt: How often the request has been sent, from 1.
    ///   - retryAfter: What the service asks for; waited out in full, and never shortened.
    ///   - random: A number from 0 up to, not including, 1.
    public func delay(afterAttempt attempt: Int, retryAfter: Duration? = nil, random: Double) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        if let retryAfter, retryAfter > maximumRetryAfter { return nil }
        return max(backoff(afterFailure: attempt, random: random), retryAfter ?? .zero)
    }

    /// The delay after so many failures in a row, from 1, with no bound on their number.
    func backoff(afterFailure failure: Int, random: Double, upTo longest: Duration? = nil) -> Duration {
        // Beyond 2^20 every delay is the maximum, and the product would in time overflow.
        let doubled = initialDelay * (1 << min(failure - 1, 20))
        return min(doubled, longest ?? maximumDelay) * (1 - jitter * random)
    }
}
