import Foundation
import HeadshotKit
import HeadshotKitTesting
import TLSProxy
import XCTest

/// Many jobs at the same time, without a fault: all are delivered, each is paid for once, and no request is sent twice.
///
/// `HEADSHOT_JOBS_AT_ONCE=1,2,10,50,300,1000 HEADSHOT_ROUNDS=10` runs more of them.
final class JobsAtOnceTests: XCTestCase {
    private static let environment = ProcessInfo.processInfo.environment
    private static let counts = (environment["HEADSHOT_JOBS_AT_ONCE"] ?? "1,2,10,50").split(separator: ",").compactMap {
        Int($0)
    }
    private static let rounds = environment["HEADSHOT_ROUNDS"].flatMap { Int($0) } ?? 1
    private static let jobDuration = Duration.milliseconds(500)

    func testJobsAreDeliveredAndPaidForOnceOverPlainHTTP() async throws { try await run(over: .plain) }
    func testJobsAreDeliveredAndPaidForOnceOverTLS() async throws { try await run(over: .tls) }
    func testJobsAreDeliveredAndPaidForOnceOverHTTP2() async throws { try await run(over: .http2) }

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

    /// Returns how long the slowest job took.
    private func deliver(_ count: Int, over network: Network) async throws -> Duration {
        var longest = Duration.zero
        let configure: (inout SimulatedService.Configuration) -> Void = {
            $0.credits = 100_000_000
            $0.jobDuration = Self.jobDuration
            $0.outputPixels = 16
        }
        try await Workshop.open(network, configure: configure) { shop in
            var options = shop.options
            options.deadline = .seconds(120)
            options.polling = .adaptive(median: Self.jobDuration, minimum: .milliseconds(50))
            let times = try await withThrowingTaskGroup(of: Duration.self) { [options] group in
                for _ in 0..<count {
                    group.addTask {
                        try await ContinuousClock().measure {
                            _ = try await shop.magicHour.headshots.generate(shop.headshot, options: options)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            longest = times.max() ?? .zero
            XCTAssertEqual(shop.money, [Int](repeating: 50, count: count), "\(count) at once")
            XCTAssertEqual(try shop.outputNames().count, count)
            for route in [SimulatedService.Route.createUploadURLs, .upload, .createHeadshot] {
                XCTAssertEqual(shop.requests(route), count, "\(route)")
            }
            // A request without its body does not reach the service.
            let log = shop.route.proxy?.log.requests ?? []
            XCTAssertEqual(log.filter { $0.announcedLength != nil && $0.announcedLength != $0.bodyByteCount }.count, 0)
            if network == .http2 { XCTAssertEqual(log.filter { $0.method != "GET" }.count, 3 * count) }
        }
        return longest
    }
}
