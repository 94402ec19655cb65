import FaultyServer
import Foundation
import HeadshotKit
import XCTest

#if canImport(FoundationNetworking)
import FoundationNetworking

/// Requests of a process that has more of them than it can handle at once.
final class BusyProcessTests: XCTestCase {
    func testRequestsDoNotWaitForTheEndOfLongUploads() async throws {
        try await withFaultyServer { server in
            await server.on("/silent", .silence)
            await server.on("/project", .json("{}"))
            let transport = URLSessionTransport()
            let load = try XCTUnwrap(SharedQueueLoad())
            defer { load.stop() }
            try await withThrowingTaskGroup(of: Int?.self) { group in
                func start(_ method: String, _ path: String) {
                    let body = method == "POST" ? TransportRequest.Body.data(Data("{}".utf8)) : .none
                    let request = TransportRequest(method: method, url: server.url(path), body: body)
                    group.addTask { try? await transport.send(request).status }
                }
                // The transport checks the queue only while requests are in flight.
                start("GET", "silent")
                try await Task.sleep(for: .milliseconds(500))
                // These two have the turns until they are canceled.
                for _ in 1...2 { start("POST", "silent") }
                try await eventually(await server.requests(for: "/silent").count == 3)
                for _ in 1...6 { start("POST", "project") }
                for _ in 1...6 { start("GET", "project") }
                for _ in 1...12 {
                    let status = try await group.next() ?? nil
                    XCTAssertEqual(status, 200, "A request waited for the end of an upload.")
                }
                group.cancelAll()
            }
        }
    }
}

/// Work for the queue that all sessions of the process share.
private final class SharedQueueLoad: @unchecked Sendable {
    // Unchecked because `lock` guards the flag.
    private let lock = NSLock()
    private var isStopped = false
    private let queue: DispatchQueue

    init?() {
        let session = URLSession(configuration: .ephemeral)
        defer { session.invalidateAndCancel() }
        guard let queue = Mirror(reflecting: session).descendant("workQueue") as? DispatchQueue else { return nil }
        self.queue = queue
        run()
    }

    func stop() { lock.withLock { isStopped = true } }

    private func run() {
        // Without the pauses, no other work would get its turn.
        queue.asyncAfter(deadline: .now() + .milliseconds(1)) { [self] in
            Thread.sleep(forTimeInterval: 0.02)
            if !lock.withLock({ isStopped }) { run() }
        }
    }
}
#endif
