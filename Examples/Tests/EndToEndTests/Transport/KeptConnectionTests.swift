import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// Reused connections that fail during a create. The create must not be sent twice.
final class KeptConnectionTests: XCTestCase {
    /// The number of trials of each fault.
    private static let rounds = 20
    /// The number of runs with proxy restarts, set by `HEADSHOT_ROUNDS`.
    private static let restarts = ProcessInfo.processInfo.environment["HEADSHOT_ROUNDS"].flatMap { Int($0) } ?? 2

    /// Each fault occurs at the second request of a connection, which is a create.
    func testCreateIsNotReceivedTwiceWhenConnectionFailsOverHTTP2() async throws {
        let faults: [(name: String, fault: StreamFault, isProcessed: Bool)] = [
            ("REFUSED_STREAM", .resetBeforeProcessing(7), false),
            ("RST_STREAM", .resetAfterProcessing(2), true),
            ("GOAWAY without the stream", .goAwayWithoutStream, false),
            ("GOAWAY with the stream", .goAwayWithStream, true),
            ("close before", .closeBeforeProcessing, false),
            ("close after", .closeAfterProcessing, true),
            ("reset after", .resetConnectionAfterProcessing, true),
        ]
        try XCTSkipUnless(Network.http2.isAvailable, Network.advice)
        for (name, fault, isProcessed) in faults {
            for _ in 0..<Self.rounds {
                let creates = try await creates(over: .http2) { $0.target == "/create" ? fault : nil }
                XCTAssertEqual(creates.filter { $0.isWhole && $0.bodyByteCount == 22 }.count, isProcessed ? 1 : 0, name)
            }
        }
    }

    func testCreateIsNotReceivedTwiceWhenConnectionFailsOverTLS() async throws {
        try XCTSkipUnless(Network.tls.isAvailable, Network.advice)
        for network in [Network.plain, .tls] {
            for response in [FaultResponse.closeAfterRequest, .reset, .closeBeforeBody] {
                for _ in 0..<Self.rounds {
                    let creates = try await creates(over: network, response)
                    XCTAssertLessThanOrEqual(creates.filter { $0.isWhole && $0.bodyByteCount == 22 }.count, 1)
                }
            }
        }
    }

    /// A silently dead connection costs one timeout and not one for each later request.
    func testRequestAfterTimeoutUsesAnotherConnection() async throws {
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
                _ = try await transportUnderTest.send(request)
                dead.append(try XCTUnwrap(route.proxy?.log.requests.last?.connection))
                request.timeout = .total(.milliseconds(300))
                let error = try await failure(TransportError.self) {
                    try await transportUnderTest.send(request)
                }
                XCTAssertEqual(error.kind, .timedOut)
                // On the dead connection, these requests would also get no response, however long their timeout.
                request.timeout = .total(.seconds(30))
                for _ in 1...3 {
                    let response = try await transportUnderTest.send(request)
                    XCTAssertEqual(response.status, 200)
                }
                await route.close()
            }
        }
    }

    /// The proxy closes its connections repeatedly during creates.
    func testChargesAreAccountedForWhileConnectionsAreClosed() async throws {
        for network in [Network.tls, .http2] where network.isAvailable {
            try await generate(over: network) { proxy in
                for _ in 0..<20 {
                    try await Task.sleep(for: .milliseconds(15))
                    await proxy.closeConnections()
                }
            }
        }
    }

    func testChargesAreAccountedForWhileProxyIsRestarted() async throws {
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

    /// Sends a request and a create on the same connection, and returns the creates that the server received.
    private func creates(
        over network: Network,
        _ response: FaultResponse = .json(#"{"id":"1"}"#),
        fault: @escaping @Sendable (StreamLog.Request) -> StreamFault? = { _ in nil }
    ) async throws -> [FaultyServer.Request] {
        let server = try await FaultyServer.start()
        await server.on("/account", .json("{}"))
        await server.on("/create", response)
        let route = try await network.open(to: server.baseURL, fault: fault)
        for path in ["account", "create"] {
            let body = TransportRequest.Body.data(Data(#"{"prompt":"navy suit"}"#.utf8))
            let request = TransportRequest(method: "POST", url: route.url(server.url(path)), body: body)
            do { _ = try await transportUnderTest.send(request) } catch let error as TransportError {
                XCTAssertEqual(path, "create", "\(error)")
            }
        }
        // A second request would arrive within this time.
        try await Task.sleep(for: .milliseconds(20))
        let creates = await server.requests(for: "/create")
        await route.close()
        await server.stop()
        return creates
    }

    /// Runs 100 jobs while the proxy is disturbed. Afterwards, each charge must have a file or an unconfirmed record.
    private func generate(
        over network: Network,
        while disturb: @escaping @Sendable (TLSProxy) async throws -> Void
    ) async throws {
        let service = SimulatedService(configuration: CancelledGenerations.configuration())
        let server = try await SimulatorServer.start(service)
        let route = try await network.open(to: server.baseURL)
        service.publicURL = route.baseURL
        try await withTemporaryDirectory { directory in
            let calls = try CancelledGenerations(server, over: route, directory: directory)
            let disturbance = Task {
                guard let proxy = route.proxy else { return }
                // On a busy machine, jobs that are disturbed from the start would never reach their creates.
                while calls.charges.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                try await disturb(proxy)
            }
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        // The store and the ledger show the outcome.
                        do { try await calls.generate(number) } catch { return }
                    }
                }
            }
            XCTAssertGreaterThan(calls.charges.count, 0)
            if calls.charges.isEmpty { disturbance.cancel() }
            try await disturbance.value
            let problems = try await calls.finishAll()
            XCTAssertEqual(problems, [], network.rawValue)
            let unconfirmed = try await calls.store.records().count
            print("\(network.rawValue): \(calls.charges.count) charges, \(unconfirmed) records without an id")
        }
        await route.close()
        await server.stop()
    }
}
