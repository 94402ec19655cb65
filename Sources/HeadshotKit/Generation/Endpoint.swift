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
    let media: [MediaField]
    /// What the outputs' names begin with.
    let fileStem: String
    let polling: PollingPolicy
    let deadline: Duration
}

extension Endpoint {
    static func images(_ name: String, path: String, stem: String, media: [MediaField] = []) -> Endpoint {
        Endpoint(name: name, path: path, media: media, fileStem: stem, polling: .images, deadline: .seconds(15 * 60))
    }

    static func videos(_ name: String, path: String, stem: String, media: [MediaField] = []) -> Endpoint {
        Endpoint(name: name, path: path, media: media, fileStem: stem, polling: .videos, deadline: .seconds(60 * 60))
    }
}
