import Foundation

/// An estimate of how much of a whole job is complete, from 0 to 1. The estimate never decreases.
///
/// The upload takes the first tenth and the downloads take the last one. The rest is the wait, whose length is estimated from the service's
/// own estimate or from earlier jobs of the operation.
struct GenerationProgress: Sendable {
    private static let uploadShare = 0.1
    private static let downloadShare = 0.1

    private(set) var fraction = 0.0
    private var waitStart: Duration?
    private var expectedWait = Duration.seconds(30)
    private var outputs: [Int: Double] = [:]
    private var outputCount = 1

    /// Notes an event at a time since the beginning of the call.
    mutating func note(_ event: GenerationEvent, at time: Duration) {
        switch event {
        case .uploading(let progress):
            raise(to: Self.uploadShare * (progress.fraction ?? 0))
        case .submitted, .resumed:
            waitStart = time
            raise(to: Self.uploadShare)
        case .downloading(let output, let count, let progress):
            outputCount = max(outputCount, min(count, 1_000))
            noteDownload(of: output, progress.fraction ?? 0)
        default:
            update(at: time)
        }
    }

    /// Notes the time that the service or the history of the operation gives until the job is done.
    mutating func expect(_ remaining: Duration, at time: Duration) {
        guard let waitStart else { return }
        expectedWait = max(.seconds(1), time - waitStart + remaining)
    }

    /// Updates the estimate of the wait.
    mutating func update(at time: Duration) {
        guard let waitStart, outputs.isEmpty else { return }
        // The curve reaches 80 % of the wait's share at the expected time and never the whole share, because a job may be late.
        let ratio = max(0, (time - waitStart).seconds / expectedWait.seconds)
        let share = 1 - Self.uploadShare - Self.downloadShare
        raise(to: Self.uploadShare + share * (1 - exp(-1.6 * ratio)))
    }

    private mutating func noteDownload(of output: Int, _ fraction: Double) {
        outputs[output] = max(outputs[output] ?? 0, fraction)
        let completed = outputs.values.reduce(0, +) / Double(outputCount)
        raise(to: 1 - Self.downloadShare + Self.downloadShare * min(1, completed))
    }

    private mutating func raise(to value: Double) {
        guard value.isFinite else { return }
        fraction = max(fraction, min(1, value))
    }
}
