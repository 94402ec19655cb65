public import Foundation

/// A client for Magic Hour, which creates AI headshots, images, and talking photos.
///
/// ```swift
/// let magicHour = try MagicHour()
/// let result = try await magicHour.headshots.generate(.init(photo: .file("me.jpg")))
/// ```
///
/// Creating a client is cheap, and copies share the transport. The key is sent only to the API's host.
public struct MagicHour: Sendable {
    let api: APIClient
    /// The configuration that the client was created with.
    public let configuration: ClientConfiguration

    init(api: APIClient, configuration: ClientConfiguration) {
        self.api = api
        self.configuration = configuration
    }

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - apiKey: The API key. If `nil`, the key is read from the environment variable `MAGIC_HOUR_API_KEY`.
    ///   - baseURL: The base URL of the API. If `nil`, the URL is read from the environment variable `MAGIC_HOUR_BASE_URL` and
    ///     defaults to `https://api.magichour.ai`. Plain http is allowed only to this machine. The environment variable applies
    ///     only to the default transport.
    ///   - configuration: The transport, retry policy, clock, and job store.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/missingAPIKey`` or
    ///   ``HeadshotKitError/Code/invalidConfiguration``.
    public init(
        apiKey: String? = nil,
        baseURL: URL? = nil,
        configuration: ClientConfiguration = ClientConfiguration()
    ) throws {
        let key = try APIKey(apiKey, environment: "MAGIC_HOUR_API_KEY", service: Self.name)
        try self.init(Credential(key, service: Self.name), baseURL, configuration)
    }

    /// Creates a client whose key is a token of limited lifetime, for example from your own server.
    ///
    /// - Parameters:
    ///   - credential: A closure that returns a token. It is called before the first request, and once more after the service rejects
    ///     the token (401). The rejected request is then sent again with the new token. Concurrent requests share one call.
    ///   - baseURL: The base URL of the API. See ``init(apiKey:baseURL:configuration:)``.
    ///   - configuration: The transport, retry policy, clock, and job store.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidConfiguration``. If the closure throws, a request throws
    ///   ``HeadshotKitError/Code/credentialUnavailable``, and the wait for a job calls the closure again until the deadline.
    public init(
        credential: @escaping TokenProvider,
        baseURL: URL? = nil,
        configuration: ClientConfiguration = ClientConfiguration()
    ) throws {
        try self.init(Credential(credential, service: Self.name), baseURL, configuration)
    }

    private static let name = "Magic Hour"

    private init(_ credential: Credential, _ baseURL: URL?, _ configuration: ClientConfiguration) throws {
        api = APIClient(
            serviceName: Self.name,
            baseURL: try APIClient.baseURL(
                baseURL,
                environment: "MAGIC_HOUR_BASE_URL",
                default: "https://api.magichour.ai",
                transport: configuration.transport,
                isDefaultTransport: configuration.isDefaultTransport
            ),
            credential: credential,
            usesBearerToken: true,
            extraHeaders: configuration.headers,
            transport: configuration.transport,
            retrier: configuration.retrier
        )
        self.configuration = configuration
    }
}

extension MagicHour: CustomStringConvertible, CustomReflectable {
    /// The service and its base URL, without the key.
    public var description: String { "MagicHour(\(api.baseURL.redacted))" }
    /// A mirror with only the base URL, so that a dump of a client shows no key.
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": api.baseURL.redacted]) }
}

extension MagicHour {
    /// The jobs of this service that may have been charged and are not delivered yet.
    public var jobs: JobsAPI { JobsAPI(backend: backend) }

    var backend: MagicHourBackend { MagicHourBackend(api: api, configuration: configuration) }

    /// Returns the operation that an endpoint describes, for operations that HeadshotKit has no type for.
    ///
    /// The operation has the complete workflow: uploads, a create that is sent once, polling, downloads, and the job store. A call
    /// costs what the service charges for it. The service's documentation lists the prices.
    ///
    /// - Parameters:
    ///   - endpoint: The description of the operation. Its request is a type of your own, or ``JSONValue``.
    ///   - project: The kind of project that the service keeps for a job: ``ImageProject``, ``VideoProject``, or ``AudioProject``.
    public func operation<Request, Project: MagicHourProject>(
        _ endpoint: Endpoint<Request>,
        as project: Project.Type = ImageProject.self
    ) -> GenerationOperation<Request, CreatedProject, Project> {
        GenerationOperation(
            endpoint: endpoint,
            traits: endpoint.traits(of: project),
            backend: backend,
            countFaces: countFaces(in:_:)
        )
    }
}
