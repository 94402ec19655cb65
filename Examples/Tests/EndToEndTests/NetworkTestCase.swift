import HeadshotKit
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

    /// Fails unless requests over HTTP/2 arrive as such, many on a connection, and each once.
    func assertNetworkIsHTTP2() async throws {
        try await Workshop.open(network) { shop in
            let account = shop.magicHour.account
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await account.get() } }
                try await group.waitForAll()
            }
            let log = try XCTUnwrap(shop.way.proxy).log
            XCTAssertEqual(log.requests.count, 20)
            XCTAssertLessThan(log.connectionCount, 20)
        }
    }
}
