import Foundation

/// Reports the events of one call, one at a time, and remembers the failure that is being retried.
final class EventReporter: Sendable {
    private let onEvent: (@Sendable (GenerationEvent) -> Void)?
    /// The observer of the call that this one is a step of.
    private let outer: CallContext.RetryObserver?
    private let lock = NSLock()
    private let failure = Locked<HeadshotKitError?>(nil)

    init(_ onEvent: (@Sendable (GenerationEvent) -> Void)?, outer: CallContext.RetryObserver? = nil) {
        self.onEvent = onEvent
        self.outer = outer
    }

    /// The failure after which an attempt is pending; `nil` if the last attempt succeeded.
    var lastFailure: HeadshotKitError? { failure.withLock { $0 } }

    func report(_ event: GenerationEvent) {
        lock.withLock { onEvent?(event) }
    }

    /// Observes a retry, or with `nil` the success after retries.
    func observe(_ error: HeadshotKitError?, _ delay: Duration) {
        outer?(error, delay)
        failure.withLock { $0 = error }
        if let error { report(.retrying(reason: error.message, after: delay)) }
    }
}
