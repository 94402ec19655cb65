import Foundation
import HeadshotKit
import HeadshotKitTesting
import TLSProxy
import XCTest

/// Many concurrent jobs without faults. All jobs are delivered and charged once, and no request is sent twice.
///
/// `HEADSHOT_JOBS_AT_ONCE=1,2,10,50,300,1000 HEADSHOT_ROUNDS=10` runs more jobs.
final class JobsAtOnceTests: XCTestCase {
    private static let environment = ProcessInfo.processInfo.environment
    private static let counts = (environment["HEADSHOT_JOBS_AT_ONCE"] ?? "1,2,10,50").split(separator: ",").compactMap {
        Int($0)
    }
    private static let rounds = environment["HEADSHOT_ROUNDS"].flatMap { Int($0) } ?? 1
    private static let jobDuration = Duration.milliseconds(500)

    func testJobsAreDeliveredAndChargedOnceOverPlainHTTP() async throws { try await run(over: .plain) }
    func testJobsAreDeliveredAndChargedOnceOverTLS() async throws { try await run(over: .tls) }
    func testJobsAreDeliveredAndChargedOnceOverHTTP2() async throws { try await run(over: .http2) }

    private func run(over network: Network) async throws {
        try XCTSkipUnless(network.isAvailable, Network.advice)
        for count in Self.counts {
            var longest: [Duration] = []
            for _ in 0..<Self.rounds { longest.append(try await deliver(count, over: network)) }
            let median = longest.sorted()[longest.count / 2]
            print(
                "\(network.rawValue): \(count) at once, \(longest.count) times: the longest took \(median) in the median, \(longest.max() ?? .zero) at most"
            )
        }
    }

    /// Runs concurrent jobs and returns the duration of the slowest one.
    private func deliver(_ count: Int, over network: Network) async throws -> Duration {
        var longest = Duration.zero
        let configure: (inout SimulatedService.Configuration) -> Void = {
            $0.credits = 100_000_000
            $0.jobDuration = Self.jobDuration
            $0.outputPixels = 16
        }
        try await TestEnvironment.open(network, configure: configure) { environment in
            var options = environment.options
            options.deadline = .seconds(120)
            options.polling = .adaptive(median: Self.jobDuration, minimum: .milliseconds(50))
            let times = try await withThrowingTaskGroup(of: Duration.self) { [options] group in
                for _ in 0..<count {
                    group.addTask {
                        try await ContinuousClock().measure {
                            _ = try await environment.magicHour.headshots.generate(
                                environment.headshot,
                                options: options
                            )
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            longest = times.max() ?? .zero
            XCTAssertEqual(environment.amounts, [Int](repeating: 50, count: count), "\(count) at once")
            XCTAssertEqual(try environment.outputNames().count, count)
            for route in [SimulatedService.Route.createUploadURLs, .upload, .createHeadshot] {
                XCTAssertEqual(environment.requests(route), count, "\(route)")
            }
            // The proxy must receive every body completely.
            let log = environment.route.proxy?.log.requests ?? []
            XCTAssertEqual(log.filter { $0.declaredLength != nil && $0.declaredLength != $0.bodyByteCount }.count, 0)
            if network == .http2 { XCTAssertEqual(log.filter { $0.method != "GET" }.count, 3 * count) }
        }
        return longest
    }
}
