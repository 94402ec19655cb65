import Foundation

/// What came over HTTP/2, in order.
package final class StreamLog: @unchecked Sendable {
    // Unchecked because of the requests, which are touched under the lock alone.
    /// A request, which is a stream.
    package struct Request: Sendable {
        /// Which connection it came on, from 1.
        package let connection: Int
        /// Which stream of the connection it is.
        package let stream: Int
        /// The method.
        package let method: String
        /// The path, and the query if there is one.
        package let target: String
        /// How much of the body came.
        package internal(set) var bodyByteCount = 0
        /// Whether the client has sent all of it.
        package internal(set) var isWhole = false
        /// The length that the client announced.
        package let announcedLength: Int?
    }

    private let lock = NSLock()
    private var all: [Request] = []
    private var connections = 0

    /// Every request so far, in the order of their heads.
    package var requests: [Request] { lock.withLock { all } }
    /// How many connections were made.
    package var connectionCount: Int { lock.withLock { connections } }

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

/// What may go wrong with a stream, in HTTP/2's own terms.
package enum StreamFault: Sendable {
    /// Resets the stream, with the server not having seen it: with REFUSED_STREAM it says so.
    case resetBeforeTaking(UInt32)
    /// Lets the server do what was asked, and resets the stream in place of a response.
    case resetAfterTaking(UInt32)
    /// GOAWAY that says of the stream that it was not taken, and closes the connection.
    case goAwayWithoutStream
    /// GOAWAY that says that the stream is taken; it is answered, and then the connection is closed.
    case goAwayWithStream
    /// Closes the connection when the head has come: an idle connection that was closed in the moment of sending.
    case closeBeforeTaking
    /// Lets the server do what was asked, and closes the connection.
    case closeAfterTaking
    /// The same with a TCP reset.
    case resetConnectionAfterTaking
    /// Answers with a 413 before the body has come, then resets the stream with NO_ERROR, as RFC 9113 allows.
    case answerEarly
    /// Never answers, and leaves the connection open: neither side knows that it is dead.
    case silence
}
