import FaultyServer
import Foundation
import HeadshotKit
import SimulatorServer
import XCTest

/// The errors of a transport without a valid response.
final class TransportFaultTests: XCTestCase {
    private let transport = transportUnderTest

    func testRefusedConnectionProvesThatNothingWasReceived() async throws {
        let url = try await FaultyServer.refusingURL()
        for body in [TransportRequest.Body.none, .data(Data("{}".utf8))] {
            let error = try await failure(TransportError.self) {
                try await transport.send(TransportRequest(method: "POST", url: url, body: body))
            }
            XCTAssertEqual(error.kind, .notConnected)
            XCTAssertFalse(error.mayHaveBeenReceived)
        }
    }

    func testHandshakeThatTheServerEndsProvesThatNothingWasReceived() async throws {
        // On Linux, a reset during the handshake cannot be distinguished from a later reset.
        let listener = try await LoopbackListener.start(port: 0) { _ = try await $0.read() }
        let url = try XCTUnwrap(URL(string: "https://127.0.0.1:\(listener.port)/create"))
        for body in [TransportRequest.Body.none, .data(Data("{}".utf8))] {
            let error = try await failure(TransportError.self) {
                try await transport.send(TransportRequest(method: "POST", url: url, body: body))
            }
            XCTAssertEqual(error.kind, .notConnected, "\(error)")
            XCTAssertFalse(error.mayHaveBeenReceived)
        }
        await listener.stop()
    }

    func testConnectionClosedAfterRequestMayHaveBeenReceived() async throws {
        try await withFaultyServer { server in
            for fault in [FaultResponse.closeAfterRequest, .reset] {
                await server.on("/create", fault)
                let error = try await failure(TransportError.self) { try await post(to: server) }
                XCTAssertEqual(error.kind, .connectionLost)
                XCTAssertTrue(error.mayHaveBeenReceived)
            }
        }
    }

    func testImmediatelyClosedConnectionIsLost() async throws {
        try await withFaultyServer { server in
            await server.closeConnections(10)
            // `mayHaveBeenReceived` depends on whether the first byte of the body was sent before the connection closed.
            let error = try await failure(TransportError.self) { try await post(to: server) }
            XCTAssertEqual(error.kind, .connectionLost)
            let requests = await server.requests
            XCTAssertEqual(requests.count, 0)
        }
    }

    func testRequestWithoutBodyOnClosedConnectionMayHaveBeenReceived() async throws {
        try await withFaultyServer { server in
            await server.closeConnections(10)
            let error = try await failure(TransportError.self) {
                try await transport.send(TransportRequest(url: server.url("small")))
            }
            XCTAssertEqual(error.kind, .connectionLost)
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    func testConnectionClosedDuringBodyIsLost() async throws {
        try await withTemporaryDirectory { directory in
            try await withFaultyServer { server in
                await server.on("/create", .closeBeforeBody)
                let file = directory.appendingPathComponent("large.bin")
                try Data(count: 8 << 20).write(to: file)
                let error = try await failure(TransportError.self) {
                    try await transport.send(
                        TransportRequest(method: "PUT", url: server.url("create"), body: .file(file))
                    )
                }
                // `mayHaveBeenReceived` depends on whether the first byte of the body was sent before the connection closed.
                XCTAssertEqual(error.kind, .connectionLost)
            }
        }
    }

    func testTruncatedBodyIsLostConnection() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .truncated(200, body: Data("{\"id\":".utf8), declaredLength: 200))
            let error = try await failure(TransportError.self) { try await post(to: server) }
            XCTAssertEqual(error.kind, .connectionLost)
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    func testResponseThatIsNotHTTPMayHaveBeenReceived() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .garbage)
            let error = try await failure(TransportError.self) { try await post(to: server) }
            XCTAssertTrue([.invalidResponse, .connectionLost].contains(error.kind), "\(error)")
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    func testEveryStatusIsReturnedAsResponse() async throws {
        try await withFaultyServer { server in
            for status in [200, 204, 400, 402, 404, 422, 429, 500, 503] {
                await server.on("/create", .response(status))
                let response = try await post(to: server)
                XCTAssertEqual(response.status, status)
            }
            await server.on("/create", .badGateway)
            let response = try await post(to: server)
            XCTAssertEqual(response.status, 502)
            XCTAssertEqual(response.headers["content-type"], "text/html")
            XCTAssertTrue(String(decoding: response.body, as: UTF8.self).contains("502 Bad Gateway"))
        }
    }

    func testBasicChallengeIsReturnedAsResponse() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .basicChallenge)
            for body in [TransportRequest.Body.none, .data(Data("{}".utf8))] {
                let before = await server.requests.count
                let request = TransportRequest(
                    method: body == .none ? "GET" : "POST",
                    url: server.url("create"),
                    headers: ["Authorization": "Bearer mhk_live_wrong"],
                    body: body,
                    timeout: .total(.seconds(20))
                )
                let response = try await transport.send(request)
                XCTAssertEqual(response.status, 401, "The request must not time out.")
                let after = await server.requests.count
                XCTAssertEqual(after - before, 1)
            }
        }
    }

    func testRedirectIsReturnedAndKeyIsNotSentToAnotherServer() async throws {
        try await withFaultyServer { other in
            await other.on("/stolen", .json("{}"))
            try await withFaultyServer { server in
                for status in [301, 302, 303, 307, 308] {
                    for target in [other.url("stolen"), server.url("elsewhere")] {
                        await server.on("/create", .redirect(status, to: target))
                        let response = try await post(to: server)
                        XCTAssertEqual(response.status, status)
                        XCTAssertEqual(response.headers["location"], target.absoluteString)
                    }
                }
                let followed = await server.requests(for: "/elsewhere").count
                XCTAssertEqual(followed, 0)
                let sent = await server.requests.count
                XCTAssertEqual(sent, 10)
            }
            let connections = await other.connectionCount
            XCTAssertEqual(connections, 0)
        }
    }

    func testResponseUpToLimitIsReturnedAndLargerIsNot() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .response(200, body: noise(10_000)))
            var request = TransportRequest(url: server.url("create"), maximumResponseBytes: 10_000)
            let response = try await transport.send(request)
            XCTAssertEqual(response.body, noise(10_000))
            request.maximumResponseBytes = 9_999
            let error = try await failure(TransportError.self) { try await transport.send(request) }
            XCTAssertEqual(error.kind, .responseTooLarge)
            XCTAssertTrue(error.mayHaveBeenReceived)
        }
    }

    func testEndlessResponseIsEndedAtLimit() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .endless(every: .milliseconds(1)))
            let request = TransportRequest(url: server.url("create"), maximumResponseBytes: 1 << 20)
            let error = try await failure(TransportError.self) { try await transport.send(request) }
            XCTAssertEqual(error.kind, .responseTooLarge)
        }
    }

    // MARK: Money

    func testRequestOnReusedConnectionIsNotSentTwice() async throws {
        try await withTemporaryDirectory { directory in
            let file = directory.appendingPathComponent("request.json")
            try Data(#"{"prompt":"navy suit"}"#.utf8).write(to: file)
            for fault in [FaultResponse.closeAfterRequest, .reset] {
                for body in [TransportRequest.Body.data(Data(#"{"prompt":"navy suit"}"#.utf8)), .file(file)] {
                    try await withFaultyServer { server in
                        // A client closes the connection of a response that ends before the client has written its request.
                        await server.on("/account", .drip(Data("{}".utf8), every: .milliseconds(20)))
                        await server.on("/create", fault, .json(#"{"id":"a second charge"}"#))
                        // The first request also has a body, because requests without a body use separate connections on Linux.
                        _ = try await transport.send(
                            TransportRequest(method: "POST", url: server.url("account"), body: body)
                        )
                        let error = try await failure(TransportError.self) {
                            try await transport.send(
                                TransportRequest(method: "POST", url: server.url("create"), body: body)
                            )
                        }
                        XCTAssertEqual(error.kind, .connectionLost)
                        XCTAssertTrue(error.mayHaveBeenReceived)
                        // A second request would arrive within this time. On Linux, its head arrives, but the connection is
                        // closed before its body.
                        try await Task.sleep(for: .milliseconds(100))
                        let requests = await server.requests(for: "/create")
                        XCTAssertEqual(requests.filter(\.isWhole).map(\.bodyByteCount), [22])
                        XCTAssertEqual(requests.map(\.bodyByteCount).reduce(0, +), 22)
                        XCTAssertEqual(requests.first?.connection, 1, "The connection was not reused.")
                    }
                }
            }
        }
    }

    private func post(to server: FaultyServer) async throws -> TransportResponse {
        try await transport.send(
            TransportRequest(
                method: "POST",
                url: server.url("create"),
                headers: ["Authorization": "Bearer mhk_live_example", "Content-Type": "application/json"],
                body: .data(Data(#"{"prompt":"navy suit"}"#.utf8)),
                timeout: .total(.seconds(10))
            )
        )
    }
}
