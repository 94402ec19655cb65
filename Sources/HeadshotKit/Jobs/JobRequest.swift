/// A request without its type, as the engine runs it.
struct JobRequest: Sendable {
    /// A photo or recording of the request.
    struct Media: Sendable {
        /// The name of the request's field, for messages.
        let field: String
        let kind: MediaKind
        let source: MediaSource
    }

    /// Counts the faces in a remote photo.
    typealias FaceCounter = @Sendable (MediaSource, CallContext) async throws -> Int

    /// The URL path of the create request.
    let path: String
    let media: [Media]
    /// The face detection for ``GenerationOptions/faceCheck``. `nil` if the service has none.
    var countFaces: FaceCounter?
    /// Encodes the request with the given sources instead of ``media``, and with added fields.
    let encode: @Sendable (_ media: [MediaSource], _ addedFields: [String: String]) throws -> EncodedRequest
}

extension Endpoint {
    /// Returns a request without its type.
    func jobRequest(_ request: Request) -> JobRequest {
        JobRequest(
            path: path,
            media: media.map { .init(field: $0.name, kind: $0.kind, source: request[keyPath: $0.keyPath]) }
        ) { [media] sources, fields in
            var request = request
            for (field, source) in zip(media, sources) { request[keyPath: field.keyPath] = source }
            return try EncodedRequest(request, adding: fields)
        }
    }
}
