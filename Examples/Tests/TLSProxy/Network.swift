public import Foundation

/// The network between a client and a server on this machine.
public enum Network: String, Sendable, CaseIterable {
    /// HTTP/1.1 over a plain connection.
    case plain = "plain HTTP/1.1"
    /// HTTP/1.1 over TLS.
    case tls = "TLS with HTTP/1.1"
    /// HTTP/2 over TLS, as the services use.
    case http2 = "TLS with HTTP/2"

    /// Whether this machine supports the network. TLS requires a trusted certificate.
    public var isAvailable: Bool { self == .plain || TestCertificate.exists }

    /// The advice if the network is not available.
    public static let advice = "Run scripts/trust-test-certificate once, as root, for the tests over TLS."

    /// Opens a route to a plain server.
    ///
    /// - Parameters:
    ///   - plain: The plain server's URL.
    ///   - fault: The closure that returns the fault of an HTTP/2 request.
    public func open(
        to plain: URL,
        fault: @escaping @Sendable (StreamLog.Request) -> StreamFault? = { _ in nil }
    ) async throws -> Route {
        let version: TLSProxy.Version
        switch self {
        case .plain: return Route(baseURL: plain, proxy: nil)
        case .tls: version = .http1
        case .http2: version = .http2
        }
        guard let port = plain.port else { throw URLError(.badURL) }
        let proxy = try await TLSProxy.start(version, before: port, fault: fault)
        return Route(baseURL: proxy.baseURL, proxy: proxy)
    }

    /// The route to a server.
    public struct Route: Sendable {
        /// The base URL for clients.
        public let baseURL: URL
        /// The proxy in front of the server. `nil` if there is none.
        public let proxy: TLSProxy?

        /// Closes the route. The plain server keeps running.
        public func close() async { await proxy?.stop() }

        /// Returns the URL over this route for a URL of the plain server.
        public func url(_ url: URL) -> URL {
            var components = URLComponents(url: url, resolvingAgainstBaseURL: true)
            components?.scheme = baseURL.scheme
            components?.port = baseURL.port
            return components?.url ?? url
        }
    }
}
