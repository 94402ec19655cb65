import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// Kept connections that die when a create is sent on them: whatever the server has done by then, it is not asked to do it again.
final class KeptConnectionTests: XCTestCase {
    /// How often each fault is tried.
    private static let rounds = 20
    /// How often the proxy is restarted in the middle of 100 jobs: `HEADSHOT_ROUNDS`.
    private static let restarts = ProcessInfo.processInfo.environment["HEADSHOT_ROUNDS"].flatMap { Int($0) } ?? 2

    /// In HTTP/2's own terms, and by the connection: each strikes the second request of a connection, a create.
    func testCreateIsNotTakenTwiceWhenItsConnectionDiesOverHTTP2() async throws {
        let faults: [(name: String, fault: StreamFault, isTaken: Bool)] = [
            ("REFUSED_STREAM", .resetBeforeTaking(7), false),
            ("RST_STREAM", .resetAfterTaking(2), true),
            ("GOAWAY without the stream", .goAwayWithoutStream, false),
            ("GOAWAY with the stream", .goAwayWithStream, true),
            ("close before", .closeBeforeTaking, false),
            ("close after", .closeAfterTaking, true),
            ("reset after", .resetConnectionAfterTaking, true),
        ]
        try XCTSkipUnless(Network.http2.isAvailable, Network.advice)
        for (name, fault, isTaken) in faults {
            for _ in 0..<Self.rounds {
                let creates = try await creates(over: .http2) { $0.target == "/create" ? fault : nil }
                XCTAssertEqual(creates.filter { $0.isWhole && $0.bodyByteCount == 22 }.count, isTaken ? 1 : 0, name)
            }
        }
    }

    func testCreateIsNotTakenTwiceWhenItsConnectionDiesOverTLS() async throws {
        try XCTSkipUnless(Network.tls.isAvailable, Network.advice)
        for network in [Network.plain, .tls] {
            for behavior in [Behavior.hangUp, .reset, .hangUpBeforeBody] {
                for _ in 0..<Self.rounds {
                    let creates = try await creates(over: network, behavior)
                    XCTAssertLessThanOrEqual(creates.filter { $0.isWhole && $0.bodyByteCount == 22 }.count, 1)
                }
            }
        }
    }

    /// A connection that is dead without either side knowing costs one timeout, and not one more for each later request.
    func testARequestAfterATimeoutTakesAnotherConnection() async throws {
        try XCTSkipUnless(Network.http2.isAvailable, Network.advice)
        for body in [TransportRequest.Body.none, .data(Data("{}".utf8))] {
            try await withFaultyServer { server in
                await server.on("/response", .json("{}"))
                let dead = Recorder<Int>()
                let route = try await Network.http2.open(to: server.baseURL) {
                    dead.all.contains($0.connection) ? .silence : nil
                }
                var request = TransportRequest(
                    method: body == .none ? "GET" : "POST",
                    url: route.url(server.url("response")),
                    body: body
                )
                _ = try await URLSessionTransport.shared.send(request)
                dead.append(try XCTUnwrap(route.proxy?.log.requests.last?.connection))
                request.timeout = .total(.milliseconds(300))
                let error = try await failure(TransportError.self) {
                    try await URLSessionTransport.shared.send(request)
                }
                XCTAssertEqual(error.kind, .timedOut)
                for _ in 1...3 {
                    let response = try await URLSessionTransport.shared.send(request)
                    XCTAssertEqual(response.status, 200)
                }
                await route.close()
            }
        }
    }

    /// The connections of the proxy are closed again and again while creates are on their way.
    func testMoneyIsAccountedForWhileConnectionsAreClosed() async throws {
        for network in [Network.tls, .http2] where network.isAvailable {
            try await generate(over: network) { proxy in
                for _ in 0..<20 {
                    try await Task.sleep(for: .milliseconds(15))
                    await proxy.closeConnections()
                }
            }
        }
    }

    func testMoneyIsAccountedForWhileTheProxyIsRestarted() async throws {
        for network in [Network.tls, .http2] where network.isAvailable {
            for _ in 0..<Self.restarts {
                try await generate(over: network) { proxy in
                    for _ in 0..<3 {
                        try await Task.sleep(for: .milliseconds(100))
                        try await proxy.restart()
                    }
                }
            }
        }
    }

    // MARK: Steps

    /// Sends a request, and a create on the same connection; the creates that reached the server.
    private func creates(
        over network: Network,
        _ behavior: Behavior = .json(#"{"id":"1"}"#),
        fault: @escaping @Sendable (StreamLog.Request) -> StreamFault? = { _ in nil }
    ) async throws -> [FaultyServer.Request] {
        let server = try await FaultyServer.start()
        await server.on("/account", .json("{}"))
        await server.on("/create", behavior)
        let route = try await network.open(to: server.baseURL, fault: fault)
        for path in ["account", "create"] {
            let body = TransportRequest.Body.data(Data(#"{"prompt":"navy suit"}"#.utf8))
            let request = TransportRequest(method: "POST", url: route.url(server.url(path)), body: body)
            do { _ = try await URLSessionTransport.shared.send(request) } catch let error as TransportError {
                XCTAssertEqual(path, "create", "\(error)")
            }
        }
        // Time for a second request to come in, if one was on its way.
        try await Task.sleep(for: .milliseconds(20))
        let creates = await server.requests(for: "/create")
        await route.close()
        await server.stop()
        return creates
    }

    /// Makes 100 jobs while something happens to the proxy; afterwards each charge has its file or its unconfirmed record.
    private func generate(
        over network: Network,
        while disturb: @escaping @Sendable (TLSProxy) async throws -> Void
    ) async throws {
        let service = SimulatedService(configuration: CancelledGenerations.configuration())
        let server = try await SimulatorServer.start(service)
        let route = try await network.open(to: server.baseURL)
        service.publicURL = route.baseURL
        try await withFolder { folder in
            let calls = try CancelledGenerations(server, over: route, folder: folder)
            let disturbance = Task { if let proxy = route.proxy { try await disturb(proxy) } }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        // Whatever comes of it is looked up in the store and in the ledger.
                        do { try await calls.generate(number) } catch { return }
                    }
                }
            }
            try await disturbance.value
            let problems = try await calls.finishAll()
            XCTAssertEqual(problems, [], network.rawValue)
            let unconfirmed = try calls.store.contents().records.count
            XCTAssertGreaterThan(calls.charges.count, 0)
            print("\(network.rawValue): \(calls.charges.count) charges, \(unconfirmed) records without an id")
        }
        await route.close()
        await server.stop()
    }
}
