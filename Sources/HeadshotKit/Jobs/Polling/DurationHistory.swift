import Foundation

/// How long jobs took that this process has seen, so that polling follows what is, not only what was published.
///
/// ``ClientConfiguration/durations`` is shared by all clients unless set.
public final class DurationHistory: Sendable {
    private struct Observations {
        var count = 0.0
        var sumOfLogarithms = 0.0
    }

    /// The history that clients share.
    public static let shared = DurationHistory()

    /// As many observations as weigh as much as what was published.
    private static let weightOfPrior = 2.0
    /// Beyond this many, older observations fade, for services get faster and slower.
    private static let memory = 30.0

    private let observations = Locked<[String: Observations]>([:])

    /// A history of nothing.
    public init() {}

    /// Notes that a job took so long.
    ///
    /// - Parameters:
    ///   - duration: The time from its creation to the poll that found it done.
    ///   - operation: What it did, such as `ai-headshot-generator`.
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

    /// The median to expect of an operation, between the published one and those observed.
    public func median(of operation: String, published: Duration) -> Duration {
        guard let known = observations.withLock({ $0[operation] }) else { return published }
        let sum = known.sumOfLogarithms + Self.weightOfPrior * log(max(published.seconds, 0.001))
        return .seconds(exp(sum / (known.count + Self.weightOfPrior)))
    }
}
