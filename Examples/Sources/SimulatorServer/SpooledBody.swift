import Foundation
import HeadshotKit

/// A request body, kept in memory if it is small and in a temporary file otherwise.
struct SpooledBody {
    let content: TransportRequest.Body

    private static let memoryLimit = 1 << 20

    /// Creates a body by reading it completely from a connection.
    init(_ head: RequestHead, on connection: LoopbackConnection) async throws {
        guard head.bodyLength != .none else {
            content = .none
            return
        }
        var reader = BodyReader(head, on: connection)
        var start = Data()
        while start.count <= Self.memoryLimit, let piece = try await reader.next() { start.append(piece) }
        guard start.count > Self.memoryLimit else {
            content = .data(start)
            return
        }
        let file = try TemporaryFile()
        do {
            let handle = try FileHandle(forWritingTo: file.url)
            defer { handle.closeFile() }
            try handle.write(contentsOf: start)
            start = Data()
            while let piece = try await reader.next() { try handle.write(contentsOf: piece) }
        } catch {
            try file.remove()
            throw error
        }
        content = .file(file.url)
    }

    /// Runs a closure and then removes the body's file.
    func removedAfter<Result>(_ use: () async throws -> Result) async throws -> Result {
        guard case .file(let url) = content else { return try await use() }
        return try await TemporaryFile(url).removedAfter { _ in try await use() }
    }
}

/// A file that is removed after use.
struct TemporaryFile {
    let url: URL

    init(_ url: URL) { self.url = url }

    /// Creates an empty file that only the current user can access.
    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("headshot-simulator-\(UUID().uuidString)")
        guard FileManager.default.createFile(atPath: url.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
    }

    func remove() throws { try FileManager.default.removeItem(at: url) }

    func removedAfter<Result>(_ use: (URL) async throws -> Result) async throws -> Result {
        do {
            let result = try await use(url)
            try remove()
            return result
        } catch {
            try remove()
            throw error
        }
    }
}
