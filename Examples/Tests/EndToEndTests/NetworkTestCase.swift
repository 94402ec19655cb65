import HeadshotKit
import HeadshotKitTesting
import TLSProxy
import XCTest

/// A test case that subclasses run over other networks.
class NetworkTestCase: XCTestCase {
    /// The network of the tests.
    var network: Network { .plain }

    override func setUp() async throws {
        try await super.setUp()
        try XCTSkipUnless(network.isAvailable, Network.advice)
    }

    /// Fails unless each request is sent once over the expected network.
    func assertRequestsGoOverTheNetwork() async throws {
        try await TestEnvironment.open(network) { environment in
            // Concurrent requests may open several connections before the first one is ready.
            for _ in 0..<20 { _ = try await environment.magicHour.account.get() }
            XCTAssertEqual(environment.requests(.getAccount), 20)
            XCTAssertEqual(environment.route.baseURL.scheme, network == .plain ? "http" : "https")
            let log = environment.route.proxy?.log
            // The proxy logs only HTTP/2 requests, which share connections.
            XCTAssertEqual(log?.requests.count ?? 0, network == .http2 ? 20 : 0)
            if network == .http2 { XCTAssertLessThan(log?.connectionCount ?? .max, 20) }
        }
    }
}
