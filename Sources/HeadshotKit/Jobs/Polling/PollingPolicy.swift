import Foundation

/// After what delays a job is asked about. A pure value: it yields delays, others wait. `docs/polling.md` tells the idea.
///
/// It governs jobs that are not done yet. Polls that fail are governed by ``RetryPolicy``.
public struct PollingPolicy: Sendable, Hashable {
    private enum Kind: Sendable, Hashable {
        case adaptive(median: Double, spread: Double, polls: Double)
        case backoff(factor: Double)
    }

    private var kind: Kind
    private var minimum: Duration
    private var maximum: Duration

    /// Delays that follow the distribution of the operation's duration: few polls while a job can hardly be done, many when it
    /// probably is, few again when it is late.
    ///
    /// - Parameters:
    ///   - median: The time within which half the jobs are done.
    ///   - polls: How many polls a job is to take on average. Twice as many halve the time between a job's end and its discovery.
    ///   - spread: The standard deviation of the logarithm of the duration.
    ///   - minimum: The shortest delay.
    ///   - maximum: The longest delay.
    public static func adaptive(
        median: Duration,
        polls: Int = 10,
        spread: Double = 0.5,
        minimum: Duration = .milliseconds(250),
        maximum: Duration = .seconds(15)
    ) -> PollingPolicy {
        PollingPolicy(
            kind: .adaptive(
                median: max(0.001, median.seconds),
                spread: max(0.05, spread),
                polls: Double(max(1, polls))
            ),
            minimum: minimum,
            maximum: maximum
        )
    }

    /// Delays that grow by a factor: for operations of which nothing is known.
    public static func backoff(
        initial: Duration = .seconds(1),
        factor: Double = 1.3,
        maximum: Duration = .seconds(5)
    ) -> PollingPolicy {
        PollingPolicy(kind: .backoff(factor: max(1, factor)), minimum: initial, maximum: maximum)
    }

    /// For headshots: a median of 16 s, about 10 polls.
    public static let headshots = adaptive(median: .seconds(16))
    /// For images, and what is not known better: a median of 4 s, about 8 polls.
    public static let images = adaptive(median: .seconds(4), polls: 8)
    /// For talking photos, and videos that are not known better: a median of 41 s, about 20 polls.
    public static let talkingPhotos = adaptive(median: .seconds(41), polls: 18)

    /// The delay before the next poll.
    ///
    /// - Parameters:
    ///   - elapsed: The time since the job was created.
    ///   - poll: Which poll it is, from 1.
    ///   - random: A number from 0 up to, not including, 1; it takes up to a tenth off, so that many jobs created at once are not
    ///     asked about at once for ever.
    public func delay(after elapsed: Duration, poll: Int, random: Double = 0) -> Duration {
        let delay: Duration
        switch kind {
        case .backoff(let factor):
            let grown = min(minimum.seconds * pow(factor, Double(poll - 1)), maximum.seconds)
            return .seconds(grown * (1 - 0.1 * random))
        case .adaptive(let median, let spread, let polls):
            delay = .seconds(Self.step(from: elapsed.seconds / median, spread: spread, polls: polls) * median)
        }
        return max(minimum, min(delay, maximum) * (1 - 0.1 * random))
    }

    /// The policy for jobs of which more is known than of the operation in general: a median that was estimated or observed.
    func expecting(median: Duration) -> PollingPolicy {
        guard case .adaptive(_, let spread, let polls) = kind else { return self }
        var policy = self
        policy.kind = .adaptive(median: max(0.001, median.seconds), spread: spread, polls: polls)
        return policy
    }

    /// The median that the policy goes by, if it does.
    var median: Duration? {
        guard case .adaptive(let median, _, _) = kind else { return nil }
        return .seconds(median)
    }

    // MARK: The adaptive step

    /// Polls are spread so that their density is proportional to the square root of the hazard, the probability that a job which is
    /// not done yet is done in the next moment: of all ways to spend so many polls, this one detects the end soonest.
    ///
    /// Times are in units of the median, which makes the mathematics the same for all operations.
    private static func step(from start: Double, spread: Double, polls: Double) -> Double {
        // The integral of the root of the hazard up to the expected end is about 0.92 for a spread of 0.5, so that each poll's share is:
        let share = 0.92 / polls
        var sum = 0.0
        var time = max(start, 0)
        // Beyond a few medians nothing is gained by precision, and the caller's maximum applies.
        while sum < share, time < start + 20 {
            let width = max(0.002, share / 16) * max(1, time)
            sum += hazard(time + width / 2, spread: spread).squareRoot() * width
            time += width
        }
        return time - start
    }

    /// The hazard of a lognormal distribution with median 1.
    private static func hazard(_ time: Double, spread: Double) -> Double {
        let deviation = log(max(time, 1e-9)) / spread
        let density = exp(-deviation * deviation / 2) / (max(time, 1e-9) * spread * (2 * Double.pi).squareRoot())
        let survival = erfc(deviation / 2.0.squareRoot()) / 2
        return density / max(survival, 1e-300)
    }
}
