/// An operation that creates jobs, as data. The engine reads it and knows nothing else about the operation.
struct Endpoint<Request: Encodable & Sendable>: Sendable {
    /// A field of the request that holds a photo or recording.
    struct MediaField: Sendable {
        /// Its name on the wire, for messages.
        let name: String
        let kind: MediaKind
        let keyPath: any WritableKeyPath<Request, MediaSource> & Sendable
    }

    /// The operation's name, as in a ``JobHandle``.
    let name: String
    /// The path that a create request is sent to.
    let path: String
    /// After what delays its jobs are asked about.
    let polling: PollingPolicy
    /// How long a workflow may take unless told otherwise.
    let deadline: Duration
    /// What the outputs' names begin with.
    let fileStem: String
    var media: [MediaField] = []
    /// Whether a job may be complete without any output.
    var mayBeEmpty = false
    /// Whether no request costs anything.
    var isAlwaysFree = false
    /// What is known to be wrong with a request.
    var check: @Sendable (Request, inout RequestValidator) -> Void = { _, _ in }
    /// What a request costs; nil where that is not known.
    var cost: @Sendable (Request) -> CreditEstimate? = { _ in nil }

    /// Whether creating twice does no harm.
    func isFree(_ request: Request) -> Bool { cost(request) == .exactly(0) }

    /// The call that creates a job.
    func call(for request: Request, _ body: TransportRequest.Body, in context: CallContext) -> APICall {
        APICall(
            in: context,
            method: "POST",
            path: path,
            body: body,
            retrySafety: isFree(request) ? .idempotent : .nonIdempotent,
            timeout: .total(.seconds(120))
        )
    }
}

extension Duration {
    /// How long a workflow that makes images may take unless told otherwise.
    static let imageDeadline = Duration.seconds(15 * 60)
    /// How long a workflow that makes a video may take unless told otherwise.
    static let videoDeadline = Duration.seconds(60 * 60)
}
