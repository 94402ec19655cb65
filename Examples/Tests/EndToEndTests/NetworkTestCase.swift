import HeadshotKit
import HeadshotKitTesting
import TLSProxy
import XCTest

/// Tests that are run over several networks: a subclass for each has the tests of its superclass.
class NetworkTestCase: XCTestCase {
    /// What the tests go over.
    var network: Network { .plain }

    override func setUp() async throws {
        try await super.setUp()
        try XCTSkipUnless(network.isAvailable, Network.advice)
    }

    /// Fails unless requests go over the network that the test is named after, each once.
    func assertRequestsGoOverTheNetwork() async throws {
        try await Workshop.open(network) { shop in
            // One after the other: twenty at once may open twenty connections before the first is ready.
            for _ in 0..<20 { _ = try await shop.magicHour.account.get() }
            XCTAssertEqual(shop.requests(.getAccount), 20)
            XCTAssertEqual(shop.route.baseURL.scheme, network == .plain ? "http" : "https")
            let log = shop.route.proxy?.log
            // The proxy sees requests over HTTP/2 alone, and many on a connection.
            XCTAssertEqual(log?.requests.count ?? 0, network == .http2 ? 20 : 0)
            if network == .http2 { XCTAssertLessThan(log?.connectionCount ?? .max, 20) }
        }
    }
}
