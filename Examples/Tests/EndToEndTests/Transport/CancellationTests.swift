import FaultyServer
import Foundation
import HeadshotKit
import XCTest

/// Cancelling requests at every moment of their lives, often enough to meet the races inside Foundation on Linux.
final class CancellationTests: XCTestCase {
    private static let requestCount = 5_000
    private static let concurrency = 16

    func testThousandsOfCancellationsNeitherHangNorCrashNorLeak() async throws {
        let done = expectation(description: "all requests have ended")
        let results = Recorder<Tally>()
        // Not part of this test's task, which would wait for it for ever if a call hung.
        let work = Task { @Sendable in
            defer { done.fulfill() }
            do { results.append(try await Self.cancelThousands()) } catch { XCTFail("\(error)") }
        }
        await fulfillment(of: [done], timeout: 120)
        work.cancel()
        let tally = try XCTUnwrap(results.all.first, "a call hangs")
        XCTAssertEqual(tally.wrong, [])
        XCTAssertEqual(tally.calls, Self.requestCount)
        // Most are caught in the middle. Otherwise this shows nothing.
        XCTAssertGreaterThan(tally.cancelled, Self.requestCount / 2)
        XCTAssertLessThanOrEqual(tally.descriptorsAfter, tally.descriptorsBefore + 40)
        print("\(tally.calls) requests, \(tally.cancelled) cancelled; slowest end \(tally.slowest)")
    }

    private static func cancelThousands() async throws -> Tally {
        var tally = Tally()
        let server = try await FaultyServer.start(keptBodyBytes: 0)
        let other = try await FaultyServer.start()
        await order(server, other)
        try await withFolder { folder in
            let calls = CancelledCalls(server: server, folder: folder)
            try await calls.prepare()
            tally.descriptorsBefore = try openDescriptors()
            try await withThrowingTaskGroup(of: CancelledCalls.Ending.self) { group in
                for number in 0..<Self.requestCount {
                    if number >= Self.concurrency, let ending = try await group.next() { tally.add(ending) }
                    group.addTask { try await calls.run(number) }
                }
                for try await ending in group { tally.add(ending) }
            }
            // The session works still, and a request is not behind others that were given up.
            for _ in 1...20 {
                let request = TransportRequest(url: server.url("small"), timeout: .total(.seconds(5)))
                let reply = try await calls.transport.send(request)
                if reply.status != 200 { tally.wrong.append("afterwards: \(reply.status)") }
            }
            tally.descriptorsAfter = try await settledDescriptors(upTo: tally.descriptorsBefore + 20)
        }
        await server.stop()
        await other.stop()
        return tally
    }

    private static func order(_ server: FaultyServer, _ other: FaultyServer) async {
        await server.on("/small", .json(#"{"status":"queued"}"#))
        await server.on("/silent", .silence)
        await server.on("/upload", .reply(200))
        await server.on("/output.png", .file(noise(2 << 20), tag: "\"1\""))
        await server.on("/redirect", .redirect(302, to: other.url("stolen")))
        await server.on("/challenge", .basicChallenge)
        await server.on("/drip", .drip(Data(count: 1_000), every: .milliseconds(3)))
        await server.on("/endless", .endless(every: .milliseconds(2)))
        await server.on("/lost", .hangUp)
    }

    /// The number of open descriptors, as soon as it is low enough: connections that were given up take a moment to close.
    private static func settledDescriptors(upTo limit: Int) async throws -> Int {
        for _ in 1...50 {
            if try openDescriptors() <= limit { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        return try openDescriptors()
    }

    private static func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
    }
}

/// What became of the calls.
private struct Tally: Sendable {
    var calls = 0
    var cancelled = 0
    var slowest: Duration = .zero
    var wrong: [String] = []
    var descriptorsBefore = 0
    var descriptorsAfter = 0

    mutating func add(_ ending: CancelledCalls.Ending) {
        calls += 1
        if ending.wasCancelled { cancelled += 1 }
        if let wrong = ending.wrong { self.wrong.append(wrong) }
        slowest = max(slowest, ending.delay)
    }
}
