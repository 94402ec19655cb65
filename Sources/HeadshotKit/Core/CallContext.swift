/// The facts of one call that every layer needs, passed down from the workflow to the transport.
struct CallContext: Sendable {
    typealias RetryObserver = @Sendable (HeadshotKitError?, Duration) -> Void

    /// The operation's name, such as `ai-headshot-generator`.
    var operation: String
    /// The job that the call is about. Errors carry it.
    var job: JobHandle?
    /// The time after which no further attempt starts; `nil` for no limit.
    var deadline: Deadline?
    /// Called with the error and the delay before each retry, and with `nil` after an attempt that succeeds after failures.
    var onRetry: RetryObserver?
}
