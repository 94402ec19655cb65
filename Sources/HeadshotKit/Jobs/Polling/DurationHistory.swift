import Foundation

/// The durations of jobs that this process observed. They let polling adapt to more than the published durations.
///
/// All clients share one history unless ``ClientConfiguration/durations`` is set.
public final class DurationHistory: Sendable {
    private struct Observations {
        var count = 0.0
        var sumOfLogarithms = 0.0
    }

    /// The history that clients share by default.
    public static let shared = DurationHistory()

    /// The number of observations that weigh as much as the published median.
    private static let weightOfPrior = 2.0
    /// The number of observations beyond which older ones lose weight, because a service's speed changes.
    private static let memory = 30.0

    private let observations = Locked<[String: Observations]>([:])

    /// Creates an empty history.
    public init() {}

    /// Records the duration of a job.
    ///
    /// - Parameters:
    ///   - duration: The time from the job's creation to the poll that found it done.
    ///   - operation: The job's operation, such as `ai-headshot-generator`.
    public func record(_ duration: Duration, of operation: String) {
        let seconds = duration.seconds
        guard seconds > 0, seconds.isFinite else { return }
        observations.withLock { all in
            var known = all[operation] ?? Observations()
            if known.count >= Self.memory {
                known.sumOfLogarithms *= (Self.memory - 1) / known.count
                known.count = Self.memory - 1
            }
            known.count += 1
            known.sumOfLogarithms += log(seconds)
            all[operation] = known
        }
    }

    /// Returns the expected median duration of an operation, which combines the published median with the observed durations.
    public func median(of operation: String, published: Duration) -> Duration {
        guard let known = observations.withLock({ $0[operation] }) else { return published }
        let sum = known.sumOfLogarithms + Self.weightOfPrior * log(max(published.seconds, 0.001))
        return .seconds(exp(sum / (known.count + Self.weightOfPrior)))
    }
}
