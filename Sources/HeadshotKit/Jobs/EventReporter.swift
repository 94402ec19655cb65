import Foundation

/// The reporter of one call's events. It reports one event at a time and keeps the failure that is being retried.
final class EventReporter: Sendable {
    private let onEvent: (@Sendable (GenerationEvent) -> Void)?
    /// The retry observer of the enclosing call, if this call is one of its steps.
    private let outer: CallContext.RetryObserver?
    private let lock = NSLock()
    private let failure = Locked<HeadshotKitError?>(nil)

    init(_ onEvent: (@Sendable (GenerationEvent) -> Void)?, outer: CallContext.RetryObserver? = nil) {
        self.onEvent = onEvent
        self.outer = outer
    }

    /// The failure that is being retried. `nil` if the last attempt succeeded.
    var lastFailure: HeadshotKitError? { failure.withLock { $0 } }

    func report(_ event: GenerationEvent) {
        lock.withLock { onEvent?(event) }
    }

    /// Observes a retry, or the success after retries if the error is `nil`.
    func observe(_ error: HeadshotKitError?, _ delay: Duration) {
        outer?(error, delay)
        failure.withLock { $0 = error }
        if let error { report(.retrying(reason: error.message, after: delay)) }
    }
}
