import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy
import XCTest

/// Responses that are complete before the body of the request is.
final class EarlyResponseTests: XCTestCase {
    private static let size = 8 << 20

    func testEarlyResponseIsReturnedOverHTTP2() async throws {
        for status in [200, 413] {
            try await sendBodies(respondingEarly: status, resets: false) { send in
                let response = try await send()
                XCTAssertEqual(response.status, status)
            }
        }
    }

    /// The server resets the stream while the client still sends the body.
    func testStreamThatEndsAfterTheResponseDoesNotEndTheProcess() async throws {
        try await sendBodies(respondingEarly: 200, resets: true) { send in
            let error = try await failure(TransportError.self, of: send)
            XCTAssertEqual(error.kind, .connectionLost)
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    /// The server has the whole body, responds, and closes the connection, while the client still finishes the request.
    func testConnectionThatClosesAfterTheResponseDoesNotEndTheProcess() async throws {
        let response = FaultResponse.raw(Data("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".utf8))
        try await withFaultyServer { server in
            await server.on("/create", response)
            for network in Network.allCases where network.isAvailable {
                let route = try await network.open(to: server.baseURL)
                let url = route.url(server.url("create"))
                let received = await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<500 {
                        group.addTask {
                            let body = TransportRequest.Body.data(Data(#"{"prompt":"navy suit"}"#.utf8))
                            let request = TransportRequest(method: "POST", url: url, body: body)
                            do {
                                return try await transportUnderTest.send(request).status == 200
                            } catch {
                                // A request on a connection that is about to close fails.
                                return false
                            }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                XCTAssertGreaterThan(received, 0, network.rawValue)
                await route.close()
            }
        }
    }

    // MARK: Steps

    /// Calls `check` with a closure that uploads a body to a server that responds early, once for a file and once for data.
    private func sendBodies(
        respondingEarly status: Int,
        resets: Bool,
        _ check: (() async throws -> TransportResponse) async throws -> Void
    ) async throws {
        try XCTSkipUnless(Network.http2.isAvailable, Network.advice)
        try await withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("photo.bin")
            try Data(count: Self.size).write(to: file)
            try await withFaultyServer { server in
                let route = try await Network.http2.open(to: server.baseURL) { _ in
                    .respondEarly(status: status, resets: resets)
                }
                for body in [TransportRequest.Body.file(file), .data(Data(count: Self.size))] {
                    let request = TransportRequest(method: "PUT", url: route.url(server.url("upload")), body: body)
                    try await check { try await transportUnderTest.send(request) }
                }
                await route.close()
            }
        }
    }
}
