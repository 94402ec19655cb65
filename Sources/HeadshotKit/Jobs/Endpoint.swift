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
    /// The properties of the operation's jobs.
    let traits: JobTraits
    var media: [MediaField] = []
    /// The check that collects a request's validation issues.
    var check: @Sendable (Request, inout RequestValidator) -> Void = { _, _ in }
    /// The estimated cost of a request. `nil` if the cost is unknown.
    var cost: @Sendable (Request) -> CreditEstimate? = { _ in nil }
}
