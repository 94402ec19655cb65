import Foundation
import HTTPTypes
import HeadshotKit
import HummingbirdTesting
import StudioStores
import XCTest

/// The list of a caller's relayed jobs.
final class RelayListTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testListIsFilteredByTheEndOfTheName() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let names = [
                "Portrait hk-aB_c", "Portrait hk-ab_c", "Portrait hk-aBxc", "hk-aB_c later", "100 %", "Zoë 👩🏽‍🚀 hk-é", "c",
            ]
            for name in names {
                let body: JSONValue = [
                    "assets": ["image_file_path": "https://example.com/me.png"], "name": .string(name),
                ]
                let created = try await api.create(try JSONEncoder().encode(body))
                XCTAssertEqual(created.status, .ok, created.text)
            }
            let filler = """
                INSERT INTO relayed_jobs (id, caller, operation, name, price, credits, state, created_at)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
                SELECT 'later ' || i, 'team-b', 'ai-headshot-generator', 'later', 50, 50, 'created', 9e9 FROM n
                """
            _ = try await environment.database.query(filler, [])
            func found(_ tag: String) async throws -> [JSONValue?] {
                guard case .array(let jobs)? = try await api.get("/api/relayed-jobs?tag=\(tag)").json["jobs"] else {
                    return []
                }
                return jobs.map { $0["name"] }
            }
            for (tag, expected) in [
                ("hk-aB_c", ["Portrait hk-aB_c"]), ("%25", ["100 %"]), ("hk-%C3%A9", ["Zoë 👩🏽‍🚀 hk-é"]),
                ("'%20OR%201=1--", []),
                ("%F0%9F%91%A9%F0%9F%8F%BD%E2%80%8D%F0%9F%9A%80%20hk-%C3%A9", ["Zoë 👩🏽‍🚀 hk-é"]),
                ("xPortrait%20hk-aB_c", []),
            ] as [(String, [JSONValue?])] {
                let names = try await found(tag)
                XCTAssertEqual(names, expected, tag)
            }
            let all = try await found("later")
            XCTAssertEqual(all.count, 100)
            let latest = try await api.relayedJobs()
            XCTAssertEqual(latest.compactMap { $0["name"]?.string }, Array(repeating: "later", count: 100))
            let other = try await api.with(token: TestEnvironment.teamA).get("/api/relayed-jobs?tag=hk-aB_c")
            XCTAssertEqual(other.text, #"{"jobs":[]}"#)
            for tag in ["", "%00", String(repeating: "a", count: 201)] {
                let response = try await api.get("/api/relayed-jobs?tag=\(tag)")
                XCTAssertEqual(response.status, .badRequest, tag)
                XCTAssertEqual(try response.errorCode, "invalid_request")
            }
        }
    }
}
