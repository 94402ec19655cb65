/// Why a ``Transport`` has no response to return.
///
/// The text never holds a header, a body or the query of an address: those may be secrets.
public struct TransportError: Error, Sendable, CustomStringConvertible {
    /// What went wrong. More kinds may be added: treat an unknown one as ``connectionLost``.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The kind's name.
        public let rawValue: String
        /// A kind by its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No connection was made: the name did not resolve, or nothing listened, or there is no network.
        public static let notConnected = Kind(rawValue: "notConnected")
        /// A connection was made, but not a trusted one.
        public static let tlsFailure = Kind(rawValue: "tlsFailure")
        /// The connection ended before a whole response had come.
        public static let connectionLost = Kind(rawValue: "connectionLost")
        /// The request's ``TransportRequest/timeout`` ran out.
        public static let timedOut = Kind(rawValue: "timedOut")
        /// The response is not HTTP, or contradicts itself.
        public static let invalidResponse = Kind(rawValue: "invalidResponse")
        /// The response is larger than ``TransportRequest/maximumResponseBytes``.
        public static let responseTooLarge = Kind(rawValue: "responseTooLarge")
        /// The address is not https, and not on this machine.
        public static let insecureURL = Kind(rawValue: "insecureURL")
        /// The transport failed in a way of its own.
        public static let unknown = Kind(rawValue: "unknown")
        /// A local file could not be read or written; the disk may be full.
        public static let fileSystem = Kind(rawValue: "fileSystem")
    }

    /// What went wrong.
    public var kind: Kind
    /// What went wrong, in words.
    public var message: String
    /// True unless it is certain that the server has not seen the whole request. Repeating it may then do its work twice.
    public var mayHaveBeenReceived: Bool
    /// The head of the response, where it came before the failure: it tells whether a later `Range` request continues the same file.
    public var responseHead: TransportResponse?
    /// The system's own error, where there is one.
    public var underlyingError: (any Error)?

    /// A transport's error.
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

    /// The kind and the words.
    public var description: String { "\(kind.rawValue): \(message)" }
}
