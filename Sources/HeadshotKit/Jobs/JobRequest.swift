/// A request without its type, as the engine runs it.
struct JobRequest: Sendable {
    /// A photo or recording of the request.
    struct Media: Sendable {
        /// The name of the request's field, for messages.
        let field: String
        let kind: MediaKind
        let isFaceChecked: Bool
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

extension JobRequest {
    /// Names for the photos without metadata, one for each of the media. No file exists until a photo is written.
    var photoCopies: [TemporaryFile] { media.map { _ in TemporaryFile(.photo) } }
}

extension Endpoint {
    /// Returns a request without its type.
    ///
    /// - Parameter path: The URL path of the create request.
    func jobRequest(_ request: Request, at path: String) -> JobRequest {
        let sources = media.map { (field: $0, sources: $0.sources(request)) }
        return JobRequest(
            path: path,
            media: sources.flatMap { field, sources in
                sources.map {
                    .init(field: field.name, kind: field.kind, isFaceChecked: field.isFaceChecked, source: $0)
                }
            }
        ) { replacements, fields in
            let inline = InlineMedia()
            var request = request
            var rest = replacements[...]
            for (field, sources) in sources {
                field.replace(&request, Array(rest.prefix(sources.count)), inline)
                rest = rest.dropFirst(sources.count)
            }
            return try EncodedRequest(request, adding: fields, inline)
        }
    }
}
