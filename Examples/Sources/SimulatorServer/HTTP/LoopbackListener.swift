import FlyingSocks
import Foundation

/// A TCP server that only this machine can reach. A separate task serves each connection.
///
/// The server is built on FlyingSocks, the lower layer of FlyingFox. FlyingFox's HTTP server responds with status 500 to
/// every error that a handler throws, and does not support `Expect: 100-continue`. This server must sometimes close a
/// connection without a response.
public actor LoopbackListener {
    /// The port that the server listens on.
    public nonisolated let port: UInt16

    private let pool: any AsyncSocketPool
    private let listener: AsyncSocket
    private var polling: Task<Void, Never>?
    private var accepting: Task<Void, Never>?
    private var connections: [Int: Task<Void, Never>] = [:]
    private var connectionCount = 0

    /// Starts a server on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port to listen on, or 0 for any free port.
    ///   - serve: The closure that serves a connection. The connection is closed when the closure returns or throws.
    public static func start(
        port: UInt16,
        serve: @escaping @Sendable (LoopbackConnection) async throws -> Void
    ) async throws -> LoopbackListener {
        let pool = SocketPool.make(maxEvents: 128)
        try await pool.prepare()
        let socket = try Socket(domain: AF_INET)
        do {
            // Without this option, a port stays in use for minutes after its last connection.
            try socket.setValue(true, for: .localAddressReuse)
            try socket.bind(to: .inet(ip4: "127.0.0.1", port: port))
        } catch {
            try socket.close()
            throw error
        }
        try socket.listen()
        let listener = try LoopbackListener(socket, pool: pool)
        await listener.run(serve)
        return listener
    }

    private init(_ socket: Socket, pool: some AsyncSocketPool) throws {
        guard case .ip4(_, let port) = try socket.sockname() else { throw SocketError.unsupportedAddress }
        self.port = port
        self.pool = pool
        listener = try AsyncSocket(socket: socket, pool: pool)
    }

    /// Closes all connections and the port.
    public func stop() async {
        accepting?.cancel()
        await accepting?.value
        for connection in connections.values { connection.cancel() }
        for connection in connections.values { await connection.value }
        guard let polling else { return }
        self.polling = nil
        polling.cancel()
        await polling.value
        close(listener.socket)
    }

    private func run(_ serve: @escaping @Sendable (LoopbackConnection) async throws -> Void) {
        polling = Task { [pool] in
            // The pool ends only when it is canceled, so its error carries no information.
            do { try await pool.run() } catch { return }
        }
        accepting = Task { await acceptAll(serve) }
    }

    private func acceptAll(_ serve: @escaping @Sendable (LoopbackConnection) async throws -> Void) async {
        while !Task.isCancelled {
            do {
                open(try await listener.accept().socket, serve)
            } catch {
                // The client gave up, or there are no free descriptors until a connection ends.
                do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
            }
        }
    }

    private func open(_ socket: Socket, _ serve: @escaping @Sendable (LoopbackConnection) async throws -> Void) {
        connectionCount += 1
        let number = connectionCount
        connections[number] = Task { [pool] in
            do {
                try await serve(try LoopbackConnection(socket, pool: pool, number: number))
            } catch {
                // A broken connection affects only its client.
            }
            close(socket)
            connections[number] = nil
        }
    }

    private func close(_ socket: Socket) {
        // Closing fails only for a descriptor that is not open, and no other code closes this one.
        do { try socket.close() } catch { return }
    }
}
