import FaultyServer
import Foundation
import HeadshotKit
import XCTest

/// The timeouts of a transport.
final class TransportTimeoutTests: XCTestCase {
    private let transport = transportUnderTest

    func testSilenceEndsAtTimeout() async throws {
        try await withFaultyServer { server in
            await server.on("/project", .silence)
            for timeout in [TransportRequest.Timeout.total(.milliseconds(300)), .idle(.milliseconds(300))] {
                let error = try await failure(TransportError.self) {
                    try await transport.send(TransportRequest(url: server.url("project"), timeout: timeout))
                }
                XCTAssertEqual(error.kind, .timedOut)
                XCTAssertTrue(error.mayHaveBeenReceived)
                XCTAssertTrue(error.message.contains("0.3 s"), error.message)
            }
        }
    }

    func testSlowBodyIsNotIdle() async throws {
        try await withFaultyServer { server in
            await server.on("/project", .drip(Data("dripping".utf8), every: .milliseconds(100)))
            let request = TransportRequest(url: server.url("project"), timeout: .idle(.milliseconds(600)))
            let response = try await transport.send(request)
            XCTAssertEqual(response.body, Data("dripping".utf8))
        }
    }

    func testTooSlowBodyIsIdle() async throws {
        try await withFaultyServer { server in
            await server.on("/project", .drip(Data("dripping".utf8), every: .seconds(5)))
            let request = TransportRequest(url: server.url("project"), timeout: .idle(.milliseconds(200)))
            let error = try await failure(TransportError.self) { try await transport.send(request) }
            XCTAssertEqual(error.kind, .timedOut)
        }
    }

    func testSlowBodyDoesNotExtendTotalTimeout() async throws {
        try await withFaultyServer { server in
            await server.on("/project", .drip(Data(count: 1_000), every: .milliseconds(20)))
            let request = TransportRequest(url: server.url("project"), timeout: .total(.milliseconds(300)))
            let error = try await failure(TransportError.self) { try await transport.send(request) }
            XCTAssertEqual(error.kind, .timedOut)
        }
    }

    func testSessionWorksAfterTimeouts() async throws {
        try await withFaultyServer { server in
            await server.on("/silent", .silence)
            await server.on("/project", .json("{}"))
            for _ in 1...20 {
                let request = TransportRequest(url: server.url("silent"), timeout: .total(.milliseconds(10)))
                _ = try await failure(TransportError.self) { try await transport.send(request) }
            }
            let response = try await transport.send(TransportRequest(url: server.url("project")))
            XCTAssertEqual(response.status, 200)
        }
    }
}
