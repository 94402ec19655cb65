import FaultyServer
import Foundation
import HeadshotKit

/// Calls of every kind, each of which is cancelled after a moment.
struct CancelledCalls: Sendable {
    /// How a call ended.
    struct Ending: Sendable {
        /// Whether it threw a `CancellationError`.
        var wasCancelled = false
        /// From the cancellation to the end.
        var delay: Duration = .zero
        /// What it did that it must not do.
        var wrong: String?
    }

    let server: FaultyServer
    let folder: URL
    let transport = URLSessionTransport.shared

    /// Those that never end by themselves, in the time that they have.
    private static let endless: Set<String> = ["silent", "silent post", "drip"]
    private static let kinds = [
        "small", "silent", "silent post", "data", "file", "download", "redirect", "challenge", "drip", "endless",
        "lost",
    ]

    private var photo: URL { folder.appendingPathComponent("photo.bin") }

    /// Makes the file to upload, and opens connections.
    func prepare() async throws {
        try noise(1 << 20).write(to: photo)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<16 { group.addTask { _ = try await call("small", number) } }
            try await group.waitForAll()
        }
    }

    /// Makes a call and cancels it within 30 ms.
    func run(_ number: Int) async throws -> Ending {
        let kind = Self.kinds[number % Self.kinds.count]
        let task = Task { try await call(kind, number) }
        try await Task.sleep(for: .microseconds(Int.random(in: 0...30_000)))
        let cancellation = ContinuousClock.now
        task.cancel()
        var ending = Ending()
        do {
            let status = try await task.value
            if Self.endless.contains(kind) { ending.wrong = "\(kind): \(status)" }
        } catch is CancellationError {
            ending.wasCancelled = true
        } catch let error as TransportError {
            // Only calls that had ended already may fail in another way.
            if !["endless", "lost"].contains(kind) { ending.wrong = "\(kind): \(error)" }
        }
        ending.delay = ContinuousClock.now - cancellation
        return ending
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
            let part = folder.appendingPathComponent("\(number).part")
            let request = TransportRequest(url: server.url("output.png"), timeout: .idle(.seconds(30)))
            return try await transport.download(request, to: part, onProgress: nil).status
        default:
            return try await send("GET", kind, .none)
        }
    }

    private func send(_ method: String, _ path: String, _ body: TransportRequest.Body) async throws -> Int {
        let request = TransportRequest(method: method, url: server.url(path), body: body, timeout: .total(.seconds(30)))
        return try await transport.send(request).status
    }
}
