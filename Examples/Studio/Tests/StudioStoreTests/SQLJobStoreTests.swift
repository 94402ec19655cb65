import Foundation
import HeadshotKit
import HeadshotKitTesting
import StudioStores
import XCTest

/// The tests that a store passes on every database. They run on SQLite, and subclasses run them on others.
class SQLJobStoreTests: XCTestCase {
    private var testDatabase: (any TestDatabase)?
    var database: any TestDatabase {
        get throws { try XCTUnwrap(testDatabase) }
    }

    func makeDatabase() async throws -> any TestDatabase { try TemporarySQLiteFile() }

    override func setUp() async throws { testDatabase = try await makeDatabase() }

    override func tearDown() async throws {
        try await testDatabase?.remove()
        testDatabase = nil
    }

    // MARK: Requirements

    func testStoresOnOneDatabaseMeetTheRequirements() async throws {
        let database = try database
        try await JobStoreChecks { try await database.makeStore() }.run()
    }

    func testOneStoreMeetsTheRequirements() async throws {
        let (store, other) = (try await database.makeStore(), try await database.makeStore())
        let isOdd = LockedFlag()
        try await JobStoreChecks { isOdd.toggle() ? store : other }.run()
    }

    // MARK: Rows

    func testRowIsReadableSQL() async throws {
        let record = try JobRecord.accepted("proj/1 ü", reference: "order 4711")
        try await database.makeStore().save(record)
        let columns = "id, service, operation, state, job_id, reference, created_at, \(try database.prompt)"
        let rows = try await database.run("SELECT \(columns) FROM jobs")
        XCTAssertEqual(
            rows,
            [
                [
                    record.id.uuidString, "magic-hour", "ai-headshot-generator", "accepted", "proj/1 ü", "order 4711",
                    "2026-01-02T03:04:05.000Z", "a headshot",
                ]
            ]
        )
    }

    func testUnreadableRowDoesNotHideOthersOrShortenPages() async throws {
        let store = try await database.makeStore()
        var ids: [String] = []
        for number in 1...4 {
            let record = try JobRecord.accepted("\(number)")
            ids.append(record.id.uuidString)
            try await store.save(record)
        }
        ids.sort()
        for id in ids[...1] { try await database.run("UPDATE jobs SET record = 'damaged' WHERE id = $1", [id]) }
        let page = try await store.records(after: nil, limit: 2)
        XCTAssertEqual(page.map(\.id.uuidString), [ids[2], ids[3]])
        let unreadable = try await store.unreadableRecords()
        XCTAssertEqual(unreadable, [ids[0], ids[1]])
        let error = try await storeError { _ = try await store.record(try XCTUnwrap(UUID(uuidString: ids[0]))) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertTrue(error.message.contains(ids[0]), error.message)
    }

    func testRowsSurviveReopening() async throws {
        let record = try JobRecord.accepted("1")
        try await database.makeStore().save(record)
        let found = try await database.makeStore().record(record.id)
        XCTAssertEqual(found, record)
        let versions = try await database.run("SELECT CAST(version AS TEXT) FROM job_migrations")
        XCTAssertEqual(versions, [["1"]])
    }

    func testTablesOfANewerVersionAreRejected() async throws {
        let database = try database
        _ = try await database.makeStore()
        try await database.run("INSERT INTO job_migrations (version) VALUES (1000)")
        let error = try await storeError { _ = try await database.makeStore() }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertTrue(error.message.contains("newer version"), error.message)
    }

    func testConcurrentMigrationsCreateTheTablesOnce() async throws {
        let database = try database
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try await database.makeStore() } }
            try await group.waitForAll()
        }
        let versions = try await database.run("SELECT CAST(version AS TEXT) FROM job_migrations")
        XCTAssertEqual(versions, [["1"]])
    }

    // MARK: Transactions

    func testFailedTransactionIsRolledBack() async throws {
        struct Stop: Error {}
        let database = try await database.open()
        try await database.transaction { _ = try $0.run("CREATE TABLE notes (text TEXT PRIMARY KEY)", []) }
        for isStatement in [false, true] {
            do {
                try await database.transaction { connection in
                    try connection.run("INSERT INTO notes VALUES ('note')", [])
                    guard isStatement else { throw Stop() }
                    try connection.run("INSERT INTO missing VALUES ('note')", [])
                }
                XCTFail("Expected an error.")
            } catch {
                XCTAssertTrue(isStatement ? error is SQLError : error is Stop, "\(error)")
            }
        }
        let notes = try await database.query("SELECT text FROM notes", [])
        XCTAssertEqual(notes, [])
    }

    func testConcurrentTransactionsLoseNoChange() async throws {
        let databases = [try await database.open(), try await database.open()]
        _ = try await databases[0].query("CREATE TABLE counters (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)", [])
        _ = try await databases[0].query("INSERT INTO counters VALUES (1, 0)", [])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                let database = databases[number % 2]
                group.addTask { _ = try await database.query("UPDATE counters SET value = value + 1 WHERE id = 1", []) }
            }
            try await group.waitForAll()
        }
        let values = try await databases[1].query("SELECT CAST(value AS TEXT) FROM counters", [])
        XCTAssertEqual(values, [["60"]])
    }

    // MARK: Claims

    func testHeartbeatRenewsClaims() async throws {
        let clock = ManualClock()
        let store = try await database.makeStore(lease: .seconds(40), clock: clock)
        let claims = try await [claim(UUID(), in: store), claim(UUID(), in: store)]
        await clock.waitForSleepers(1)
        XCTAssertEqual(clock.sleeps, [.seconds(10)])
        try await database.endAllLeases()
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers(1)
        let now = type(of: try await database.open()).currentTime
        let remaining = try await database.run("SELECT CAST(expires_at - \(now) AS TEXT) FROM job_claims")
            .map { $0[0].flatMap { Double($0) } ?? 0 }
        XCTAssertEqual(remaining.count, 2)
        for seconds in remaining { XCTAssertEqual(seconds, 40, accuracy: 20) }
        for claim in claims { await claim.release() }
        let ids = try await database.run("SELECT id FROM job_claims")
        XCTAssertEqual(ids, [])
    }

    func testExpiredClaimIsTakenOver() async throws {
        let (store, other) = (try await database.makeStore(), try await database.makeStore())
        let id = UUID()
        let lost = try await claim(id, in: store)
        try await assertNil(await other.claim(id))
        try await database.endAllLeases()
        let taken = try await claim(id, in: other)
        try await assertNil(await store.claim(id))
        await lost.release()
        try await assertNil(await store.claim(id))
        await taken.release()
        await (try claim(id, in: store)).release()
    }

    func testLateSaveAndRemovalChangeNothing() async throws {
        let (late, other) = (try await database.makeStore(), try await database.makeStore())
        let intent = try JobRecord.intent()
        let lost = try await claim(intent.id, in: late)
        try await late.save(intent)
        try await database.endAllLeases()
        let taken = try await claim(intent.id, in: other)
        let accepted = try JobRecord.accepted("1", id: intent.id)
        try await other.save(accepted)
        for isReleased in [false, true] {
            // The other worker may have finished in the meantime.
            if isReleased { await taken.release() }
            for change in [{ try await late.save(intent) }, { try await late.remove(intent.id) }] {
                let error = try await storeError(change)
                XCTAssertEqual(error.code, .jobInUse)
                let record = try await other.record(intent.id)
                XCTAssertEqual(record, accepted)
            }
            // A claim that was lost still keeps its own process from a second one.
            try await assertNil(await late.claim(intent.id))
        }
        try await other.remove(intent.id)
        _ = try await storeError { try await late.save(intent) }
        try await assertNil(await other.record(intent.id))
        await lost.release()
        await (try claim(intent.id, in: late)).release()
    }

    func testLateIntentOfARowThatAnotherWorkerTookOverIsNotSaved() async throws {
        let (late, other) = (try await database.makeStore(), try await database.makeStore())
        let row = UUID()
        let lost = try await claim(row, in: late)
        let first = try JobRecord.intent(reference: row.uuidString)
        try await late.save(first)
        try await database.endAllLeases()
        let taken = try await claim(row, in: other)
        let second = try JobRecord.intent(reference: row.uuidString)
        for isReleased in [false, true] {
            if isReleased { await taken.release() }
            let error = try await storeError { try await late.save(second) }
            XCTAssertEqual(error.code, .jobInUse)
            try await assertNil(await other.record(second.id))
        }
        // The job of an intent that was saved in time is recorded, because it is paid for.
        try await late.save(try .accepted("1", id: first.id, reference: row.uuidString))
        await lost.release()
        try await late.save(second)
    }

    func testExpiredClaimThatNoWorkerTookOverStillSaves() async throws {
        let store = try await database.makeStore()
        let intent = try JobRecord.intent()
        let claim = try await claim(intent.id, in: store)
        try await database.endAllLeases()
        try await store.save(intent)
        let record = try await store.record(intent.id)
        XCTAssertEqual(record, intent)
        await claim.release()
    }

    func testWorkerWithoutClaimDoesNotChangeAClaimedRecord() async throws {
        let (store, other) = (try await database.makeStore(), try await database.makeStore())
        let intent = try JobRecord.intent()
        let claim = try await claim(intent.id, in: store)
        try await store.save(intent)
        let error = try await storeError { try await other.save(try .accepted("1", id: intent.id)) }
        XCTAssertEqual(error.code, .jobInUse)
        let record = try await store.record(intent.id)
        XCTAssertEqual(record, intent)
        await claim.release()
    }

    func testConcurrentWorkersClaimOtherRows() async throws {
        let database = try database
        let stores = [try await database.makeStore(), try await database.makeStore()]
        try await database.run("CREATE TABLE orders (id TEXT PRIMARY KEY)")
        let ids = Set((0..<12).map { _ in UUID() })
        for id in ids { try await database.run("INSERT INTO orders VALUES ($1)", [id.uuidString]) }
        let unclaimed = """
            SELECT id FROM orders WHERE NOT EXISTS (SELECT 1 FROM job_claims WHERE job_claims.id = orders.id) ORDER BY id LIMIT 2
            """
        let claimed = try await withThrowingTaskGroup(of: [(id: UUID, claim: any JobClaim)].self) { group in
            for number in 0..<12 { group.addTask { try await stores[number % 2].claimRows(of: unclaimed) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        XCTAssertEqual(Set(claimed.map(\.id)).count, claimed.count)
        XCTAssertTrue(ids.isSuperset(of: claimed.map(\.id)))
        for (id, claim) in claimed {
            for store in stores { try await assertNil(await store.claim(id)) }
            await claim.release()
            await (try StudioStoreTests.claim(id, in: stores[0])).release()
        }
    }

    func testSaveOfACanceledTaskIsStored() async throws {
        let store = try await database.makeStore()
        let record = try JobRecord.accepted("1")
        try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.save(record)
        }.value
        let found = try await store.record(record.id)
        XCTAssertEqual(found, record)
    }

    // MARK: Processes

    func testClaimEndsWithItsProcess() async throws {
        let store = try await database.makeStore()
        let id = UUID()
        let holder = try ClaimHolder(of: id, in: database, lease: 2)
        // The heartbeat keeps the claim for longer than its lease.
        let isHeldUntil = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < isHeldUntil {
            try await assertNil(await store.claim(id))
            try await Task.sleep(for: .milliseconds(200))
        }
        holder.kill()
        let taken = try await eventualClaim(id, in: store)
        await taken.release()
    }
}
