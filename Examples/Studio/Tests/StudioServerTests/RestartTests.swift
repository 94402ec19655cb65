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

final class RestartTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testNextProcessFinishesJobOfStoppedProcessWithoutSecondCharge() async throws {
        let environment = try XCTUnwrap(environment)
        // The job never ends for the first process, which stops while it waits.
        let transport = BlockingTransport(environment.service, onPathsContaining: "/image-projects/")
        let batch = try await environment.run(try await environment.studio(transport: transport)) { api in
            let batch = try await api.batch(.photos("anna.png"))
            await transport.waitUntilBlocked()
            return batch
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
        try await environment.run(try await environment.studio()) { api in
            let finished = try await api.finished(batch)
            XCTAssertEqual(finished.states, ["done"])
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testHeadshotIsNotPaidAgainIfProcessDiedAfterDelivery() async throws {
        let environment = try XCTUnwrap(environment)
        let ordered = try await environment.run(try await environment.studio()) { api in
            try await api.finished(try await api.batch(.photos("anna.png")))
        }
        let id = try XCTUnwrap(ordered.headshots.first?["id"]?.string)
        // The state of the database before the last transaction of the headshot.
        let options = GenerationOptions(
            downloadDirectory: environment.directory,
            reference: id,
            referencePolicy: .once(for: .seconds(366 * 86_400))
        )
        let photo = MediaSource(SampleMedia.portraitPNG(width: 16, height: 16))
        _ = try await environment.magicHour().headshots.generate(.init(photo: photo), options: options)
        _ = try await environment.database.query("UPDATE headshots SET state = 'downloading', file = NULL", [])
        _ = try await environment.database.query("UPDATE charges SET spent = NULL", [])
        _ = try await environment.database.query(
            "UPDATE callers SET spent = 0, reserved = 50 WHERE name = 'team-b'",
            []
        )

        let charges = environment.service.ledger.count
        try await environment.run(try await environment.studio()) { api in
            let finished = try await api.finished(ordered)
            XCTAssertEqual(finished.states, ["done"])
            let file = try await api.get(try XCTUnwrap(finished.headshots.first?["file"]?.string))
            XCTAssertEqual(file.status, .ok)
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.count, charges)
    }

    func testHeadshotWhoseCreateWasNotAnsweredIsUnconfirmedAndNotOrderedAgain() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png")))
            XCTAssertEqual(batch.states, ["unconfirmed"])
            XCTAssertEqual(batch.headshots.first?["error"]?["code"], "unconfirmed")
            // The credits stay reserved, because they may have been charged.
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 50])
            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let deleted = try await api.request(.delete, "/api/headshots/\(id)")
            XCTAssertEqual(deleted.status, .conflict)
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testHeadshotIsTriedAgainAfterServiceRejectedKey() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.status(401, body: #"{"message":"Unauthorized"}"#), on: .createUploadURLs)
        try await assertSecondAttemptMakesHeadshot()
    }

    func testPaidHeadshotIsTriedAgainAfterFailureThatIsNotTheJobs() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(
            .status(302, headers: ["Location": "https://login.example.com/"]),
            on: .getImageProject
        )
        try await assertSecondAttemptMakesHeadshot()
    }

    private func assertSecondAttemptMakesHeadshot() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock)) { api in
            let batch = try await api.batch(.photos("anna.png"))
            try await environment.waitForPostponement()
            // The next attempt is due in a second of the database's clock.
            _ = try await environment.database.query("UPDATE headshots SET next_attempt_at = 0", [])
            clock.advance(by: .seconds(1))
            let finished = try await api.finished(batch)
            XCTAssertEqual(finished.states, ["done"])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testPhotosWithoutARowAreRemovedAfterAnHour() async throws {
        let environment = try XCTUnwrap(environment)
        let batch = try await environment.orderedBatch()
        let ordered = try XCTUnwrap(batch.headshots.first?["id"]?.string)
        let (abandoned, new) = (UUID().uuidString, UUID().uuidString)
        let headshots = environment.directory.appendingPathComponent("headshots")
        for name in [ordered, abandoned, new] {
            let directory = headshots.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            guard name != new else { continue }
            let attributes: [FileAttributeKey: Any] = [.modificationDate: Date(timeIntervalSinceNow: -4_000)]
            try FileManager.default.setAttributes(attributes, ofItemAtPath: directory.path)
        }
        _ = try await environment.studio()
        XCTAssertEqual(Set(try environment.headshotDirectories()), [ordered, new])
        // A database without any of the rows may have been chosen by mistake.
        _ = try await environment.database.query("DELETE FROM headshots", [])
        _ = try await environment.studio()
        XCTAssertEqual(Set(try environment.headshotDirectories()), [ordered, new])
    }

    func testUnconfirmedHeadshotWhoseJobWasAssignedIsFinished() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let batch = try await environment.run(try await environment.studio()) { api in
            try await api.finished(try await api.batch(.photos("anna.png")))
        }
        XCTAssertEqual(batch.states, ["unconfirmed"])
        let records = try await environment.store.records(after: nil, limit: 1)
        let job = try XCTUnwrap(environment.service.ledger.first?.jobID)
        _ = try await environment.magicHour().jobs.adopt(try XCTUnwrap(records.first), id: job)
        try await environment.run(try await environment.studio()) { api in
            while try await api.finished(batch).states != ["done"] { await Task.yield() }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testHeadshotInStateOfANewerVersionIsNotClaimed() async throws {
        let environment = try XCTUnwrap(environment)
        _ = try await environment.orderedBatch()
        _ = try await environment.database.query("UPDATE headshots SET state = 'retouching'", [])
        let table = HeadshotTable(database: environment.database, store: environment.store)
        let claimed = try await table.claimRunnable(limit: 10)
        XCTAssertEqual(claimed.map(\.id), [])
    }

    func testFailedJobWhoseProcessDiedIsNotCreatedAgain() async throws {
        let environment = try XCTUnwrap(environment)
        let batch = try await environment.orderedBatch()
        // The client has removed the record of the failed job, and the process died before it changed the row.
        _ = try await environment.database.query("UPDATE headshots SET state = 'waiting'", [])
        try await environment.run(try await environment.studio()) { api in
            let finished = try await api.finished(batch)
            XCTAssertEqual(finished.states, ["failed"])
            XCTAssertEqual(finished.headshots.first?["error"]?["code"], "failed")
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
        XCTAssertEqual(environment.service.ledger, [])
    }

    func testHeadshotWhoseJobIsAtAnotherServiceIsPostponedAndNotCanceled() async throws {
        let environment = try XCTUnwrap(environment)
        let batch = try await environment.orderedBatch()
        let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
        _ = try await environment.database.query(
            """
            INSERT INTO jobs (id, service, operation, state, job_id, reference, created_at, record)
            VALUES ('1', 'modelslab', 'headshot', 'accepted', '4711', $1, '2026-01-02T03:04:05.000Z', '{}')
            """,
            [id]
        )
        try await environment.run(try await environment.studio()) { api in
            try await environment.waitForPostponement()
            let rows = try await environment.database.query("SELECT state, CAST(attempts AS TEXT) FROM headshots", [])
            XCTAssertEqual(rows, [["queued", "0"]])
            let deleted = try await api.request(.delete, "/api/headshots/\(id)")
            XCTAssertEqual(deleted.status, .conflict)
        }
        XCTAssertEqual(environment.service.ledger, [])
    }
}

extension TestEnvironment {
    /// Orders a headshot at a studio whose workers make none, and returns the batch.
    fileprivate func orderedBatch() async throws -> JSONValue {
        try await run(try await studio { $0.concurrency = 0 }) { try await $0.batch(.photos("anna.png")) }
    }

    /// Waits until the next attempt to make a headshot is postponed.
    fileprivate func waitForPostponement() async throws {
        let query = "SELECT id FROM headshots WHERE next_attempt_at > 0"
        while try await database.query(query, []).isEmpty { await Task.yield() }
    }
}
