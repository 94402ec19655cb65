import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy
import XCTest

/// The requests that a transport sends.
final class TransportRequestTests: XCTestCase {
    private let transport = transportUnderTest

    func testRequestWithoutBodyIsSentWithoutBody() async throws {
        try await withFaultyServer { server in
            await server.on("/account", .json("{}"))
            _ = try await transport.send(TransportRequest(url: server.url("account")))
            let request = try await unwrapped(await server.requests.first)
            XCTAssertEqual(request.method, "GET")
            XCTAssertEqual(request.target, "/account")
            XCTAssertEqual(request.bodyByteCount, 0)
            XCTAssertNil(request.headers["transfer-encoding"])
        }
    }

    func testDataBodyIsSentWithLengthAndNotChunked() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .json("{}"))
            for size in [1, 4_096, 300_000] {
                let body = noise(size)
                let request = TransportRequest(method: "POST", url: server.url("create"), body: .data(body))
                _ = try await transport.send(request)
                let received = try await unwrapped(await server.requests.last)
                XCTAssertEqual(received.method, "POST")
                XCTAssertEqual(received.headers["content-length"], String(size))
                XCTAssertNil(received.headers["transfer-encoding"])
                XCTAssertNil(received.headers["expect"])
                XCTAssertEqual(received.body, body)
            }
        }
    }

    func testFileBodyIsSentWithLengthAndNotChunked() async throws {
        try await withTemporaryDirectory { directory in
            try await withFaultyServer { server in
                await server.on("/upload", .response(200))
                let contents = noise(5_000_001)
                let file = directory.appendingPathComponent("photo.bin")
                try contents.write(to: file)
                let request = TransportRequest(method: "PUT", url: server.url("upload"), body: .file(file))
                let progress = Recorder<TransferProgress>()
                _ = try await transport.send(request) { progress.append($0) }
                let received = try await unwrapped(await server.requests.first)
                XCTAssertEqual(received.method, "PUT")
                XCTAssertEqual(received.headers["content-length"], "5000001")
                XCTAssertNil(received.headers["transfer-encoding"])
                XCTAssertTrue(received.body == contents)
                XCTAssertEqual(progress.all.last?.completed, 5_000_001)
                XCTAssertEqual(progress.all.map(\.completed), progress.all.map(\.completed).sorted())
            }
        }
    }

    func testBytesAppendedDuringUploadAreNotSent() async throws {
        for network in [Network.plain, .http2] where network.isAvailable {
            try await withTemporaryDirectory { directory in
                try await withFaultyServer { server in
                    await server.on("/upload", .response(200))
                    let route = try await network.open(to: server.baseURL)
                    let file = directory.appendingPathComponent("growing.bin")
                    try noise(8 << 20).write(to: file)
                    let handle = try FileHandle(forWritingTo: file)
                    try handle.seekToEnd()
                    let progress = Recorder<Int64>()
                    let url = route.url(server.url("upload"))
                    _ = try await transport.send(TransportRequest(method: "PUT", url: url, body: .file(file))) {
                        if progress.all.isEmpty { handle.write(Data(count: 4 << 20)) }
                        progress.append($0.completed)
                    }
                    try handle.close()
                    XCTAssertEqual(try Data(contentsOf: file).count, 12 << 20)
                    XCTAssertEqual(progress.all.max(), 8 << 20)
                    let received = try await unwrapped(await server.requests.first)
                    XCTAssertEqual(received.bodyByteCount, 8 << 20)
                    if let stream = route.proxy?.log.requests.first { XCTAssertEqual(stream.bodyByteCount, 8 << 20) }
                    await route.close()
                }
            }
        }
    }

    func testEmptyBodyHasContentLengthZero() async throws {
        try await withFaultyServer { server in
            await server.on("/create", .json("{}"))
            _ = try await transport.send(
                TransportRequest(method: "POST", url: server.url("create"), body: .data(Data()))
            )
            let received = try await unwrapped(await server.requests.first)
            XCTAssertEqual(received.headers["content-length"], "0")
            XCTAssertNil(received.headers["transfer-encoding"])
        }
    }

    func testHeadersAreSentUnchanged() async throws {
        try await withFaultyServer { server in
            await server.on("/account", .json("{}"))
            let request = TransportRequest(
                url: server.url("account"),
                headers: ["Authorization": "Bearer mhk_live_example", "Accept": "application/json"]
            )
            _ = try await transport.send(request)
            let received = try await unwrapped(await server.requests.first)
            XCTAssertEqual(received.headers["authorization"], "Bearer mhk_live_example")
            XCTAssertEqual(received.headers["accept"], "application/json")
            XCTAssertNil(received.headers["cookie"])
        }
    }

    func testCookieIsNotSentBack() async throws {
        try await withFaultyServer { server in
            await server.on("/account", .response(200, headers: ["Set-Cookie": "session=1; Path=/"]))
            _ = try await transport.send(TransportRequest(url: server.url("account")))
            _ = try await transport.send(TransportRequest(url: server.url("account")))
            let cookies = await server.requests.map { $0.headers["cookie"] }
            XCTAssertEqual(cookies, [nil, nil])
        }
    }

    func testTenRequestsInARowUseOneConnection() async throws {
        try await withFaultyServer { server in
            await server.on("/project", .json(#"{"status":"queued"}"#))
            for _ in 1...10 { _ = try await transport.send(TransportRequest(url: server.url("project"))) }
            let connections = await server.requests.map(\.connection)
            XCTAssertEqual(connections, [Int](repeating: 1, count: 10))
        }
    }

    func testTenRequestsWithBodiesInARowUseOneConnection() async throws {
        try await withFaultyServer { server in
            await server.on("/fetch", .json(#"{"status":"processing"}"#))
            for _ in 1...10 {
                let body = Data(#"{"key":"example"}"#.utf8)
                _ = try await transport.send(
                    TransportRequest(method: "POST", url: server.url("fetch"), body: .data(body))
                )
            }
            let connections = await server.requests.map(\.connection)
            XCTAssertEqual(connections, [Int](repeating: 1, count: 10))
        }
    }

    func testMissingFileIsReportedBeforeRequest() async throws {
        try await withFaultyServer { server in
            let missing = URL(fileURLWithPath: "/nonexistent/me.jpg")
            let error = try await failure(TransportError.self) {
                try await transport.send(
                    TransportRequest(method: "PUT", url: server.url("upload"), body: .file(missing))
                )
            }
            XCTAssertEqual(error.kind, .fileSystem)
            XCTAssertFalse(error.mayHaveBeenReceived)
            let count = await server.connectionCount
            XCTAssertEqual(count, 0)
        }
    }

    func testPlainHTTPToAnotherHostIsRejectedWithoutConnection() async throws {
        // The first IP address is reserved for documentation, so a connection to it would time out.
        for text in [
            "http://192.0.2.1/v1", "http://127.0.0.1.example.com/", "http://localhost.example.com/", "ftp://127.0.0.1/",
        ] {
            let url = try XCTUnwrap(URL(string: text))
            let error = try await failure(TransportError.self) { try await transport.send(TransportRequest(url: url)) }
            XCTAssertEqual(error.kind, .insecureURL, text)
            XCTAssertFalse(error.mayHaveBeenReceived, text)
        }
    }
}
