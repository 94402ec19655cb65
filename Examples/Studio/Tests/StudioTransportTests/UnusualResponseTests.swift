import FaultyServer
import Foundation
import HeadshotKit
import StudioTransport
import TLSProxy
import XCTest

/// Responses that end the process or fail in Foundation on Linux. `docs/transport.md` lists what `URLSessionTransport` does with them.
class UnusualResponseTests: NetworkTestCase {
    func testTrailerBehindBodyIsRead() async throws {
        for status in [200, 404, 503] {
            let head = "HTTP/1.1 \(status) Any\r\nTransfer-Encoding: chunked\r\n\r\n"
            try await assert(head + "5\r\nhello\r\n0\r\nT: x\r\n\r\n", hasStatus: status, body: "hello")
        }
    }

    func testHeadWithoutItsEndIsLostConnection() async throws {
        try await assertFails("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n")
    }

    func testLengthNearTheLargestIntegerFails() async throws {
        try await assertFails("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\nhello")
        try await assertFails("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello")
    }

    func testContradictoryHeadsFailAtTheSameTime() async throws {
        let response = "HTTP/2 200\r\nContent-Length: 5, 5\r\n\r\nhello"
        try await withResponse(response) { request in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let error = try await failure(TransportError.self) {
                            try await transportUnderTest.send(request)
                        }
                        XCTAssertTrue(error.mayHaveBeenReceived)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    func testUnusualHeadsAreRead() async throws {
        let heads: [[UInt8]] = [
            Array("HTTP/1.1 200 OK\r\nContent-Type:text/plain\r\n".utf8),
            Array("HTTP/1.1 200\r\n".utf8),
            Array("HTTP/1.1 200 \r\n".utf8),
            Array("HTTP/1.1 200 OK\r\nX-City: M".utf8) + [0xFC] + Array("nchen\r\n".utf8),
            Array("HTTP/1.1 200 OK\r\nContent-Encoding: aws-chunked\r\n".utf8),
            Array("HTTP/1.1 200 OK\r\nContent-Encoding: UTF-8\r\n".utf8),
        ]
        for head in heads {
            let response = Data(head + Array("Content-Length: 5\r\n\r\nhello".utf8))
            try await assert(response, hasStatus: 200, body: "hello")
        }
    }

    func testUnusualDownloadIsSaved() async throws {
        let response =
            "HTTP/1.1 200 OK\r\nContent-Encoding: aws-chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5\r\nhello\r\n0\r\nx-amz-checksum: 1\r\n\r\n"
        try await withResponse(response) { request in
            try await withTemporaryDirectory { directory in
                let file = directory.appendingPathComponent("output.part")
                let response = try await transportUnderTest.download(request, to: file, onProgress: nil)
                XCTAssertEqual(response.status, 200)
                XCTAssertEqual(try Data(contentsOf: file), Data("hello".utf8))
            }
        }
    }

    // MARK: Steps

    private func assert(_ response: String, hasStatus status: Int, body: String) async throws {
        try await assert(Data(response.utf8), hasStatus: status, body: body)
    }

    private func assert(_ response: Data, hasStatus status: Int, body: String) async throws {
        try await withResponse(response) { request in
            let received = try await transportUnderTest.send(request)
            XCTAssertEqual(received.status, status, String(decoding: response, as: UTF8.self))
            XCTAssertEqual(received.body, Data(body.utf8), String(decoding: response, as: UTF8.self))
        }
    }

    /// Fails unless a create with the response is unconfirmed.
    private func assertFails(_ response: String) async throws {
        try await withResponse(response) { request in
            let error = try await failure(TransportError.self) { try await transportUnderTest.send(request) }
            XCTAssertTrue([.connectionLost, .invalidResponse, .responseTooLarge].contains(error.kind), "\(error)")
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    private func withResponse(_ response: String, _ test: (TransportRequest) async throws -> Void) async throws {
        try await withResponse(Data(response.utf8), test)
    }

    private func withResponse(_ response: Data, _ test: (TransportRequest) async throws -> Void) async throws {
        try await withFaultyServer { server in
            await server.on("/response", .raw(response))
            let route = try await network.open(to: server.baseURL)
            let request = TransportRequest(
                method: "POST",
                url: route.url(server.url("response")),
                body: .data(Data(#"{"prompt":"navy suit"}"#.utf8)),
                timeout: .total(.seconds(10))
            )
            do { try await test(request) } catch {
                await route.close()
                throw error
            }
            await route.close()
        }
    }
}

final class UnusualResponseOverTLSTests: UnusualResponseTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}
