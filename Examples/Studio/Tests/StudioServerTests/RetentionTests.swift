import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import StudioServer
import StudioStores
import XCTest

final class RetentionTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testOldFinishedHeadshotsAreDeletedWithTheirFilesAndStayCharged() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio { $0.concurrency = 0 }) { api in
            let canceled = try await api.batch(.photos("canceled.png"))
            let id = try XCTUnwrap(canceled.headshots.first?["id"]?.string)
            let response = try await api.request(.delete, "/api/headshots/\(id)")
            XCTAssertEqual(response.status, .noContent)
        }
        try await environment.run(try await environment.studio(clock: clock)) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png", "no-face.png")))
            XCTAssertEqual(batch.states, ["done", "failed"])
            try await environment.age(by: 31)
            try await environment.advance(clock, untilNamesAre: [])

            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let headshot = try await api.get("/api/headshots/\(id)")
            XCTAssertEqual(headshot.status, .notFound)
            let emptied = try await api.get("/api/batches/\(try XCTUnwrap(batch["id"]?.string))").json
            XCTAssertEqual(emptied.headshots, [])
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(try environment.headshotDirectories(), [])
        let charges = try await environment.database.query("SELECT spent FROM charges ORDER BY spent", [])
        XCTAssertEqual(charges, [["0"], ["0"], ["50"]])
        XCTAssertEqual(environment.service.ledger.filter { $0.kind == .charge }.count, 2)
    }

    func testRecentUnconfirmedAndUnfinishedHeadshotsAreKept() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            _ = try await api.finished(try await api.batch(.photos("old.png", "recent.png")))
            environment.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
            let batch = try await api.finished(try await api.batch(.photos("unconfirmed.png")))
            XCTAssertEqual(batch.states, ["unconfirmed"])
        }
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock) { $0.concurrency = 0 }) { api in
            _ = try await api.batch(.photos("queued.png"))
            try await environment.age(by: 31)
            let rows = [
                // The headshot waited for a long time, but it was finished recently.
                "UPDATE headshots SET finished_at = finished_at + 172800, created_at = 0 WHERE name = 'recent.png'",
                // Only the state decides here.
                "UPDATE headshots SET finished_at = 0, created_at = 0 WHERE state IN ('queued', 'unconfirmed')",
            ]
            for row in rows { _ = try await environment.database.query(row, []) }
            try await environment.advance(clock, untilNamesAre: ["queued.png", "recent.png", "unconfirmed.png"])
        }
        XCTAssertEqual(try environment.headshotDirectories().count, 3)
    }

    func testHeadshotsAreKeptWithoutRetention() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock) { $0.retention = nil }) { api in
            _ = try await api.finished(try await api.batch(.photos("anna.png")))
            try await environment.age(by: 10_000)
            for _ in 0..<2 { await environment.cleanUp(clock) }
        }
        let names = try await environment.names()
        XCTAssertEqual(names, ["anna.png"])
        // The first poll of the next process removes it.
        let next = ManualClock()
        try await environment.run(try await environment.studio(clock: next)) { _ in
            try await environment.advance(next, untilNamesAre: [])
        }
    }

    func testTwoProcessesRemoveOldHeadshotsAtTheSameTime() async throws {
        let environment = try XCTUnwrap(environment)
        let (first, second) = (ManualClock(), ManualClock())
        let (one, two) = (try await environment.studio(clock: first), try await environment.studio(clock: second))
        try await environment.run(one) { api in
            try await environment.run(two) { _ in
                for _ in 0..<4 {
                    let form = Form.photos("no-face 1.png", "no-face 2.png", "no-face 3.png", "no-face 4.png")
                    _ = try await api.finished(try await api.batch(form))
                }
                try await environment.age(by: 31)
                async let removed: Void = environment.advance(first, untilNamesAre: [])
                try await environment.advance(second, untilNamesAre: [])
                try await removed
            }
        }
        XCTAssertEqual(try environment.headshotDirectories(), [])
        let claims = try await environment.database.query("SELECT id FROM job_claims", [])
        XCTAssertEqual(claims, [])
    }

    func testHeadshotThatAnotherProcessRemovesIsLeftToIt() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            _ = try await api.finished(try await api.batch(.photos("claimed.png", "free.png")))
        }
        try await environment.age(by: 31)
        let query = "SELECT id FROM headshots WHERE name = 'claimed.png'"
        let id = try await environment.database.query(query, []).first?[0].flatMap { UUID(uuidString: $0) }
        let other = try await SQLiteJobStore(database: environment.database)
        let claimed = try await other.claim(try XCTUnwrap(id))
        let claim = try XCTUnwrap(claimed)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock)) { _ in
            try await environment.advance(clock, untilNamesAre: ["claimed.png"])
            XCTAssertEqual(try environment.headshotDirectories(), [id?.uuidString])
            // The other process dies after it removed the files and before it removed the row.
            let directory = "headshots/\(id?.uuidString ?? "")"
            try FileManager.default.removeItem(at: environment.directory.appendingPathComponent(directory))
            await claim.release()
            try await environment.advance(clock, untilNamesAre: [])
        }
    }

    func testRepeatedIdempotencyKeyDoesNotMakeRemovedHeadshotAgain() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock)) { api in
            let headers: HTTPFields = [.idempotencyKey: "order 1"]
            let first = try await api.finished(try await api.batch(.photos("anna.png"), headers: headers))
            try await environment.age(by: 31)
            try await environment.advance(clock, untilNamesAre: [])
            let second = try await api.batch(.photos("anna.png"), headers: headers)
            XCTAssertEqual(second["id"], first["id"])
            XCTAssertEqual(second.headshots, [])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testHeadshotWithoutEndIsDeletedAfterItsRetention() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio()) { api in
            _ = try await api.finished(try await api.batch(.photos("anna.png")))
            _ = try await api.finished(try await api.batch(.photos("no-face.png")))
        }
        // A process of an earlier version finished the headshots during an update.
        _ = try await environment.database.query("UPDATE headshots SET finished_at = NULL", [])
        try await environment.run(try await environment.studio(clock: clock)) { _ in
            await clock.waitForSleepers(2)  // the workers and the feed
            try await environment.age(by: 29)
            await environment.cleanUp(clock)
            let kept = try await environment.names()
            XCTAssertEqual(kept, ["anna.png", "no-face.png"])
            try await environment.age(by: 2)
            try await environment.advance(clock, untilNamesAre: [])
        }
    }

    func testFailedHeadshotIsKeptWhileItsRecordExists() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            _ = try await api.finished(try await api.batch(.photos("paid.png")))
            _ = try await api.finished(try await api.batch(.photos("free.png")))
        }
        for statement in [
            "UPDATE headshots SET state = 'failed'",
            """
            INSERT INTO jobs (id, service, operation, state, reference, created_at, record)
            SELECT 'paid', 'magic-hour', 'ai-headshot-generator', 'accepted', id, '', '{}' FROM headshots WHERE name = 'paid.png'
            """,
        ] { _ = try await environment.database.query(statement, []) }
        try await environment.age(by: 31)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock)) { _ in
            await environment.cleanUp(clock)
            let kept = try await environment.names()
            XCTAssertEqual(kept, ["paid.png"])
            XCTAssertEqual(try environment.headshotDirectories().count, 1)
            _ = try await environment.database.query("DELETE FROM jobs", [])
            try await environment.advance(clock, untilNamesAre: [])
        }
    }
}

extension TestEnvironment {
    /// Advances the clock of the workers past a clean-up, and waits until the clean-up is over.
    fileprivate func cleanUp(_ clock: ManualClock) async {
        for _ in 0..<61 {
            await clock.waitForSleepers(2)  // the workers and the feed
            clock.advance(by: .seconds(1))
        }
        await clock.waitForSleepers(2)
    }

    /// Returns the names of the headshots that have a row.
    fileprivate func names() async throws -> [String] {
        try await database.query("SELECT name FROM headshots ORDER BY name", []).compactMap { $0[0] }
    }

    /// Moves the end of the finished headshots into the past, because the clock of the database decides.
    fileprivate func age(by days: Int) async throws {
        _ = try await database.query("UPDATE headshots SET finished_at = finished_at - \(days * 86_400)", [])
    }

    /// Advances the clock of the workers until only headshots with the names have a row.
    fileprivate func advance(_ clock: ManualClock, untilNamesAre expected: [String]) async throws {
        for _ in 0..<5_000 {
            if try await names() == expected { return }
            clock.advance(by: .seconds(1))
            await Task.yield()
        }
        let names = try await names()
        XCTAssertEqual(names, expected)
    }
}
