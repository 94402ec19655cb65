/// After what delays a job is asked about. A pure value: it yields delays, others wait.
///
/// It governs jobs that are not done yet. Polls that fail are governed by ``RetryPolicy``.
public struct PollingPolicy: Sendable, Hashable {
    /// The delay before the first poll of a job that was just created.
    public var initialDelay: Duration
    /// How many times longer each further delay is.
    public var factor: Double
    /// The longest delay.
    public var maximumDelay: Duration

    /// A policy.
    public init(initialDelay: Duration, factor: Double, maximumDelay: Duration) {
        self.initialDelay = initialDelay
        self.factor = factor
        self.maximumDelay = maximumDelay
    }

    /// For images, which take seconds: from 1 s up to 3 s.
    public static let images = PollingPolicy(initialDelay: .seconds(1), factor: 1.3, maximumDelay: .seconds(3))
    /// For videos, which take minutes: from 5 s up to 10 s.
    public static let videos = PollingPolicy(initialDelay: .seconds(5), factor: 1.2, maximumDelay: .seconds(10))

    /// The delay before a poll.
    ///
    /// - Parameters:
    ///   - poll: Which poll of the job it is, from 1.
    ///   - eta: How long the service expects to need, where it said so: it is waited out before the first poll.
    public func delay(beforePoll poll: Int, eta: Duration? = nil) -> Duration {
        var delay = initialDelay
        for _ in 1..<max(1, min(poll, 100)) where delay < maximumDelay { delay = delay * factor }
        delay = min(delay, maximumDelay)
        if poll == 1, let eta { delay = max(delay, min(eta, .seconds(30))) }
        return delay
    }
}
