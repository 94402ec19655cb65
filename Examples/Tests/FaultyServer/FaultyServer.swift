public import Foundation
import SimulatorServer

/// A server on this machine with configured faults that records every request.
///
/// ```swift
/// let server = try await FaultyServer.start()
/// await server.on("/create", .closeAfterRequest)
/// ```
/// The responses of a path are used in order, and the last one is repeated. A path without responses returns status 404.
public actor FaultyServer {
    /// A received request.
    public struct Request: Sendable, Hashable {
        /// The number of the connection, starting at 1.
        public let connection: Int
        /// The method.
        public let method: String
        /// The path and query.
        public let target: String
        /// The header fields, with lowercase names.
        public let headers: [String: String]
        /// The received body. Only the beginning of a large body is kept.
        public internal(set) var body = Data()
        /// The number of received bytes of the body.
        public internal(set) var bodyByteCount = 0
        /// Whether the complete body was received.
        public internal(set) var isWhole = false
    }

    /// The URL of the server, without a path.
    public nonisolated let baseURL: URL
    /// All requests in the order of arrival.
    public private(set) var requests: [Request] = []
    /// The number of accepted connections.
    public private(set) var connectionCount = 0

    private let keptBodyBytes: Int
    private var responses: [String: [FaultResponse]] = [:]
    private var connectionsToClose = 0
    private var listener: LoopbackListener?

    /// Starts a server on a free port.
    ///
    /// - Parameter keptBodyBytes: The maximum number of bytes of a body to keep.
    public static func start(keptBodyBytes: Int = 16 << 20) async throws -> FaultyServer {
        let relay = Relay()
        let listener = try await LoopbackListener.start(port: 0) { connection in
            guard let server = await relay.server else { return }
            try await server.serve(connection)
        }
        guard let url = URL(string: "http://127.0.0.1:\(listener.port)") else { throw URLError(.badURL) }
        let server = FaultyServer(listener, url, keptBodyBytes)
        await relay.setServer(server)
        return server
    }

    /// Returns the URL of a port on which no server listens.
    public static func refusingURL() async throws -> URL {
        let server = try await start()
        await server.stop()
        return server.baseURL
    }

    private init(_ listener: LoopbackListener, _ baseURL: URL, _ keptBodyBytes: Int) {
        self.listener = listener
        self.baseURL = baseURL
        self.keptBodyBytes = keptBodyBytes
    }

    /// Closes all connections and the port.
    public func stop() async {
        await listener?.stop()
        listener = nil
    }

    /// Returns the URL of a path.
    public nonisolated func url(_ path: String) -> URL { baseURL.appendingPathComponent(path) }

    /// Sets the responses to the next requests for a path. The last one is repeated.
    public func on(_ path: String, _ responses: FaultResponse...) { self.responses[path] = responses }

    /// Closes the next connections immediately.
    public func closeConnections(_ count: Int) { connectionsToClose = count }

    /// Returns the requests for a path.
    public func requests(for path: String) -> [Request] {
        requests.filter { $0.target.prefix { $0 != "?" } == path }
    }

    // MARK: Serving

    private func serve(_ connection: LoopbackConnection) async throws {
        connectionCount += 1
        guard connectionsToClose == 0 else {
            connectionsToClose -= 1
            return
        }
        while let head = try await connection.readHead() {
            let response = nextResponse(for: String(head.target.prefix { $0 != "?" }))
            requests.append(
                Request(
                    connection: connection.number,
                    method: head.method,
                    target: head.target,
                    headers: head.headers
                )
            )
            let index = requests.count - 1
            if case .closeBeforeBody = response { return }
            var reader = BodyReader(head, on: connection)
            while let piece = try await reader.next() {
                requests[index].bodyByteCount += piece.count
                let room = keptBodyBytes - requests[index].body.count
                if room > 0 { requests[index].body.append(piece.prefix(room)) }
            }
            requests[index].isWhole = true
            let responder = FaultResponder(head: head, connection: connection)
            guard try await responder.respond(with: response), head.keepsAlive else { return }
        }
    }

    private func nextResponse(for path: String) -> FaultResponse {
        guard var pending = responses[path], let next = pending.first else { return .response(404) }
        if pending.count > 1 {
            pending.removeFirst()
            responses[path] = pending
        }
        return next
    }
}

/// A reference to the server for the listener, which must be started first.
private actor Relay {
    private(set) var server: FaultyServer?

    func setServer(_ server: FaultyServer) { self.server = server }
}
