extension ModelsLab {
    /// Calls about images: `POST /image_editing/fetch/{id}` and `POST /image_editing/base64_to_url`, free of charge.
    public var images: Images { Images(api: api) }

    /// Calls about images.
    public struct Images: Sendable {
        let api: APIClient

        /// Asks once for a job as it is now: `POST /image_editing/fetch/{id}`.
        ///
        /// - Throws: ``HeadshotKitError``. A job that failed is not an error here: its ``ImageResult/status`` says so.
        public func fetch(_ id: String) async throws -> ImageResult {
            try await fetch(id, path: nil, operation: "fetch", retrySafety: .idempotent, job: nil)
        }

        func fetch(
            _ id: String,
            path: String?,
            operation: String,
            retrySafety: APICall.RetrySafety,
            job: JobHandle?
        ) async throws -> ImageResult {
            try await RequestBody.with(ModelsLabBackend.APIKeyAuthenticated(request: EmptyBody(), key: api.key)) {
                body in
                let call = APICall(
                    operation: operation,
                    method: "POST",
                    path: try path ?? "/image_editing/fetch/\(try id.asPathComponent(of: operation, job: job))",
                    body: body,
                    retrySafety: retrySafety,
                    job: job,
                    timeout: .total(.seconds(30))
                )
                return try await api.send(call, as: ImageResult.self)
            }
        }

        /// Makes an address of a local image, which requests can then name: `POST /image_editing/base64_to_url`.
        ///
        /// - Parameters:
        ///   - image: A local image. One that is remote already is returned as it is.
        ///   - onProgress: Told how much has been sent, of base64 text.
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/invalidMedia`` before anything is sent.
        public func base64ToURL(
            _ image: MediaSource,
            onProgress: (@Sendable (TransferProgress) -> Void)? = nil
        ) async throws -> MediaSource {
            guard let media = try LocalMedia(image, as: .image) else { return image }
            return try await base64ToURL(media) { onProgress?($0) }
        }

        /// The largest image that the service takes in this way.
        private static let maximumBytes: Int64 = 5 << 20

        /// - Throws: ``HeadshotKitError/Code/invalidMedia`` for an image that is too large, before anything is sent.
        func checkSize(of media: LocalMedia) throws {
            guard media.size <= Self.maximumBytes else {
                throw HeadshotKitError(
                    .invalidMedia,
                    """
                    \(media.source) is too large for base64_to_url: it has \(media.size) bytes, and ModelsLab takes \
                    \(Self.maximumBytes). Use a smaller image or one that is on the web, or hand it over as base64.
                    """,
                    operation: "base64_to_url"
                )
            }
        }

        func base64ToURL(
            _ media: LocalMedia,
            onProgress: @escaping @Sendable (TransferProgress) -> Void
        ) async throws -> MediaSource {
            try checkSize(of: media)
            var source = media.source
            source.allowsInline = true
            let request = Base64ToURLRequest(image: source, mimeType: media.mimeType)
            return try await RequestBody.with(ModelsLabBackend.APIKeyAuthenticated(request: request, key: api.key)) {
                body in
                let call = APICall(
                    operation: "base64_to_url",
                    method: "POST",
                    path: "/image_editing/base64_to_url",
                    body: body,
                    timeout: .idle(.seconds(60))
                )
                let result = try await api.send(call, onProgress: onProgress) {
                    try api.decode(ImageResult.self, from: $0, of: call)
                }
                // An address is an address, whatever the word for success.
                guard result.status != .error, result.status != .failed, let address = result.output.first else {
                    throw api.refusal(result, about: result.complaint(isCreate: true) ?? .job, of: call)
                }
                return MediaSource(storage: .remote(address))
            }
        }
    }

    /// The body of `base64_to_url`: a data URL.
    private struct Base64ToURLRequest: Encodable {
        let image: MediaSource
        let mimeType: String

        private enum CodingKeys: String, CodingKey {
            case image = "init_image"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            let inline = RequestBody.InlineMedia.key.flatMap { encoder.userInfo[$0] as? RequestBody.InlineMedia }
            guard let inline else { return try fields.encode(image, forKey: .image) }
            try fields.encode("data:\(mimeType);base64,\(inline.token(for: image))", forKey: .image)
        }
    }
}
