import Foundation

/// A log of HTTP/2 requests.
public final class StreamLog: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state.

    /// A request, which is one stream.
    public struct Request: Sendable {
        /// The number of the connection, starting at 1.
        public let connection: Int
        /// The ID of the stream.
        public let stream: Int
        /// The method.
        public let method: String
        /// The path and query.
        public let target: String
        /// The number of received bytes of the body.
        public internal(set) var bodyByteCount = 0
        /// Whether the complete request was received.
        public internal(set) var isWhole = false
        /// The declared length of the body.
        public let declaredLength: Int?
    }

    private let lock = NSLock()
    private var all: [Request] = []
    private var connections = 0

    /// All requests in the order of arrival.
    public var requests: [Request] { lock.withLock { all } }
    /// The number of accepted connections.
    public var connectionCount: Int { lock.withLock { connections } }

    func newConnection() -> Int {
        lock.withLock {
            connections += 1
            return connections
        }
    }

    func add(_ request: Request) -> Int {
        lock.withLock {
            all.append(request)
            return all.count - 1
        }
    }

    func update(_ index: Int, _ change: (inout Request) -> Void) { lock.withLock { change(&all[index]) } }
}

/// A fault of an HTTP/2 stream.
public enum StreamFault: Sendable {
    /// Resets the stream before the server receives the request. REFUSED_STREAM states this explicitly.
    case resetBeforeProcessing(UInt32)
    /// Forwards the request and resets the stream instead of sending the response.
    case resetAfterProcessing(UInt32)
    /// Sends a GOAWAY frame that excludes the stream, and closes the connection.
    case goAwayWithoutStream
    /// Sends a GOAWAY frame that includes the stream, sends the response, and closes the connection.
    case goAwayWithStream
    /// Closes the connection before forwarding the request, like an idle connection that closes while a request is sent.
    case closeBeforeProcessing
    /// Forwards the request and closes the connection.
    case closeAfterProcessing
    /// Forwards the request and closes the connection with a TCP reset.
    case resetConnectionAfterProcessing
    /// Sends a whole response before the body has arrived. RFC 9113 allows a reset of the stream with NO_ERROR after it.
    case respondEarly(status: Int, resets: Bool)
    /// Never responds and leaves the connection open, like a silently dead connection.
    case silence
}
