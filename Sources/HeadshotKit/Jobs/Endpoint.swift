/// The description of an operation that creates jobs. The engine knows nothing else about the operation.
struct Endpoint<Request: Encodable & Sendable>: Sendable {
    /// A request field that holds a photo or a recording.
    struct MediaField: Sendable {
        /// The field's name in the request, for messages.
        let name: String
        let kind: MediaKind
        let keyPath: any WritableKeyPath<Request, MediaSource> & Sendable
    }

    /// The operation's name in a ``JobHandle``.
    let name: String
    /// The URL path of the create request.
    let path: String
    /// The default policy for polling the operation's jobs.
    let polling: PollingPolicy
    /// The default deadline of a workflow.
    let deadline: Duration
    /// The beginning of the outputs' file names.
    let fileStem: String
    var media: [MediaField] = []
    /// Whether a job may complete without outputs.
    var mayBeEmpty = false
    /// Whether every request is free of charge.
    var isAlwaysFree = false
    /// The check that collects a request's validation issues.
    var check: @Sendable (Request, inout RequestValidator) -> Void = { _, _ in }
    /// The estimated cost of a request. `nil` if the cost is unknown.
    var cost: @Sendable (Request) -> CreditEstimate? = { _ in nil }

    /// Returns whether a request is free, so that a duplicate job does no harm.
    func isFree(_ request: Request) -> Bool { cost(request) == .exactly(0) }

    /// Returns the call that creates a job.
    func call(for request: Request, _ body: TransportRequest.Body, in context: CallContext) -> APICall {
        APICall(
            context: context,
            method: "POST",
            path: path,
            body: body,
            retrySafety: isFree(request) ? .idempotent : .nonIdempotent,
            timeout: .total(.seconds(120))
        )
    }
}

extension Duration {
    /// The default deadline of a workflow that makes images.
    static let imageDeadline = Duration.seconds(15 * 60)
    /// The default deadline of a workflow that makes a video.
    static let videoDeadline = Duration.seconds(60 * 60)
}
