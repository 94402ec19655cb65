import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import NIOFoundationCompat
import StudioStores
import XCTest

@testable import StudioServer

/// Jobs of the relay whose outcome is not known at first.
final class RelayRecoveryTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testLostResponseIsUnconfirmedInTheAppUntilWebhookFindsTheJob() async throws {
        let environment = try XCTUnwrap(environment)
        let service = environment.service
        let events = try WebhookEvents(of: environment)
        service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        try await environment.runRelay {
            $0.magicHourWebhook = events.verifier
        } _: { api, _ in
            let app = try environment.app(api)
            let error = try await app.failure(app.options(correlation: .name))
            XCTAssertEqual(error.code, .submissionUnconfirmed)
            XCTAssertEqual(error.submission, .unconfirmed)
            XCTAssertEqual(error.status, 502)
            let reserved = try await api.credits()
            XCTAssertEqual(reserved, [1_000, 0, 50])
            let unknown = try await api.relayedJobs()
            XCTAssertEqual(unknown.map { $0["state"] }, ["unconfirmed"])
            XCTAssertNil(unknown[0]["project"])

            let requests = await events.wait(for: 2)
            // An event may arrive twice.
            for request in requests + requests {
                let response = try await api.deliver(request)
                XCTAssertEqual(response.status, .noContent, response.text)
            }
            let charged = try await api.credits()
            XCTAssertEqual(charged, [1_000, 50, 0])
            let unfinished = try await app.magicHour.jobs.unfinished()
            let record = try XCTUnwrap(unfinished.first)
            let tag = try XCTUnwrap(record.correlationTag)
            let job = try await api.relayedJobs().first { $0["name"]?.string?.hasSuffix(tag) == true }
            let id = try XCTUnwrap(job?["project"]?.string)
            let adopted = try await app.magicHour.jobs.adopt(record, id: id)
            let recovered = try await app.magicHour.jobs.resume(adopted, options: app.options())
            XCTAssertEqual(recovered.files.count, 1)
        }
        XCTAssertEqual(service.ledger.map(\.amount), [50])
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testWebhookRefundsFailedJobThatNoAppPolls() async throws {
        let environment = try XCTUnwrap(environment)
        let service = environment.service
        let events = try WebhookEvents(of: environment)
        service.inject(.jobFails(code: "unknown_error"), on: .createHeadshot)
        try await environment.runRelay {
            $0.magicHourWebhook = events.verifier
        } _: { api, _ in
            _ = try await api.project()
            let requests = await events.wait(for: 2)
            for request in requests + requests { _ = try await api.deliver(request) }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
    }

    func testPersonAssignsJobToUnconfirmedRow() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        try await environment.runRelay { api, studio in
            let response = try await api.create()
            XCTAssertEqual(response.status, .badGateway)
            XCTAssertEqual(try response.json["code"], "unconfirmed")
            let magicHour = try environment.magicHour()
            let unfinished = try await magicHour.jobs.unfinished()
            let record = try XCTUnwrap(unfinished.first)
            _ = try await magicHour.jobs.adopt(record, id: try XCTUnwrap(environment.service.jobs.first?.id))
            for _ in 0..<2 { try await studio.relay?.recover() }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testPersonReleasesCreditsOfJobThatDoesNotExist() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.connectionLost, on: .createHeadshot)
        try await environment.runRelay { api, studio in
            _ = try await api.create()
            try await studio.relay?.recover()
            let reserved = try await api.credits()
            XCTAssertEqual(reserved, [1_000, 0, 50])
            let magicHour = try environment.magicHour()
            for record in try await magicHour.jobs.unfinished() { try await magicHour.jobs.discard(record) }
            for _ in 0..<2 { try await studio.relay?.recover() }
            let released = try await api.credits()
            XCTAssertEqual(released, [1_000, 0, 0])
        }
        XCTAssertEqual(environment.service.ledger, [])
    }

    func testJobIsRecordedIfTheAppDisconnectsDuringTheCreate() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        try await environment.runRelay(transport: transport) { api, _ in
            let body = String(decoding: API.headshot, as: UTF8.self)
            _ = try await RawConnection.connect(port: try api.port).send(
                """
                POST /v1/ai-headshot-generator HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(TestEnvironment.teamB)\r
                Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                """,
                until: ""
            )
            await transport.waitUntilBlocked()
            transport.unblock()
            var jobs: [JSONValue] = []
            while jobs.first?["project"] == nil { jobs = try await api.relayedJobs() }
            XCTAssertEqual(jobs[0]["name"], "Portrait")
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testJobIsRecordedIfTheTaskOfTheRequestIsCanceled() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        let studio = try await environment.relayingStudio(transport: transport)
        let (relay, caller) = (try XCTUnwrap(studio.relay), studio.callers.all[1])
        let body: JSONValue = ["assets": ["image_file_path": "https://example.com/me.png"]]
        let request = Task { try await relay.create(RelayedOperation.headshots[1], body, for: caller) }
        await transport.waitUntilBlocked()
        request.cancel()
        transport.unblock()
        let job = try await request.value
        let jobs = try await relay.table.jobs(of: caller)
        XCTAssertEqual(jobs.map(\.project), [job.id])
        let balance = try await studio.ledger.balance(of: caller)
        XCTAssertEqual([balance.spent, balance.reserved], [50, 0])
    }

    func testStudioThatStopsDuringTheCreateKeepsTheCreditsReserved() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        let studio = try await environment.relayingStudio(transport: transport)
        let pending = try await environment.run(studio) { api in
            let pending = Task { try await api.create() }
            await transport.waitUntilBlocked()
            return pending
        }
        let status = try? await pending.value.status
        XCTAssertTrue(status == nil || status == .badGateway, "\(String(describing: status))")
        try await environment.runRelay { api, studio in
            try await studio.relay?.recover()
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 50])
            let states = try await api.relayedJobs().map { $0["state"] }
            XCTAssertEqual(states, ["unconfirmed"])
        }
    }

    func testRowsOfKilledProcessAreResolvedByTheRecords() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, studio in
            environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
            _ = try await api.create()
            // The state before the last transaction of a request.
            let database = environment.database
            _ = try await database.query("UPDATE relayed_jobs SET state = 'creating'", [])
            func states() async throws -> [JSONValue?] {
                try await studio.relay?.recover()
                return try await api.relayedJobs().map { $0["state"] }
            }
            // The request may still be in progress.
            var found = try await states()
            XCTAssertEqual(found, ["creating"])
            _ = try await database.query("UPDATE relayed_jobs SET created_at = created_at - 601", [])
            found = try await states()
            XCTAssertEqual(found, ["unconfirmed"])
            let reserved = try await api.credits()
            XCTAssertEqual(reserved, [1_000, 0, 50])

            // The process died before the engine wrote a record.
            _ = try await database.query("UPDATE relayed_jobs SET state = 'creating'", [])
            _ = try await database.query("DELETE FROM jobs", [])
            found = try await states()
            XCTAssertEqual(found, ["failed"])
            let released = try await api.credits()
            XCTAssertEqual(released, [1_000, 0, 0])
        }
    }

    func testJobWhoseRowCannotBeWrittenIsFoundAgain() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, studio in
            let database = environment.database
            _ = try await database.query(
                "CREATE TRIGGER full BEFORE UPDATE ON relayed_jobs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
                []
            )
            let response = try await api.create()
            XCTAssertEqual(response.status, .badGateway)
            let reserved = try await api.credits()
            XCTAssertEqual(reserved, [1_000, 0, 50])
            _ = try await database.query("DROP TRIGGER full", [])
            for _ in 0..<2 { try await studio.relay?.recover() }
            let charged = try await api.credits()
            XCTAssertEqual(charged, [1_000, 50, 0])
            let projects = try await api.relayedJobs().map { $0["project"]?.string }
            XCTAssertEqual(projects, environment.service.jobs.map(\.id))
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testJobThatAPersonAssignsAndResumesIsCharged() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let studio = try await environment.relayingStudio()
        try await environment.run(studio) { api in
            _ = try await api.create()
            let magicHour = try environment.magicHour()
            let unfinished = try await magicHour.jobs.unfinished()
            let id = try XCTUnwrap(environment.service.jobs.first?.id)
            let adopted = try await magicHour.jobs.adopt(try XCTUnwrap(unfinished.first), id: id)
            let options = GenerationOptions(downloadDirectory: environment.directory)
            _ = try await magicHour.jobs.resume(adopted, options: options)
            try await studio.relay?.recover()
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
            let jobs = try await api.relayedJobs()
            XCTAssertEqual(jobs.map { $0["project"]?.string }, [id])
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }
}
