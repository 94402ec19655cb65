import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

extension TransportError {
    /// Creates a transport error from a system error. Only a connection that was never made proves that the server received
    /// nothing, and only if no byte of a body was sent. The system may have tried a dead connection first and a new one
    /// afterward.
    init(_ error: any Error, bytesSent: Int64) {
        let code = (error as? URLError)?.code ?? .unknown
        let kind: Kind
        switch code {
        case .unknown where error.isInterruptedHandshake:
            kind = .notConnected
        case .unknown where error.isTLSFailure:
            kind = .tlsFailure
        case .cannotFindHost, .cannotConnectToHost, .dnsLookupFailed, .notConnectedToInternet:
            kind = .notConnected
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired:
            kind = .tlsFailure
        case .timedOut:
            kind = .timedOut
        case .cannotParseResponse:
            kind = .invalidResponse
        default:
            kind = .connectionLost
        }
        let text: String
        switch kind {
        case .notConnected:
            text =
                switch code {
                case .cannotConnectToHost: "The connection was refused."
                case .notConnectedToInternet: "There is no network."
                case .unknown: "The host closed the connection during the TLS handshake."
                default: "No host of that name was found."
                }
        case .tlsFailure: text = "No trusted connection could be made (TLS)."
        case .timedOut: text = "The connection timed out."
        case .invalidResponse: text = "The response is not valid HTTP."
        default: text = "The connection was lost."
        }
        self.init(
            kind,
            "\(text.dropLast()) (\(code.rawValue)).",
            mayHaveBeenReceived: !((kind == .notConnected || kind == .tlsFailure) && bytesSent == 0),
            // Only the code is kept, because the error's details contain the URL, which may be a secret.
            underlyingError: URLError(code)
        )
    }

    init(file: URL?, _ error: any Error) {
        self.init(
            .fileSystem,
            "Cannot write \(file?.path ?? "the response"): \(error.systemReason).",
            mayHaveBeenReceived: true,
            underlyingError: error
        )
    }
}

extension Error {
    /// Whether the host closed the connection during a TLS handshake. On Linux, such an error has no code of its own and is
    /// recognized by libcurl's message.
    fileprivate var isInterruptedHandshake: Bool { (self as NSError).localizedDescription.contains("SSL_connect") }

    /// Whether a TLS handshake failed. On Linux, such an error has no code of its own and is recognized by libcurl's message. The
    /// message is similar if a connection breaks later, in a read or a write.
    fileprivate var isTLSFailure: Bool {
        let text = (self as NSError).localizedDescription
        return ["SSL certificate", "SSL routines", "SSL: "].contains { text.contains($0) }
            && !["SSL_read", "SSL_write"].contains { text.contains($0) }
    }
}
