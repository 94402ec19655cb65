import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import Logging
import NIOConcurrencyHelpers
import NIOCore
import ServiceLifecycle
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

    func testUnreadableRecordDoesNotStopTheOthers() async throws {
        let environment = try XCTUnwrap(environment)
        let service = environment.service
        let events = try WebhookEvents(of: environment)
        service.inject(.connectionLost, on: .createHeadshot, times: 2, afterProcessing: true)
        try await environment.runRelay {
            $0.magicHourWebhook = events.verifier
        } _: { api, studio in
            for _ in 0..<2 { _ = try await api.create() }
            // The recovery reads the rows in the order of their ids.
            _ = try await environment.database.query(
                "UPDATE jobs SET state = 'accepted', record = '{}' WHERE reference = (SELECT MIN(id) FROM relayed_jobs)",
                []
            )
            try await environment.insertOldRow()
            let magicHour = try environment.magicHour()
            let unfinished = try await magicHour.jobs.unfinished()
            let record = try XCTUnwrap(unfinished.first)
            let job = service.jobs.first { $0.name?.hasSuffix(record.correlationTag ?? "-") == true }
            _ = try await magicHour.jobs.adopt(record, id: try XCTUnwrap(job?.id))
            try await studio.relay?.recover()
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 50])
            let old = try await environment.database.query("SELECT id FROM relayed_jobs WHERE id = 'old'", [])
            XCTAssertEqual(old, [])

            service.inject(.jobFails(code: "unknown_error"), on: .createHeadshot)
            let failed = try await api.project()
            let requests = await events.waitForFailure(of: failed)
            for request in requests {
                let response = try await api.deliver(request)
                XCTAssertEqual(response.status, .noContent, response.text)
            }
            let refunded = try await api.credits()
            XCTAssertEqual(refunded, [1_000, 50, 50])
        }
    }

    func testWebhookRefundsFailedJobWhileTheRecoveryFails() async throws {
        let environment = try XCTUnwrap(environment)
        let service = environment.service
        let events = try WebhookEvents(of: environment)
        service.inject(.jobFails(code: "unknown_error"), on: .createHeadshot)
        try await environment.runRelay {
            $0.magicHourWebhook = events.verifier
        } _: { api, _ in
            let failed = try await api.project()
            let requests = await events.waitForFailure(of: failed)
            _ = try await environment.database.query(
                "CREATE TRIGGER busy BEFORE DELETE ON relayed_jobs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
                []
            )
            try await environment.insertOldRow()
            for request in requests {
                let response = try await api.deliver(request)
                XCTAssertEqual(response.status, .noContent, response.text)
            }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
    }

    func testRejectedCreateWhoseRecordCannotBeRemovedIsReleasedLater() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.status(422, body: #"{"message":"The image is too small."}"#), on: .createHeadshot)
        try await environment.runRelay { api, studio in
            let database = environment.database
            _ = try await database.query(
                "CREATE TRIGGER busy BEFORE DELETE ON jobs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
                []
            )
            let response = try await api.create()
            XCTAssertEqual(response.status.code, 422)
            try await studio.relay?.recover()
            let reserved = try await api.credits()
            XCTAssertEqual(reserved, [1_000, 0, 50])
            _ = try await database.query("DROP TRIGGER busy", [])
            try await studio.relay?.recover()
            let released = try await api.credits()
            XCTAssertEqual(released, [1_000, 0, 0])
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testOldRowsOfRejectedCreatesAreRemoved() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.status(422), on: .createHeadshot, times: 2)
        try await environment.runRelay { api, studio in
            for _ in 0..<2 { _ = try await api.create() }
            _ = try await api.project()
            environment.service.inject(.jobFails(code: "unknown_error"), on: .createHeadshot)
            let failed = try await api.project()
            environment.clock.advance(by: .seconds(600))
            _ = try await api.get("/v1/image-projects/\(failed)")
            _ = try await environment.database.query(
                """
                UPDATE relayed_jobs SET created_at = created_at - 604801
                WHERE project_id IS NOT NULL OR id = (SELECT MIN(id) FROM relayed_jobs WHERE project_id IS NULL)
                """,
                []
            )
            try await studio.relay?.recover()
            let states = try await api.relayedJobs().compactMap { $0["state"]?.string }
            XCTAssertEqual(states.sorted(), ["created", "failed", "failed"])
            let charges = try await environment.database.query("SELECT spent FROM charges ORDER BY spent", [])
            XCTAssertEqual(charges, [["0"], ["0"], ["50"]])
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
    }

    func testCreateThatTheShutdownCancelsBeforeItIsSentIsSafeToSendAgain() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.connectionRefused, on: .createHeadshot)
        let clock = ManualClock()
        let studio = try await environment.relayingStudio(clientClock: clock)
        let error = try await errorOfCreate(by: studio) {
            await clock.waitForSleepers(1)  // the pause after the failure
        }
        XCTAssertEqual(error.status, .serviceUnavailable)
        XCTAssertEqual(error.headers[.retryAfter], "5")
        let balance = try await studio.ledger.balance(of: studio.callers.all[1])
        XCTAssertEqual([balance.spent, balance.reserved], [0, 0])
    }

    func testCreateThatTheShutdownCancelsIsUnconfirmedIfAnotherProcessFoundItsJob() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        let studio = try await environment.relayingStudio(transport: transport)
        let error = try await errorOfCreate(by: studio) {
            await transport.waitUntilBlocked()
            _ = try await environment.database.query("UPDATE relayed_jobs SET state = 'created', project_id = 'x'", [])
            _ = try await environment.database.query("DELETE FROM jobs", [])
        }
        XCTAssertEqual(error.status, .badGateway)
    }

    /// Returns the error of a create request during which the studio shuts down.
    private func errorOfCreate(
        by studio: Studio,
        beforeShutdown body: () async throws -> Void
    ) async throws -> StudioError {
        let (relay, caller) = (try XCTUnwrap(studio.relay), studio.callers.all[1])
        let failure = NIOLockedValueBox<StudioError?>(nil)
        let creation = Creation {
            let body: JSONValue = ["assets": ["image_file_path": "https://example.com/me.png"]]
            do { _ = try await relay.create(RelayedOperation.headshots[1], body, for: caller) } catch {
                failure.withLockedValue { $0 = error as? StudioError }
            }
        }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(services: [creation], gracefulShutdownSignals: [], logger: logger)
        async let run: Void = group.run()
        try await body()
        await group.triggerGracefulShutdown()
        try await run
        return try XCTUnwrap(failure.withLockedValue { $0 })
    }
}

/// A service that creates a job.
private struct Creation: Service {
    let body: @Sendable () async -> Void

    func run() async throws { await body() }
}

extension TestEnvironment {
    /// Inserts a row that the recovery removes.
    fileprivate func insertOldRow() async throws {
        _ = try await database.query(
            """
            INSERT INTO relayed_jobs (id, caller, operation, price, credits, state, created_at)
            VALUES ('old', 'team-b', 'face-detection', 0, 0, 'created', 0)
            """,
            []
        )
    }
}
