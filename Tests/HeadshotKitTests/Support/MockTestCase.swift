import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// A test case that fails if a stub of its mocks is unused or a request matched no stub.
class MockTestCase: XCTestCase {
    lazy var clients = makeClients()
    var mock: MockTransport { clients.mock }
    private var allClients: [TestClients] = []

    /// Creates clients whose mock is verified and whose directory is removed at the end of the test.
    func makeClients() -> TestClients {
        let clients = TestClients()
        allClients.append(clients)
        return clients
    }

    override func tearDownWithError() throws {
        for clients in allClients {
            XCTAssertNoThrow(try clients.mock.verify())
            if FileManager.default.fileExists(atPath: clients.directory.path) {
                try FileManager.default.removeItem(at: clients.directory)
            }
        }
    }
}
