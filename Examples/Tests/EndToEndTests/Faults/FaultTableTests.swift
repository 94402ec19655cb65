import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy
import XCTest

/// Every fault at every step, once and every time, over real sockets. `make faults` prints the table.
class FaultTableTests: NetworkTestCase {
    func testEveryFaultAtEveryStepEndsAsStated() async throws {
        let findings = try await FaultTableRun.findings(over: network)
        for finding in findings { check(finding) }
        if ProcessInfo.processInfo.environment["HEADSHOT_FAULT_TABLE"] == "write" {
            try FaultTableReport(network: network, findings: findings).write(into: Self.document)
        }
    }

    private static var document: URL {
        let examples = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
        return examples.deletingLastPathComponent().appendingPathComponent("docs/reliability.md")
    }

    private func check(_ finding: FaultTrial.Finding) {
        let trial = finding.trial
        XCTAssertLessThanOrEqual(finding.charges, 1, "paid twice: \(trial.name)")
        XCTAssertEqual(finding.refunds, 0, "refunds: \(trial.name)")
        XCTAssertEqual(finding.outcome, trial.expected, trial.name)
        XCTAssertEqual(finding.charges, trial.expected.charges, "charges: \(trial.name)")
        XCTAssertEqual(finding.complaints, [], trial.name)
    }

    func testNoFaultMakesAKeyOrASignedAddressShow() async throws {
        let findings = try await FaultTableRun.findings(over: network)
        for finding in findings { XCTAssertEqual(finding.traces.leaks, [], finding.trial.name) }
        // Otherwise this shows nothing.
        XCTAssertGreaterThan(findings.map(\.traces.texts.count).reduce(0, +), findings.count * 10)
    }

    func testARedirectTakesNeitherAKeyNorABodyElsewhere() async throws {
        let requests = try await FaultTableRun.requestsElsewhere(over: network)
        // Downloads carry no key, and are the only requests that follow.
        XCTAssertGreaterThan(requests.count, 0)
        for request in requests {
            XCTAssertEqual(request.method, "GET")
            XCTAssertNil(request.headers["authorization"])
            XCTAssertEqual(request.bodyByteCount, 0)
        }
    }
}

final class FaultTableOverTLSTests: FaultTableTests {
    override var network: Network { .tls }
    func testRequestsGoOverTLS() async throws { try await assertRequestsGoOverTheNetwork() }
}

final class FaultTableOverHTTP2Tests: FaultTableTests {
    override var network: Network { .http2 }
    func testRequestsGoOverHTTP2() async throws { try await assertRequestsGoOverTheNetwork() }
}

/// The whole table, run once for all tests of a network.
private enum FaultTableRun {
    private typealias Run = Task<(findings: [FaultTrial.Finding], requestsElsewhere: [FaultyServer.Request]), any Error>

    private static let plain: Run = Task { try await runAll(over: .plain) }
    private static let tls: Run = Task { try await runAll(over: .tls) }
    private static let http2: Run = Task { try await runAll(over: .http2) }
    private static let concurrency = 24
    /// A part of a name, to look at some trials alone.
    static let only = ProcessInfo.processInfo.environment["HEADSHOT_FAULT"]

    static func findings(over network: Network) async throws -> [FaultTrial.Finding] {
        try await run(over: network).value.findings
    }

    static func requestsElsewhere(over network: Network) async throws -> [FaultyServer.Request] {
        try await run(over: network).value.requestsElsewhere
    }

    private static func run(over network: Network) -> Run {
        switch network {
        case .plain: plain
        case .tls: tls
        case .http2: http2
        }
    }

    private static func runAll(over network: Network) async throws -> (
        findings: [FaultTrial.Finding], requestsElsewhere: [FaultyServer.Request]
    ) {
        let trials = FaultTable.rows(over: network)
            .flatMap { row in [false, true].map { FaultTrial(network: network, row: row, isRepeated: $0) } }
            .filter { trial in only.map { trial.name.contains($0) } ?? true }
        let surroundings = try await FaultSurroundings.open()
        // Those that take long begin first.
        let order = trials.indices.sorted { trials[$0].patience > trials[$1].patience }
        let findings = try await withThrowingTaskGroup(of: (Int, FaultTrial.Finding).self) { group in
            var findings: [Int: FaultTrial.Finding] = [:]
            for (count, index) in order.enumerated() {
                if count >= concurrency, let (done, finding) = try await group.next() { findings[done] = finding }
                group.addTask { (index, try await trials[index].run(in: surroundings)) }
            }
            for try await (done, finding) in group { findings[done] = finding }
            return trials.indices.compactMap { findings[$0] }
        }
        let requests = await surroundings.elsewhere.requests
        await surroundings.close()
        return (findings, requests)
    }
}

extension FaultTrial {
    fileprivate var patience: Int { row.fault == .silent ? 2 : row.fault == .slow ? 1 : 0 }
}
