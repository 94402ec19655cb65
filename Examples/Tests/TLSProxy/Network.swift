package import Foundation

/// How a client reaches a server on this machine.
package enum Network: String, Sendable, CaseIterable {
    /// HTTP/1.1 over a plain connection.
    case plain = "plain HTTP/1.1"
    /// HTTP/1.1 over TLS.
    case tls = "TLS with HTTP/1.1"
    /// HTTP/2 over TLS: what the services speak.
    case http2 = "TLS with HTTP/2"

    /// Whether this machine can do it: TLS needs a certificate that it trusts.
    package var isAvailable: Bool { self == .plain || TestCertificate.exists }

    /// What to do where it cannot.
    package static let advice = "Run scripts/trust-test-certificate once, as root, for the tests over TLS."

    /// Opens a route to a plain server.
    ///
    /// - Parameters:
    ///   - plain: The plain server's URL.
    ///   - fault: What goes wrong with requests over HTTP/2.
    package func open(
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
    package struct Route: Sendable {
        /// Where clients find the server.
        package let baseURL: URL
        /// What stands between; nil where nothing does.
        package let proxy: TLSProxy?

        /// Closes it. The plain server goes on.
        package func close() async { await proxy?.stop() }

        /// A URL of the plain server, as a client has to ask for it.
        package func url(_ url: URL) -> URL {
            var components = URLComponents(url: url, resolvingAgainstBaseURL: true)
            components?.scheme = baseURL.scheme
            components?.port = baseURL.port
            return components?.url ?? url
        }
    }
}
