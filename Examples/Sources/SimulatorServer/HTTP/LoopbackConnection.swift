import FlyingSocks
public import Foundation

/// The connection of one client.
public actor LoopbackConnection {
    /// The number of the connection at its server, starting at 1.
    package nonisolated let number: Int

    private let socket: Socket
    private let pool: any AsyncSocketPool
    private var pending = Data()

    private static let pieceSize = 1 << 16
    private static let maximumHeadSize = 1 << 16

    init(_ socket: Socket, pool: any AsyncSocketPool, number: Int) throws {
        self.socket = socket
        self.pool = pool
        self.number = number
        // A response is sent immediately, without waiting for the client to acknowledge the previous one.
        try socket.setValue(true, for: BoolSocketOption(level: Int32(IPPROTO_TCP), name: TCP_NODELAY))
        #if canImport(Darwin)
        try socket.setValue(true, for: .noSIGPIPE)
        #endif
    }

    /// Returns the head of the next request, or `nil` if the client has closed the connection.
    ///
    /// - Throws: ``BadRequest`` if the received bytes are not HTTP, or ``ConnectionEnded`` if the connection is closed
    ///   within a head.
    package func readHead() async throws -> RequestHead? {
        let end = Data("\r\n\r\n".utf8)
        var searched = 0
        while true {
            let start = pending.startIndex + max(0, searched - end.count)
            if let range = pending.range(of: end, in: start..<pending.endIndex) {
                let head = pending[pending.startIndex..<range.lowerBound]
                pending = Data(pending[range.upperBound...])
                return try RequestHead(String(decoding: head, as: UTF8.self))
            }
            searched = pending.count
            guard searched <= Self.maximumHeadSize else { throw BadRequest("The head is too long.") }
            guard let more = try await receive() else {
                guard pending.isEmpty else { throw ConnectionEnded() }
                return nil
            }
            pending.append(more)
        }
    }

    /// Returns the next available bytes up to a limit, or `nil` if the client has closed the connection.
    public func read(upTo limit: Int = .max) async throws -> Data? {
        if pending.isEmpty {
            guard let more = try await receive() else { return nil }
            pending = more
        }
        let piece = Data(pending.prefix(limit))
        pending = Data(pending.dropFirst(limit))
        return piece
    }

    /// Returns the next line without its line ending.
    func readLine() async throws -> String {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: pending[pending.startIndex..<end], as: UTF8.self)
                pending = Data(pending[pending.index(after: end)...])
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard pending.count <= Self.maximumHeadSize else { throw BadRequest("A line is too long.") }
            guard let more = try await receive() else { throw ConnectionEnded() }
            pending.append(more)
        }
    }

    /// Sends all bytes of the data.
    package func write(_ data: Data) async throws {
        var position = data.startIndex
        while position < data.endIndex {
            try Task.checkCancellation()
            do {
                position = try socket.write(data, from: position)
            } catch SocketError.blocked {
                try await pool.suspendSocket(socket, untilReadyFor: .write)
            }
        }
    }

    /// Configures the connection to send a TCP reset instead of an orderly end when it is closed.
    public func resetOnClose() throws {
        try socket.setValue(linger(l_onoff: 1, l_linger: 0), for: LingerOption())
    }

    private func receive() async throws -> Data? {
        while true {
            try Task.checkCancellation()
            do {
                return Data(try socket.read(atMost: Self.pieceSize))
            } catch SocketError.blocked {
                try await pool.suspendSocket(socket, untilReadyFor: .read)
            } catch SocketError.disconnected {
                return nil
            }
        }
    }
}

/// The error thrown if the client closes the connection in the middle of a request.
package struct ConnectionEnded: Error {}

private struct LingerOption: SocketOption {
    let name = SO_LINGER

    func makeValue(from socketValue: linger) -> linger { socketValue }
    func makeSocketValue(from value: linger) -> linger { value }
}
