import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy
import XCTest

/// Every fault at every step, for one request and for every request, over real sockets. `make faults` writes the table.
class FaultTableTests: NetworkTestCase {
    func testEveryFaultAtEveryStepHasStatedOutcome() async throws {
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
        XCTAssertLessThanOrEqual(finding.charges, 1, "charged twice: \(trial.name)")
        XCTAssertEqual(finding.refunds, 0, "refunds: \(trial.name)")
        XCTAssertEqual(finding.outcome, trial.expected, trial.name)
        XCTAssertEqual(finding.charges, trial.expected.charges, "charges: \(trial.name)")
        XCTAssertEqual(finding.violations, [], trial.name)
    }

    func testNoFaultRevealsKeyOrSignedURL() async throws {
        let findings = try await FaultTableRun.findings(over: network)
        for finding in findings { XCTAssertEqual(finding.traces.leaks, [], finding.trial.name) }
        // The test is meaningful only if there are enough texts.
        XCTAssertGreaterThan(findings.map(\.traces.texts.count).reduce(0, +), findings.count * 10)
    }

    func testRedirectCarriesNeitherKeyNorBodyToAnotherHost() async throws {
        let requests = try await FaultTableRun.requestsElsewhere(over: network)
        // Only downloads follow redirects, and they carry no key.
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

/// The results of the table, computed once per network.
private enum FaultTableRun {
    private typealias Run = Task<(findings: [FaultTrial.Finding], requestsElsewhere: [FaultyServer.Request]), any Error>

    private static let plain: Run = Task { try await runAll(over: .plain) }
    private static let tls: Run = Task { try await runAll(over: .tls) }
    private static let http2: Run = Task { try await runAll(over: .http2) }
    /// With more concurrent trials on two cores, a trial over TLS with many requests does not end before its deadline.
    private static let concurrency = 20
    /// A substring of the names of the trials to run. All trials run if `nil`.
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
        let fixtures = try await FaultFixtures.open()
        // The longest trials start first.
        let order = trials.indices.sorted { trials[$0].patience > trials[$1].patience }
        let findings = try await withThrowingTaskGroup(of: (Int, FaultTrial.Finding).self) { group in
            var findings: [Int: FaultTrial.Finding] = [:]
            for (count, index) in order.enumerated() {
                if count >= concurrency, let (done, finding) = try await group.next() { findings[done] = finding }
                group.addTask { (index, try await trials[index].run(in: fixtures)) }
            }
            for try await (done, finding) in group { findings[done] = finding }
            return trials.indices.compactMap { findings[$0] }
        }
        let requests = await fixtures.elsewhere.requests
        await fixtures.close()
        return (findings, requests)
    }
}

extension FaultTrial {
    fileprivate var patience: Int { row.fault == .silent ? 2 : row.fault == .slow ? 1 : 0 }
}
