import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// Cancellation of `generate` at random moments. `HEADSHOT_CANCELLATIONS` sets the number of calls.
class CancelledGenerationTests: NetworkTestCase {
    private static let callCount =
        ProcessInfo.processInfo.environment["HEADSHOT_CANCELLATIONS"].flatMap { Int($0) } ?? 500
    /// The number of calls that share a directory.
    private static let roundSize = 250

    func testCanceledCallsNeitherHangNorLeakNorLosePaidJobs() async throws {
        let tally = try await withTimeLimit(120 + Double(Self.callCount) / 2) { [network] in
            try await Self.cancelAll(over: network)
        }
        let calls = tally.cancellations
        XCTAssertEqual(calls.problems + tally.problems, [])
        XCTAssertEqual(calls.calls, Self.callCount)
        // The test is meaningful only if many calls are canceled and some jobs are resumed.
        XCTAssertGreaterThan(calls.canceled, Self.callCount / 3)
        XCTAssertGreaterThan(tally.resumed, 0)
        // The service responds to every create within the grace period.
        XCTAssertEqual(tally.unconfirmed, 0)
        XCTAssertLessThanOrEqual(calls.descriptorsAfter, calls.descriptorsBefore + 20)
        print("\(calls.text); \(tally.resumed) resumed, \(tally.unconfirmed) unconfirmed, \(tally.charges) charges")
    }

    private static func cancelAll(over network: Network) async throws -> Tally {
        var tally = Tally()
        let server = try await SimulatorServer.start(
            SimulatedService(configuration: CancelledGenerations.configuration())
        )
        let route = try await network.open(to: server.baseURL)
        server.service.publicURL = route.baseURL
        for first in stride(from: 0, to: callCount, by: roundSize) {
            try await withTemporaryDirectory { directory in
                // Measures the duration of a call. The first round also opens the descriptors that the session keeps.
                let span = try await medianDuration(try CancelledGenerations(server, over: route, directory: directory))
                if first == 0 {
                    tally.cancellations.descriptorsBefore = try await Cancellations.descriptors(settlingTo: 0)
                }
                let calls = try CancelledGenerations(server, over: route, directory: directory)
                let numbers = first..<min(first + roundSize, callCount)
                try await cancel(numbers, of: calls, within: span * 0.8, &tally)
            }
        }
        let before = tally.cancellations.descriptorsBefore
        tally.cancellations.descriptorsAfter = try await Cancellations.descriptors(settlingTo: before)
        await route.close()
        await server.stop()
        return tally
    }

    /// Returns the median duration of concurrent calls.
    private static func medianDuration(_ calls: CancelledGenerations) async throws -> Duration {
        let concurrency = Cancellations.concurrency
        let times = try await withThrowingTaskGroup(of: Duration.self) { group in
            for number in -concurrency * 2..<0 {
                if number >= -concurrency { _ = try await group.next() }
                group.addTask { try await ContinuousClock().measure { try await calls.generate(number) } }
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
        try await tally.cancellations.cancel(numbers, within: span) { try await calls.generate($0) }
        tally.problems += try await calls.strayParts().map { "stray: \($0)" }
        let records = try await calls.store.records()
        tally.resumed += records.filter { !$0.isUnconfirmed }.count
        tally.unconfirmed += records.filter(\.isUnconfirmed).count
        tally.problems += try await calls.finishAll()
        tally.charges += calls.charges.count
    }
}

final class CancelledGenerationOverTLSTests: CancelledGenerationTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class CancelledGenerationOverHTTP2Tests: CancelledGenerationTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}

/// The results of all calls.
private struct Tally: Sendable {
    var cancellations = Cancellations()
    var resumed = 0
    var unconfirmed = 0
    var charges = 0
    var problems: [String] = []
}
