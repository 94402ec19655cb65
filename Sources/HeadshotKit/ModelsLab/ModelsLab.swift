public import Foundation

/// The client of ModelsLab: headshots from a photo.
///
/// ```swift
/// let modelsLab = try ModelsLab()
/// let portrait = try await modelsLab.headshots.generate(.init(prompt: "in a navy suit", faceImage: "me.jpg"))
/// ```
///
/// Making one is cheap, and copies share the transport. The key is sent to the API's host and nowhere else.
public struct ModelsLab: Sendable {
    /// How a local photo gets to the service.
    public enum ImageTransfer: Sendable, Hashable {
        /// By `base64_to_url`, which makes an address of it: one request more, and the photo is not sent again when the create request
        /// is. For several jobs with one photo, call ``Images/base64ToURL(_:onProgress:)`` once.
        case base64ToURL
        /// Inside the request that creates the job.
        case base64
    }

    private(set) var api: APIClient
    /// The configuration that the client was created with.
    public let configuration: ClientConfiguration
    let handover: ImageTransfer
    let fluxHeadshotPath: String
    let queue: AsyncSemaphore

    /// A client.
    ///
    /// - Parameters:
    ///   - apiKey: The key; nil takes it from the environment variable `MODELSLAB_API_KEY`.
    ///   - baseURL: The API's address; nil takes it from `MODELSLAB_BASE_URL`, or else `https://modelslab.com/api/v6`. Enterprise
    ///     accounts use `https://modelslab.com/api/v1/enterprise`. Plain http is allowed on this machine alone. The environment counts for the default transport alone.
    ///   - handover: How local photos get to the service.
    ///   - fluxHeadshotPath: Where headshots by Flux are created, below the base URL. For enterprise accounts the service documents
    ///     `/flux_headshot/make_gen`.
    ///   - maximumQueuedJobs: How many jobs the account may have in the queue at once: 5, 10 or 15, by its plan. Copies of this client
    ///     share the places, and further jobs wait for one in their order.
    ///   - configuration: The transport, retries and clock.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/missingAPIKey`` or
    ///   ``HeadshotKitError/Code/invalidConfiguration``.
    public init(
        apiKey: String? = nil,
        baseURL: URL? = nil,
        handover: ImageTransfer = .base64ToURL,
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
            key: try APIKey(apiKey, environment: "MODELSLAB_API_KEY", service: "ModelsLab"),
            headers: [:],
            transport: configuration.transport,
            retrier: configuration.retrier
        )
        self.configuration = configuration
        // Outputs may stand in a response as base64 text.
        api.maximumDocumentBytes = 16 << 20
        self.handover = handover
        self.fluxHeadshotPath = fluxHeadshotPath
        queue = AsyncSemaphore(places: maximumQueuedJobs)
    }
}

extension ModelsLab: CustomStringConvertible, CustomReflectable {
    /// The service and its address, without the key.
    public var description: String { "ModelsLab(\(api.baseURL.redacted))" }
    /// Nothing but the address: a dump of a client shows no key.
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": api.baseURL.redacted]) }
}

extension ModelsLab: GenerationClient {
    /// ModelsLab.
    public var service: JobHandle.Service { .modelsLab }
    /// The operations that create jobs.
    public var operations: [any ResumableOperation] { [headshots, fluxHeadshots] }
}
