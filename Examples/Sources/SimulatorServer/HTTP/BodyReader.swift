package import Foundation

/// A reader that returns a request body piece by piece.
package struct BodyReader: Sendable {
    private enum Position {
        case beforeBody
        case beforeChunk
        /// The number of bytes left in the body or the current chunk.
        case inside(Int)
        case end
    }

    private let head: RequestHead
    private let connection: LoopbackConnection
    private var position = Position.beforeBody

    /// Creates a reader for the body that follows a head.
    package init(_ head: RequestHead, on connection: LoopbackConnection) {
        self.head = head
        self.connection = connection
    }

    /// Returns the next piece, or `nil` at the end of the body.
    ///
    /// - Throws: ``ConnectionEnded`` if the client closes the connection before the end, or ``BadRequest`` if a chunk's
    ///   length is invalid.
    package mutating func next() async throws -> Data? {
        while true {
            switch position {
            case .beforeBody:
                try await begin()
            case .beforeChunk:
                position = try await beginChunk()
            case .inside(let remaining):
                guard let piece = try await connection.read(upTo: remaining) else { throw ConnectionEnded() }
                position = .inside(remaining - piece.count)
                if piece.count == remaining { position = try await finishPart() }
                return piece
            case .end:
                return nil
            }
        }
    }

    private mutating func begin() async throws {
        switch head.bodyLength {
        case .none, .bytes(0): position = .end
        case .bytes(let count): position = .inside(count)
        case .chunked: position = .beforeChunk
        }
        if head.expectsContinue, head.bodyLength != .none {
            try await connection.write(Data("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        }
    }

    private func beginChunk() async throws -> Position {
        let line = try await connection.readLine()
        guard let length = Int(line.prefix { $0 != ";" }, radix: 16), length >= 0 else {
            throw BadRequest("A chunk's length is not a number.")
        }
        if length > 0 { return .inside(length) }
        // The last chunk is empty. Only trailer fields and an empty line follow.
        while try await !connection.readLine().isEmpty { continue }
        return .end
    }

    private func finishPart() async throws -> Position {
        guard head.bodyLength == .chunked else { return .end }
        _ = try await connection.readLine()
        return .beforeChunk
    }
}
