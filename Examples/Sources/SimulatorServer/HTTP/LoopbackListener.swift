import FlyingSocks
import Foundation

/// A TCP server that only this machine can reach. Each connection is served by a task of its own.
///
/// FlyingSocks, the lower half of FlyingFox, carries it and not the HTTP server above: that one answers everything that a handler
/// throws with a 500, and knows nothing of `Expect: 100-continue`. Here a connection has to be closed without a response at times.
package actor LoopbackListener {
    /// The port that it listens on.
    package nonisolated let port: UInt16

    private let pool: any AsyncSocketPool
    private let listener: AsyncSocket
    private var polling: Task<Void, Never>?
    private var accepting: Task<Void, Never>?
    private var connections: [Int: Task<Void, Never>] = [:]
    private var connectionCount = 0

    /// Listens on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port; 0 takes a free one.
    ///   - serve: Serves a connection, which is closed when it returns or throws.
    package static func start(
        port: UInt16,
        serve: @escaping @Sendable (LoopbackConnection) async throws -> Void
    ) async throws -> LoopbackListener {
        let pool = SocketPool.make(maxEvents: 128)
        try await pool.prepare()
        let socket = try Socket(domain: AF_INET)
        do {
            // Without this, a port is not free again until minutes after its last connection.
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

    /// Closes every connection and the port.
    package func stop() async {
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
            // It ends by being canceled, and has nothing to say then.
            do { try await pool.run() } catch { return }
        }
        accepting = Task { await acceptAll(serve) }
    }

    private func acceptAll(_ serve: @escaping @Sendable (LoopbackConnection) async throws -> Void) async {
        while !Task.isCancelled {
            do {
                open(try await listener.accept().socket, serve)
            } catch {
                // The client gave up in the meantime, or there are no more descriptors until some connection ends.
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
                // A connection that broke concerns its client alone.
            }
            close(socket)
            connections[number] = nil
        }
    }

    private func close(_ socket: Socket) {
        // Fails only for a descriptor that is not open, and it is closed nowhere else.
        do { try socket.close() } catch { return }
    }
}
