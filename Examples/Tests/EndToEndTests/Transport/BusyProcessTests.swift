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
            let (silent, project) = (server.url("silent"), server.url("project"))
            let transport = URLSessionTransport()
            let body = TransportRequest.Body.data(Data("{}".utf8))
            let load = try XCTUnwrap(SharedQueueLoad())
            try await withThrowingTaskGroup(of: Void.self) { group in
                // The transport checks the queue only while requests are in flight.
                group.addTask { _ = try await transport.send(TransportRequest(url: silent)) }
                try await Task.sleep(for: .milliseconds(500))
                // These two have the turns until they are canceled.
                for _ in 1...2 {
                    group.addTask {
                        _ = try await transport.send(TransportRequest(method: "POST", url: silent, body: body))
                    }
                }
                try await eventually(await server.requests(for: "/silent").count == 3)
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 1...6 {
                        group.addTask {
                            try await transport.send(TransportRequest(method: "POST", url: project, body: body)).status
                        }
                    }
                    for _ in 1...6 {
                        group.addTask { try await transport.send(TransportRequest(url: project)).status }
                    }
                    for try await status in group { XCTAssertEqual(status, 200) }
                }
                group.cancelAll()
            }
            load.stop()
            let requests = await server.requests(for: "/project")
            XCTAssertEqual(requests.count, 12)
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
