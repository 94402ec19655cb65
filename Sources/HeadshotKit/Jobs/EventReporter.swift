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

    /// The observer of retries for the steps of the call.
    var observer: CallContext.RetryObserver {
        { error, delay in
            self.outer?(error, delay)
            self.failure.withLock { $0 = error }
            if let error { self.report(.retrying(reason: error.message, after: delay)) }
        }
    }
}
