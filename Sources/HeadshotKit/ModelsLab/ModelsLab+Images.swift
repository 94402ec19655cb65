extension ModelsLab {
    /// The images API: `POST /image_editing/fetch/{id}`, `POST /faceswap/fetch/{id}`, and `POST /image_editing/base64_to_url`, free of charge.
    public var images: Images { Images(api: api) }

    /// The endpoints for images.
    public struct Images: Sendable {
        let api: APIClient

        /// The first component of the path of most operations.
        static let collection = "image_editing"

        /// Fetches a job once, without waiting for its completion: `POST /image_editing/fetch/{id}`.
        ///
        /// - Parameters:
        ///   - id: The job's id.
        ///   - collection: The first component of the path of the job's operation, such as `faceswap`. Defaults to `image_editing`.
        /// - Throws: ``HeadshotKitError``. A failed job does not throw. Its ``ImageResult/status`` reports the failure.
        public func fetch(_ id: String, in collection: String = "image_editing") async throws -> ImageResult {
            let context = CallContext(operation: "fetch")
            let path = try Self.fetchPath(of: id, in: collection, context)
            return try await fetch(at: path, in: context, retrySafety: .idempotent).result
        }

        /// Returns the path for polling a job. `nil` selects the collection of most operations.
        static func fetchPath(of id: String, in collection: String?, _ context: CallContext) throws -> String {
            let collection = try (collection ?? Self.collection).asPathComponent(
                of: context.operation,
                job: context.job
            )
            return "/\(collection)/fetch/\(try id.asPathComponent(of: context.operation, job: context.job))"
        }

        func fetch(
            at path: String,
            in context: CallContext,
            retrySafety: APICall.RetrySafety
        ) async throws -> (result: ImageResult, response: TransportResponse) {
            let call = APICall(
                context: context,
                method: "POST",
                path: path,
                request: try api.authenticated(EmptyBody()),
                retrySafety: retrySafety,
                timeout: .total(.seconds(30))
            )
            return try await api.send(call) { (try api.decode(ImageResult.self, from: $0, of: call), $0) }
        }

        /// Uploads a local image and returns a URL for use in requests: `POST /image_editing/base64_to_url`.
        ///
        /// - Parameters:
        ///   - image: A local image of at most 5 MiB, and not HEIC. A remote image is returned unchanged.
        ///   - onProgress: A closure that receives the upload's progress, measured in base64 text.
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/invalidMedia`` if the image is unusable, before anything is sent.
        public func base64ToURL(
            _ image: MediaSource,
            onProgress: ProgressHandler? = nil
        ) async throws -> MediaSource {
            guard let media = try await offPool({ try LocalMedia(image, as: .image) }) else { return image }
            return try await base64ToURL(media, onRetry: nil) { onProgress?($0) }
        }

        /// The maximum size of an image for `base64_to_url`, in bytes.
        private static let maximumBytes: Int64 = 5 << 20

        /// Checks that the service reads the format of an image.
        ///
        /// - Throws: ``HeadshotKitError/Code/invalidMedia`` if the image is HEIC, before anything is sent.
        func checkFormat(of media: LocalMedia) throws {
            guard [MediaFormat.heic, .heif].allSatisfy({ $0.mimeType != media.mimeType }) else {
                throw HeadshotKitError(
                    .invalidMedia,
                    "\(media.name) is HEIC, which ModelsLab does not read. Export the photo as JPEG or PNG. On an iPhone, the camera "
                        + "setting “Most Compatible” takes new photos as JPEG."
                )
            }
        }

        /// Checks that an image is small enough for `base64_to_url`.
        ///
        /// - Throws: ``HeadshotKitError/Code/invalidMedia`` if the image is too large, before anything is sent.
        func checkSize(of media: LocalMedia) throws {
            guard media.size <= Self.maximumBytes else {
                throw HeadshotKitError(
                    .invalidMedia,
                    """
                    \(media.name) has \(media.size) bytes, and base64_to_url accepts at most \(Self.maximumBytes). Use a smaller image \
                    or an https URL.
                    """,
                    operation: "base64_to_url"
                )
            }
        }

        func base64ToURL(
            _ media: LocalMedia,
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping ProgressHandler
        ) async throws -> MediaSource {
            try checkFormat(of: media)
            try checkSize(of: media)
            let request = Base64ToURLRequest(image: media.inline, mimeType: media.mimeType)
            let call = APICall(
                context: CallContext(operation: "base64_to_url", onRetry: onRetry),
                method: "POST",
                path: "/image_editing/base64_to_url",
                request: try api.authenticated(request),
                timeout: .idle(.seconds(60))
            )
            let result = try await api.send(call, onProgress: onProgress) {
                try api.decode(ImageResult.self, from: $0, of: call)
            }
            // A response with a URL is a success unless its status is a failure.
            guard result.status != .error, result.status != .failed, let url = result.output.first else {
                throw api.rejection(result, about: result.errorCategory(isCreate: true) ?? .job, of: call)
            }
            return MediaSource(storage: .remote(url))
        }
    }

    /// The body of a `base64_to_url` request, which contains a data URL.
    private struct Base64ToURLRequest: Encodable {
        let image: MediaSource
        let mimeType: String

        private enum CodingKeys: String, CodingKey {
            case image = "init_image"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            let inline = InlineMedia.key.flatMap { encoder.userInfo[$0] as? InlineMedia }
            guard let inline else { return try fields.encode(image, forKey: .image) }
            try fields.encode("data:\(mimeType);base64,\(inline.token(for: image))", forKey: .image)
        }
    }
}
