/// An error that a ``Transport`` throws if it has no response to return.
///
/// The text never contains a header field, a body, or a URL's query, because they may be secrets.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    /// The kind of a failure. Later versions may add kinds. Treat an unknown kind as ``connectionLost``.
    public struct Kind: RawRepresentable, Equatable, Sendable {
        /// The name of the kind.
        public let rawValue: String
        /// Creates a kind from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No connection was made because the name did not resolve, no server was listening, or there is no network.
        public static let notConnected = Kind(rawValue: "notConnected")
        /// A connection was made, but it is not trusted.
        public static let tlsFailure = Kind(rawValue: "tlsFailure")
        /// The connection ended before the whole response arrived.
        public static let connectionLost = Kind(rawValue: "connectionLost")
        /// The request's ``TransportRequest/timeout`` expired.
        public static let timedOut = Kind(rawValue: "timedOut")
        /// The response is not HTTP or is inconsistent.
        public static let invalidResponse = Kind(rawValue: "invalidResponse")
        /// The response is larger than ``TransportRequest/maximumResponseBytes``.
        public static let responseTooLarge = Kind(rawValue: "responseTooLarge")
        /// The URL is not https, and its host is not this machine.
        public static let insecureURL = Kind(rawValue: "insecureURL")
        /// The transport failed for a reason that no other kind covers.
        public static let unknown = Kind(rawValue: "unknown")
        /// A local file could not be read or written. The disk may be full.
        public static let fileSystem = Kind(rawValue: "fileSystem")
    }

    /// The kind of the failure.
    public var kind: Kind
    /// A description of the failure.
    public var message: String
    /// Whether the server may have received the whole request. `false` only if it certainly did not. If `true`, a repeated
    /// request may perform its work twice.
    public var mayHaveBeenReceived: Bool
    /// The status and header fields of the response, or `nil` if the failure occurred before they arrived. They determine whether
    /// a later `Range` request continues the same file.
    public var responseHead: TransportResponse?
    /// The system's error, or `nil` if there is none.
    public var underlyingError: (any Error)?

    /// Creates a transport error.
    public init(
        _ kind: Kind,
        _ message: String,
        mayHaveBeenReceived: Bool,
        responseHead: TransportResponse? = nil,
        underlyingError: (any Error)? = nil
    ) {
        self.kind = kind
        self.message = message
        self.mayHaveBeenReceived = mayHaveBeenReceived
        self.responseHead = responseHead
        self.underlyingError = underlyingError
    }

    /// The kind and the message.
    public var description: String { "\(kind.rawValue): \(message)" }
}
