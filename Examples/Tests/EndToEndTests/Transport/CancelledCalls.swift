import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy

/// Calls of every kind to be canceled.
struct CancelledCalls: Sendable {
    let server: FaultyServer
    let route: Network.Route
    let directory: URL
    let transport = transportUnderTest

    /// The kinds of calls that do not end without cancellation.
    private static let endless: Set<String> = ["silent", "silent post", "drip"]
    /// The kinds of calls that fail.
    private static let failing: Set<String> = ["endless", "lost"]
    private static let kinds = [
        "small", "silent", "silent post", "data", "file", "download", "redirect", "challenge", "drip", "endless",
        "lost",
    ]

    private var photo: URL { directory.appendingPathComponent("photo.bin") }

    /// Creates the file to upload and opens connections.
    func prepare() async throws {
        try noise(1 << 20).write(to: photo)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 { group.addTask { _ = try await call("small", number) } }
            try await group.waitForAll()
        }
    }

    /// Starts a call to be canceled.
    ///
    /// - Throws: `CancellationError`, or ``Unexpected`` if the call ended unexpectedly.
    func run(_ number: Int) async throws {
        let kind = Self.kinds[number % Self.kinds.count]
        do {
            let status = try await call(kind, number)
            if Self.endless.contains(kind) { throw Unexpected(kind: kind, end: "\(status)") }
        } catch let error as TransportError {
            // A failed HTTP/2 stream can fail other streams of its connection that have no body.
            if route.proxy?.log.requests.isEmpty == false, error.kind == .connectionLost { return }
            if !Self.failing.contains(kind) { throw Unexpected(kind: kind, end: "\(error)") }
        }
    }

    /// Sends a request that is not canceled, and retries the request once after a lost connection.
    ///
    /// An earlier failed HTTP/2 stream can fail the first attempt. Calls that were canceled would go on for 30 s.
    func sendSmallRequestWithRetry() async throws -> Int {
        let request = TransportRequest(url: route.url(server.url("small")), timeout: .total(.seconds(20)))
        do { return try await transport.send(request).status } catch let error as TransportError
            where error.kind == .connectionLost && route.proxy?.log.requests.isEmpty == false
        {
            return try await transport.send(request).status
        }
    }

    private struct Unexpected: Error {
        let kind: String
        let end: String
    }

    private func call(_ kind: String, _ number: Int) async throws -> Int {
        switch kind {
        case "data":
            return try await send("PUT", "upload", .data(Data(count: 200_000)))
        case "file":
            return try await send("PUT", "upload", .file(photo))
        case "silent post":
            return try await send("POST", "silent", .data(Data("{}".utf8)))
        case "download":
            let part = directory.appendingPathComponent("\(number).part")
            let request = TransportRequest(url: route.url(server.url("output.png")), timeout: .idle(.seconds(30)))
            return try await transport.download(request, to: part, onProgress: nil).status
        default:
            return try await send("GET", kind, .none)
        }
    }

    private func send(_ method: String, _ path: String, _ body: TransportRequest.Body) async throws -> Int {
        let request = TransportRequest(
            method: method,
            url: route.url(server.url(path)),
            body: body,
            timeout: .total(.seconds(30))
        )
        return try await transport.send(request).status
    }
}
