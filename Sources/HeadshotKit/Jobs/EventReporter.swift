/// The reporter of one call's events. It reports one event at a time and keeps the failure that is being retried.
final class EventReporter: Sendable {
    typealias EstimateHandler = @Sendable (Duration) -> Void

    private let onEvent: EventHandler?
    /// Called with the estimated time until the job is done.
    private let onEstimate: EstimateHandler?
    /// The retry observer of the enclosing call, if this call is one of its steps.
    private let outer: CallContext.RetryObserver?
    private let filter = Locked(TransferEventFilter())
    private let failure = Locked<HeadshotKitError?>(nil)

    init(
        _ onEvent: EventHandler?,
        onEstimate: EstimateHandler? = nil,
        outer: CallContext.RetryObserver? = nil
    ) {
        self.onEvent = onEvent
        self.onEstimate = onEstimate
        self.outer = outer
    }

    /// The failure that is being retried. `nil` if the last attempt succeeded.
    var lastFailure: HeadshotKitError? { failure.withLock { $0 } }

    func report(_ event: GenerationEvent) {
        filter.withLock { filter in
            if filter.admit(event, at: .now) { onEvent?(event) }
        }
    }

    /// Reports the estimated time until the job is done.
    func reportEstimate(_ remaining: Duration) { onEstimate?(remaining) }

    /// The observer of retries for the steps of the call.
    var observer: CallContext.RetryObserver {
        { error, delay in
            self.outer?(error, delay)
            self.failure.withLock { $0 = error }
            if let error { self.report(.retrying(reason: error.message, after: delay)) }
        }
    }
}

/// A filter that limits the events of a transfer to those that an observer can use: no repetition, at most ten a second, and always the
/// first and the last one.
struct TransferEventFilter {
    private var latest: [Int: (progress: TransferProgress, time: ContinuousClock.Instant)] = [:]

    /// Returns whether to report an event. Events other than those of a transfer are always reported.
    mutating func admit(_ event: GenerationEvent, at time: ContinuousClock.Instant) -> Bool {
        let (transfer, progress): (Int, TransferProgress)
        switch event {
        case .uploading(let uploaded): (transfer, progress) = (0, uploaded)
        case .downloading(let output, _, let downloaded): (transfer, progress) = (output, downloaded)
        default: return true
        }
        if let last = latest[transfer] {
            guard last.progress != progress else { return false }
            let isComplete = progress.total.map { progress.completed >= $0 } ?? false
            guard isComplete || time - last.time >= .milliseconds(100) else { return false }
        }
        latest[transfer] = (progress, time)
        return true
    }
}
