public import Foundation

/// A client for ModelsLab, which creates headshots from a photo.
///
/// ```swift
/// let modelsLab = try ModelsLab()
/// let portrait = try await modelsLab.headshots.generate(.init(prompt: "in a navy suit", faceImage: .file("me.jpg")))
/// ```
///
/// Creating a client is cheap, and copies share the transport. The key is sent only to the API's host.
public struct ModelsLab: Sendable {
    /// The method of sending a local photo to the service.
    public enum ImageTransfer: Sendable, Equatable {
        /// An upload with `base64_to_url`, which returns a URL for the photo. The upload is an additional request, but the photo
        /// is not sent again if the create request is. For several jobs with one photo, call
        /// ``Images/base64ToURL(_:onProgress:)`` once.
        case base64ToURL
        /// Base64 text inside the request that creates the job.
        case base64
    }

    private(set) var api: APIClient
    /// The configuration that the client was created with.
    public let configuration: ClientConfiguration
    let imageTransfer: ImageTransfer
    let fluxHeadshotPath: String
    let queue: AsyncSemaphore

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - apiKey: The API key. If `nil`, the key is read from the environment variable `MODELSLAB_API_KEY`.
    ///   - baseURL: The base URL of the API. If `nil`, the URL is read from the environment variable `MODELSLAB_BASE_URL` and
    ///     defaults to `https://modelslab.com/api/v6`. Enterprise accounts use `https://modelslab.com/api/v1/enterprise`. Plain
    ///     http is allowed only to this machine. The environment variable applies only to the default transport.
    ///   - imageTransfer: The method of sending local photos to the service.
    ///   - fluxHeadshotPath: The path that creates Flux headshots, relative to the base URL. For enterprise accounts, the service
    ///     documents `/flux_headshot/make_gen`.
    ///   - maximumQueuedJobs: The maximum number of jobs that `generate` of this client and its copies creates and waits for at the same
    ///     time. `submit` counts only while it creates the job, and `resume` does not count. Further jobs wait in order. The account's
    ///     limit is 5, 10, or 15, depending on the plan. Defaults to 5.
    ///   - configuration: The transport, retry policy, clock, and job store.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/missingAPIKey`` or
    ///   ``HeadshotKitError/Code/invalidConfiguration``.
    public init(
        apiKey: String? = nil,
        baseURL: URL? = nil,
        imageTransfer: ImageTransfer = .base64ToURL,
        fluxHeadshotPath: String = "/image_editing/flux_headshot",
        maximumQueuedJobs: Int = 5,
        configuration: ClientConfiguration = ClientConfiguration()
    ) throws {
        api = APIClient(
            serviceName: "ModelsLab",
            baseURL: try APIClient.baseURL(
                baseURL,
                environment: "MODELSLAB_BASE_URL",
                default: "https://modelslab.com/api/v6",
                transport: configuration.transport,
                isDefaultTransport: configuration.isDefaultTransport
            ),
            credential: Credential(
                try APIKey(apiKey, environment: "MODELSLAB_API_KEY", service: "ModelsLab"),
                service: "ModelsLab"
            ),
            usesBearerToken: false,
            extraHeaders: configuration.headers,
            transport: configuration.transport,
            retrier: configuration.retrier
        )
        self.configuration = configuration
        // A response may contain outputs as base64 text.
        api.maximumDocumentBytes = 16 << 20
        self.imageTransfer = imageTransfer
        self.fluxHeadshotPath = fluxHeadshotPath
        queue = AsyncSemaphore(permits: maximumQueuedJobs)
    }
}

extension ModelsLab: CustomStringConvertible, CustomReflectable {
    /// The service and its base URL, without the key.
    public var description: String { "ModelsLab(\(api.baseURL.redacted))" }
    /// A mirror with only the base URL, so that a dump of a client shows no key.
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": api.baseURL.redacted]) }
}

extension ModelsLab {
    /// The jobs of this service that may have been charged and are not delivered yet.
    public var jobs: JobsAPI { JobsAPI(backend: backend) }

    private var backend: ModelsLabBackend {
        ModelsLabBackend(api: api, configuration: configuration, imageTransfer: imageTransfer, queue: queue)
    }

    /// Returns the operation that an endpoint describes, for operations that HeadshotKit has no type for.
    ///
    /// The operation has the complete workflow: uploads, a create that is sent once, polling, downloads, and the job store. The body
    /// contains the client's key in place of any `key` of the request. A job is polled at the `fetch_result` URL of its response if that
    /// URL is below the client's base URL. Otherwise, it is polled in the collection of the endpoint's path, such as
    /// `/faceswap/fetch/123` for `/faceswap/single_face_swap`.
    ///
    /// A call costs what the service charges for it. Local media must be photos. ``HeadshotKitError/Code/invalidMedia`` rejects others
    /// before anything is sent.
    ///
    /// - Parameter endpoint: The description of the operation. Its request is a type of your own, or ``JSONValue``. Its path is below
    ///   the base URL, and defaults to `/image_editing/` and its name.
    public func operation<Request>(
        _ endpoint: Endpoint<Request>
    ) -> GenerationOperation<Request, ImageResult, ImageResult> {
        let components = endpoint.path?.split(separator: "/") ?? []
        let collection = components.count > 1 ? components.first.map(String.init) : nil
        let traits = endpoint.traits(
            kind: collection ?? Images.collection,
            polling: .images,
            deadline: .imageDeadline
        )
        return GenerationOperation(endpoint: endpoint, traits: traits, backend: backend)
    }
}
