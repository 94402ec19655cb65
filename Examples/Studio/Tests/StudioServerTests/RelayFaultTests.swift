import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOConcurrencyHelpers
import NIOCore
import StudioStores
import XCTest

@testable import StudioServer

/// Jobs of the relay during faults of the database, of records, and of the process.
final class RelayFaultTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testJobWhoseRowWasReleasedDuringTheCreateIsChargedAgain() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        try await environment.runRelay(transport: transport) { api, studio in
            async let response = api.create()
            await transport.waitUntilBlocked()
            _ = try await environment.database.query("DELETE FROM jobs", [])
            _ = try await environment.database.query("UPDATE relayed_jobs SET created_at = created_at - 601", [])
            try await studio.relay?.recover()
            let released = try await api.credits()
            XCTAssertEqual(released, [1_000, 0, 0])
            transport.unblock()
            let id = try await response.json["id"]
            XCTAssertNotNil(id)
            let charged = try await api.credits()
            XCTAssertEqual(charged, [1_000, 50, 0])
            let jobs = try await api.relayedJobs()
            XCTAssertEqual(jobs.map { $0["project"] }, [id])
            XCTAssertEqual(jobs.map { $0["state"] }, ["created"])
            XCTAssertEqual(jobs.map { $0["credits"] }, [50])
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testJobWhoseRowWasRemovedDuringTheCreateIsUnconfirmed() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        try await environment.runRelay(transport: transport) { api, _ in
            async let response = api.create()
            await transport.waitUntilBlocked()
            _ = try await environment.database.query("DELETE FROM relayed_jobs", [])
            transport.unblock()
            let status = try await response.status
            XCTAssertEqual(status, .badGateway)
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records.map(\.job?.id), environment.service.jobs.map(\.id))
    }
}
