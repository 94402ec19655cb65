import Foundation

/// The delays between polls of a job. The policy is a pure value that returns delays and does not wait.
///
/// <doc:WaitingAndPolling> shows how to choose a policy, and `docs/polling.md` explains the default.
///
/// The policy applies to jobs that are not done yet. ``RetryPolicy`` applies to polls that fail.
public struct PollingPolicy: Sendable, Equatable {
    private enum Kind: Sendable, Equatable {
        case adaptive(median: Double, spread: Double, polls: Double)
        case backoff(factor: Double)
    }

    private var kind: Kind
    private var minimum: Duration
    private var maximum: Duration

    /// Returns a policy whose delays follow the distribution of the operation's duration.
    ///
    /// Polls are rare while a job is unlikely to be done, frequent when it probably is, and rare again when it is late.
    ///
    /// - Parameters:
    ///   - median: The time within which half the jobs are done.
    ///   - polls: The average number of polls per job. Twice the number halves the time between a job's end and its detection.
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

    /// Returns a policy whose delays grow by a factor, for operations with unknown durations.
    public static func backoff(
        initial: Duration = .seconds(1),
        factor: Double = 1.3,
        maximum: Duration = .seconds(5)
    ) -> PollingPolicy {
        PollingPolicy(kind: .backoff(factor: max(1, factor)), minimum: max(.milliseconds(1), initial), maximum: maximum)
    }

    /// The policy for headshots, with a median of 16 s and about 10 polls.
    public static let headshots = adaptive(median: .seconds(16))
    /// The policy for images and for jobs of unknown kinds, with a median of 4 s and about 8 polls.
    public static let images = adaptive(median: .seconds(4), polls: 8)
    /// The policy for talking photos and for videos of unknown kinds, with a median of 41 s and about 18 polls.
    public static let talkingPhotos = adaptive(median: .seconds(41), polls: 18)

    /// Returns the delay before the next poll.
    ///
    /// - Parameters:
    ///   - elapsed: The time since the job was created.
    ///   - poll: The number of the poll, from 1.
    ///   - random: A number from 0 up to, but not including, 1. It shortens the delay by up to a tenth, so that jobs that were
    ///     created at the same time are not always polled at the same time.
    public func delay(after elapsed: Duration, poll: Int, random: Double = 0) -> Duration {
        let delay: Duration
        switch kind {
        case .backoff(let factor):
            let grown = min(minimum.seconds * pow(factor, max(0, Double(poll) - 1)), maximum.seconds)
            return Duration(clamping: grown * (1 - 0.1 * random))
        case .adaptive(let median, let spread, let polls):
            delay = Duration(clamping: Self.step(from: elapsed.seconds / median, spread: spread, polls: polls) * median)
        }
        return max(minimum, Duration(clamping: min(delay, maximum).seconds * (1 - 0.1 * random)))
    }

    /// Returns the policy with an estimated or observed median. A backoff policy has no median and is returned unchanged.
    func expecting(median: Duration) -> PollingPolicy {
        guard case .adaptive(_, let spread, let polls) = kind else { return self }
        var policy = self
        policy.kind = .adaptive(median: max(0.001, median.seconds), spread: spread, polls: polls)
        return policy
    }

    /// The median of an adaptive policy. `nil` for a backoff policy.
    var median: Duration? {
        guard case .adaptive(let median, _, _) = kind else { return nil }
        return Duration(clamping: median)
    }

    // MARK: The adaptive step

    /// Returns the time from `start` to the next poll.
    ///
    /// The density of polls is proportional to the square root of the hazard. The hazard is the probability that a job that is
    /// not done yet is done in the next moment. With a given number of polls, this density detects the end soonest.
    ///
    /// Times are in units of the median, so that the calculation is the same for all operations.
    private static func step(from start: Double, spread: Double, polls: Double) -> Double {
        // The integral of the square root of the hazard up to the expected end is about 0.92 for a spread of 0.5.
        let share = 0.92 / polls
        var sum = 0.0
        var time = max(start, 0)
        // Beyond a few medians, the caller's maximum applies, so precision gains nothing.
        while sum < share, time < start + 20 {
            let width = max(0.002, share / 16) * max(1, time)
            sum += hazard(time + width / 2, spread: spread).squareRoot() * width
            time += width
        }
        return time - start
    }

    /// Returns the hazard of a lognormal distribution with median 1.
    private static func hazard(_ time: Double, spread: Double) -> Double {
        let deviation = log(max(time, 1e-9)) / spread
        let density = exp(-deviation * deviation / 2) / (max(time, 1e-9) * spread * (2 * Double.pi).squareRoot())
        let survival = erfc(deviation / 2.0.squareRoot()) / 2
        return density / max(survival, 1e-300)
    }
}
