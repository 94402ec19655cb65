import FaultyServer
import HeadshotKit
import TLSProxy
import XCTest

/// The number of TLS connections, each of which is expensive on Linux.
final class TLSConnectionTests: XCTestCase {
    #if os(Linux)
    func testWavesOfRequestsOverHTTP1ShareTwelveConnections() async throws {
        try XCTSkipUnless(Network.tls.isAvailable, Network.advice)
        try await withFaultyServer { server in
            await server.on("/project", .response(200, headers: ["Connection": "keep-alive"]))
            let proxy = try await TLSProxy.start(.http1, before: XCTUnwrap(server.baseURL.port))
            let request = TransportRequest(url: proxy.baseURL.appendingPathComponent("project"))
            let transport = URLSessionTransport()
            // The transport learns the version of HTTP from the first response.
            _ = try await transport.send(request)
            for _ in 1...5 {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 1...40 { group.addTask { try await transport.send(request).status } }
                    for try await status in group { XCTAssertEqual(status, 200) }
                }
                // One request at a time follows. libcurl then closes most connections of a session.
                _ = try await transport.send(request)
            }
            let (requests, connections) = (await server.requests.count, await server.connectionCount)
            XCTAssertEqual(requests, 1 + 5 * 41)
            // One of the first request, and one of each session.
            XCTAssertLessThanOrEqual(connections, 13)
            await proxy.stop()
        }
    }
    #endif
}
