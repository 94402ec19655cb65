/// An operation that creates jobs, as data. The engine reads it and knows nothing else about the operation.
struct Endpoint<Request: Encodable & Sendable>: Sendable {
    /// A field of the request that holds a photo or recording.
    struct MediaField: Sendable {
        /// Its name on the wire, for messages.
        let name: String
        let kind: MediaKind
        let keyPath: any WritableKeyPath<Request, MediaSource> & Sendable
    }

    /// What the outputs are, which decides how long to wait and how often to ask.
    enum Outputs: Sendable {
        /// Images, made in seconds.
        case images
        /// Videos, made in minutes.
        case videos
    }

    /// The operation's name, as in a ``JobHandle``.
    let name: String
    /// The path that a create request is sent to.
    let path: String
    let outputs: Outputs
    /// What the outputs' names begin with.
    let fileStem: String
    var media: [MediaField] = []
    /// Whether a job may be complete without any output.
    var mayBeEmpty = false
    /// What is known to be wrong with a request.
    var check: @Sendable (Request, inout Preflight) -> Void = { _, _ in }
    /// What a request costs; nil where that is not known.
    var cost: @Sendable (Request) -> CreditEstimate? = { _ in nil }

    var polling: PollingPolicy {
        switch outputs {
        case .images: .images
        case .videos: .videos
        }
    }

    var deadline: Duration {
        switch outputs {
        case .images: .seconds(15 * 60)
        case .videos: .seconds(60 * 60)
        }
    }

    /// Whether creating twice does no harm.
    func isFree(_ request: Request) -> Bool { cost(request) == .exactly(0) }
}
