public import Foundation
import SimulatorServer

/// A server on this machine that misbehaves to order, and remembers every request.
///
/// ```swift
/// let server = try await FaultyServer.start()
/// await server.on("/create", .hangUp)
/// ```
/// What was ordered for a path happens to its requests one after another; the last order stays. A path without orders is
/// answered 404.
public actor FaultyServer {
    /// A request as it came in.
    public struct Request: Sendable, Hashable {
        /// Which connection it came on, from 1.
        public let connection: Int
        /// The method.
        public let method: String
        /// The path, and the query if there is one.
        public let target: String
        /// The header fields, names in lower case.
        public let headers: [String: String]
        /// What came of the body; of a large one, the beginning.
        public internal(set) var body = Data()
        /// How much of the body came.
        public internal(set) var bodyByteCount = 0
        /// Whether the body came to its end.
        public internal(set) var isWhole = false
    }

    /// The server's address, without a path.
    public nonisolated let baseURL: URL
    /// Every request, in the order of their first lines.
    public private(set) var requests: [Request] = []
    /// How many connections were made.
    public private(set) var connectionCount = 0

    private let keptBodyBytes: Int
    private var orders: [String: [Behavior]] = [:]
    private var connectionsToClose = 0
    private var listener: LoopbackListener?

    /// Starts a server on a free port.
    ///
    /// - Parameter keptBodyBytes: How much of a body is kept.
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

    /// The address of a port on which nothing listens.
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

    /// Closes every connection and the port.
    public func stop() async {
        await listener?.stop()
        listener = nil
    }

    /// The address of a path.
    public nonisolated func url(_ path: String) -> URL { baseURL.appendingPathComponent(path) }

    /// Orders what happens to the next requests for a path. The last order stays for those that follow.
    public func on(_ path: String, _ behaviors: Behavior...) { orders[path] = behaviors }

    /// Orders that the next connections are closed as soon as they are made.
    public func closeConnections(_ count: Int) { connectionsToClose = count }

    /// The requests for a path.
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
            let behavior = nextOrder(for: String(head.target.prefix { $0 != "?" }))
            requests.append(
                Request(
                    connection: connection.number,
                    method: head.method,
                    target: head.target,
                    headers: head.headers
                )
            )
            let index = requests.count - 1
            if case .hangUpBeforeBody = behavior { return }
            var reader = BodyReader(head, on: connection)
            while let piece = try await reader.next() {
                requests[index].bodyByteCount += piece.count
                let room = keptBodyBytes - requests[index].body.count
                if room > 0 { requests[index].body.append(piece.prefix(room)) }
            }
            requests[index].isWhole = true
            let performance = Performance(head: head, connection: connection)
            guard try await performance.run(behavior), head.keepsAlive else { return }
        }
    }

    private func nextOrder(for path: String) -> Behavior {
        guard var pending = orders[path], let next = pending.first else { return .response(404) }
        if pending.count > 1 {
            pending.removeFirst()
            orders[path] = pending
        }
        return next
    }
}

/// Joins the listener, which comes first, to the server, which needs its port.
private actor Relay {
    private(set) var server: FaultyServer?

    func setServer(_ server: FaultyServer) { self.server = server }
}
