public import Foundation

/// The client of Magic Hour: AI headshots, images and talking photos.
///
/// ```swift
/// let magicHour = try MagicHour()
/// let result = try await magicHour.headshots.generate(.init(assets: .init(imageFilePath: "me.jpg")))
/// ```
///
/// Making one is cheap, and copies share the transport. The key is sent to the API's host and nowhere else.
public struct MagicHour: Sendable {
    let api: APIClient
    /// The configuration that the client was created with.
    public let configuration: ClientConfiguration

    init(api: APIClient, configuration: ClientConfiguration) {
        self.api = api
        self.configuration = configuration
    }

    /// A client.
    ///
    /// - Parameters:
    ///   - apiKey: The key; nil takes it from the environment variable `MAGIC_HOUR_API_KEY`.
    ///   - baseURL: The API's address; nil takes it from `MAGIC_HOUR_BASE_URL`, or else `https://api.magichour.ai`. Plain http is
    ///     allowed on this machine alone. The environment counts for the default transport alone.
    ///   - configuration: The transport, retries and clock.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/missingAPIKey`` or
    ///   ``HeadshotKitError/Code/invalidConfiguration``.
    public init(
        apiKey: String? = nil,
        baseURL: URL? = nil,
        configuration: ClientConfiguration = ClientConfiguration()
    ) throws {
        let key = try APIKey(apiKey, environment: "MAGIC_HOUR_API_KEY", service: "Magic Hour")
        api = APIClient(
            serviceName: "Magic Hour",
            baseURL: try APIClient.baseURL(
                baseURL,
                environment: "MAGIC_HOUR_BASE_URL",
                default: "https://api.magichour.ai",
                transport: configuration.transport,
                isDefaultTransport: configuration.isDefaultTransport
            ),
            key: key,
            headers: ["Authorization": "Bearer \(key.secret)"],
            transport: configuration.transport,
            retrier: configuration.retrier
        )
        self.configuration = configuration
    }
}

extension MagicHour: CustomStringConvertible, CustomReflectable {
    /// The service and its address, without the key.
    public var description: String { "MagicHour(\(api.baseURL.redacted))" }
    /// Nothing but the address: a dump of a client shows no key.
    public var customMirror: Mirror { Mirror(self, children: ["baseURL": api.baseURL.redacted]) }
}

extension MagicHour: GenerationClient {
    /// Magic Hour.
    public var service: JobHandle.Service { .magicHour }
    /// The operations that create jobs.
    public var operations: [any ResumableOperation] { [headshots, images, talkingPhotos, faceDetection] }
}
