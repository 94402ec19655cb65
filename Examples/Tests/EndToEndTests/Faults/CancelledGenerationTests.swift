import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// Cancelling whole calls at every moment of their lives. `HEADSHOT_CANCELLATIONS` says how many.
final class CancelledGenerationTests: XCTestCase {
    private static let callCount =
        ProcessInfo.processInfo.environment["HEADSHOT_CANCELLATIONS"].flatMap { Int($0) } ?? 500
    /// So many share a folder and a service.
    private static let roundSize = 250
    private static let concurrency = 16

    func testCancelledCallsNeitherHangNorLeakNorLoseWhatWasPaid() async throws {
        let done = expectation(description: "all calls have ended")
        let tallies = Recorder<Tally>()
        // Not part of this test's task, which would wait for it for ever if a call hung.
        let work = Task { @Sendable in
            defer { done.fulfill() }
            do { tallies.append(try await Self.cancelAll()) } catch { XCTFail("\(error)") }
        }
        await fulfillment(of: [done], timeout: 120 + Double(Self.callCount) / 4)
        work.cancel()
        let tally = try XCTUnwrap(tallies.all.first, "a call hangs")
        XCTAssertEqual(tally.problems, [])
        XCTAssertEqual(tally.calls, Self.callCount)
        // Most are caught in the middle, and some come through. Otherwise this shows nothing.
        XCTAssertGreaterThan(tally.cancelled, Self.callCount / 3)
        XCTAssertGreaterThan(tally.resumed, 0)
        // The service answers every create, so that each reply has time to come.
        XCTAssertEqual(tally.unconfirmed, 0)
        XCTAssertLessThanOrEqual(tally.descriptorsAfter, tally.descriptorsBefore + 20)
        print(tally.text)
    }

    private static func cancelAll() async throws -> Tally {
        var tally = Tally()
        let server = try await SimulatorServer.start(
            SimulatedService(configuration: CancelledGenerations.configuration())
        )
        for first in stride(from: 0, to: callCount, by: roundSize) {
            try await withFolder { folder in
                // How long a call takes here and now. The first time it also opens what the session keeps for good.
                let span = try await timeOfCalls(try CancelledGenerations(server, folder: folder))
                if first == 0 { tally.descriptorsBefore = try await settledDescriptors(upTo: 0) }
                let calls = try CancelledGenerations(server, folder: folder)
                let numbers = first..<min(first + roundSize, callCount)
                try await cancel(numbers, of: calls, within: span * 0.8, &tally)
            }
        }
        tally.descriptorsAfter = try await settledDescriptors(upTo: tally.descriptorsBefore)
        await server.stop()
        return tally
    }

    /// How long calls take, half of them longer, when as many are under way as will be.
    private static func timeOfCalls(_ calls: CancelledGenerations) async throws -> Duration {
        let times = try await withThrowingTaskGroup(of: Duration.self) { group in
            for number in -concurrency * 2..<0 {
                if number >= -concurrency { _ = try await group.next() }
                group.addTask { try await calls.complete(number) }
            }
            return try await group.reduce(into: [Duration]()) { $0.append($1) }
        }
        return times.sorted()[times.count / 2]
    }

    private static func cancel(
        _ numbers: Range<Int>,
        of calls: CancelledGenerations,
        within span: Duration,
        _ tally: inout Tally
    ) async throws {
        try await withThrowingTaskGroup(of: CancelledGenerations.Ending.self) { group in
            for (index, number) in numbers.enumerated() {
                if index >= concurrency, let ending = try await group.next() { tally.add(ending) }
                group.addTask { try await calls.run(number, within: span) }
            }
            for try await ending in group { tally.add(ending) }
        }
        tally.problems += try calls.strayParts().map { "stray: \($0)" }
        let records = try calls.store.contents().records
        tally.resumed += records.filter { !$0.isUnconfirmed }.count
        tally.unconfirmed += records.filter(\.isUnconfirmed).count
        tally.problems += try await calls.finishAll()
        tally.charges += calls.charges.count
    }

    /// The number of open descriptors, as soon as it is low enough: connections that were given up take a moment to close.
    private static func settledDescriptors(upTo limit: Int) async throws -> Int {
        for _ in 1...30 {
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
    var resumed = 0
    var unconfirmed = 0
    var charges = 0
    var slowest: Duration = .zero
    var problems: [String] = []
    var descriptorsBefore = 0
    var descriptorsAfter = 0

    var text: String {
        """
        \(calls) calls, \(cancelled) cancelled, \(resumed) of them resumed and delivered, \(unconfirmed) unconfirmed; \
        \(charges) charges; slowest end \(slowest); descriptors \(descriptorsBefore) before, \(descriptorsAfter) after
        """
    }

    mutating func add(_ ending: CancelledGenerations.Ending) {
        calls += 1
        if ending.wasCancelled { cancelled += 1 }
        if let problem = ending.problem { problems.append(problem) }
        slowest = max(slowest, ending.delay)
    }
}
