import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy
import XCTest

/// Cancellation of requests at random moments, often enough to reveal races in Foundation on Linux.
class CancellationTests: NetworkTestCase {
    /// Over TLS with HTTP/1.1, each cancellation costs a connection of about 20 ms, because libcurl reads the certificates again.
    private var requestCount: Int {
        ProcessInfo.processInfo.environment["HEADSHOT_CANCELLATIONS"].flatMap { Int($0) }
            ?? (network == .tls ? 1_000 : 5_000)
    }

    func testThousandsOfCancellationsNeitherHangNorCrashNorLeak() async throws {
        let calls = try await withTimeLimit(300) { [network, requestCount] in
            try await Self.cancelThousands(requestCount, over: network)
        }
        XCTAssertEqual(calls.problems, [])
        XCTAssertEqual(calls.calls, requestCount)
        // The test is meaningful only if many calls are canceled and some complete.
        XCTAssertGreaterThan(calls.canceled, requestCount / 3)
        XCTAssertLessThan(calls.canceled, requestCount)
        // Over TLS, a connection has four descriptors: one of the client, two of the proxy and one of the server.
        XCTAssertLessThanOrEqual(calls.descriptorsAfter, calls.descriptorsBefore + (network == .plain ? 80 : 320))
        print(calls.text)
    }

    /// Returns the time span of cancellations, which must leave time for some new TLS connections.
    private static func span(over network: Network) -> Duration {
        network == .tls ? .milliseconds(400) : .milliseconds(80)
    }

    private static func cancelThousands(_ requestCount: Int, over network: Network) async throws -> Cancellations {
        var cancellations = Cancellations()
        let server = try await FaultyServer.start(keptBodyBytes: 0)
        let other = try await FaultyServer.start()
        let route = try await network.open(to: server.baseURL)
        await configure(server, other)
        try await withTemporaryDirectory { directory in
            let calls = CancelledCalls(server: server, route: route, directory: directory)
            try await calls.prepare()
            let before = try await Cancellations.descriptors(settlingTo: .max)
            cancellations.descriptorsBefore = before
            try await cancellations.cancel(0..<requestCount, within: span(over: network)) {
                try await calls.run($0)
            }
            // The session still works, and a request does not wait for canceled ones.
            for _ in 1...20 {
                let status = try await calls.sendSmallRequestWithRetry()
                if status != 200 { cancellations.problems.append("afterwards: \(status)") }
            }
            cancellations.descriptorsAfter = try await Cancellations.descriptors(settlingTo: before + 20)
        }
        await route.close()
        await server.stop()
        await other.stop()
        return cancellations
    }

    private static func configure(_ server: FaultyServer, _ other: FaultyServer) async {
        await server.on("/small", .json(#"{"status":"queued"}"#))
        await server.on("/silent", .silence)
        await server.on("/upload", .response(200))
        await server.on("/output.png", .file(noise(2 << 20), tag: "\"1\""))
        await server.on("/redirect", .redirect(302, to: other.url("stolen")))
        await server.on("/challenge", .basicChallenge)
        await server.on("/drip", .drip(Data(count: 1_000), every: .milliseconds(3)))
        await server.on("/endless", .endless(every: .milliseconds(2)))
        await server.on("/lost", .closeAfterRequest)
    }
}

final class CancellationOverTLSTests: CancellationTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class CancellationOverHTTP2Tests: CancellationTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}
