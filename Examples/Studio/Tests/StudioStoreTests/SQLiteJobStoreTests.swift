import Foundation
import GRDB
import HeadshotKit
import HeadshotKitTesting
import StudioStores
import XCTest

final class SQLiteJobStoreTests: XCTestCase {
    private var directory = FileManager.default.temporaryDirectory
    private var file: URL { directory.appendingPathComponent("jobs.sqlite") }

    override func setUpWithError() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: directory) }

    // MARK: Requirements

    func testStoresOnOneFileMeetTheRequirements() async throws {
        try await JobStoreChecks { [file] in try await SQLiteJobStore(file: file) }.run()
    }

    func testOneStoreMeetsTheRequirements() async throws {
        let (store, other) = (try await SQLiteJobStore(file: file), try await SQLiteJobStore(file: file))
        let isOdd = LockedFlag()
        try await JobStoreChecks { isOdd.toggle() ? store : other }.run()
    }

    // MARK: Rows

    func testRowIsReadableSQL() async throws {
        let store = try await SQLiteJobStore(file: file)
        let record = try JobRecord.accepted("proj/1 ü", reference: "order 4711")
        try await store.save(record)
        let row = try XCTUnwrap(try rows("SELECT * FROM jobs").first)
        XCTAssertEqual(row["id"], record.id.uuidString)
        XCTAssertEqual(row["service"], "magic-hour")
        XCTAssertEqual(row["operation"], "ai-headshot-generator")
        XCTAssertEqual(row["state"], "accepted")
        XCTAssertEqual(row["job_id"], "proj/1 ü")
        XCTAssertEqual(row["reference"], "order 4711")
        XCTAssertEqual(row["created_at"], "2026-01-02T03:04:05.000Z")
        let prompts = try rows("SELECT json_extract(record, '$.request.prompt') AS prompt FROM jobs")
        XCTAssertEqual(prompts.first?["prompt"], "a headshot")
    }

    func testOnlyTheOwnerCanReadTheFiles() async throws {
        let store = try await SQLiteJobStore(file: file)
        try await store.save(try .accepted("1"))
        for name in ["jobs.sqlite", "jobs.sqlite-wal"] {
            let path = directory.appendingPathComponent(name).path
            let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            XCTAssertEqual(permissions, 0o600, name)
        }
    }

    func testCommitIsSyncedToDisk() async throws {
        let database = try await SQLiteDatabase(file: file)
        // 2 is FULL. The default of GRDB, 1, may lose the last transactions if the machine crashes.
        let synchronous = try await database.transaction { try $0.run("PRAGMA synchronous", []) }
        XCTAssertEqual(synchronous, [["2"]])
        let journal = try await database.transaction { try $0.run("PRAGMA journal_mode", []) }
        XCTAssertEqual(journal, [["wal"]])
    }

    func testUnreadableRowDoesNotHideOthersOrShortenPages() async throws {
        let store = try await SQLiteJobStore(file: file)
        var ids: [String] = []
        for number in 1...4 {
            let record = try JobRecord.accepted("\(number)")
            ids.append(record.id.uuidString)
            try await store.save(record)
        }
        ids.sort()
        try execute("UPDATE jobs SET record = 'damaged' WHERE id = ?", [ids[0]])
        // SQLite allows a value of any type in any column.
        try execute("UPDATE jobs SET record = x'ff00', job_id = 7 WHERE id = ?", [ids[1]])
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
        try await SQLiteJobStore(file: file).save(record)
        let found = try await SQLiteJobStore(file: file).record(record.id)
        XCTAssertEqual(found, record)
        XCTAssertEqual(try rows("SELECT version FROM job_migrations").map { $0["version"] }, [1])
    }

    func testTablesOfANewerVersionAreRejected() async throws {
        _ = try await SQLiteJobStore(file: file)
        try execute("INSERT INTO job_migrations (version) VALUES (1000)")
        let error = try await storeError { [file] in _ = try await SQLiteJobStore(file: file) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertTrue(error.message.contains("newer version"), error.message)
    }

    func testFileThatCannotBeOpenedIsReported() async throws {
        let missing = directory.appendingPathComponent("missing/jobs.sqlite")
        let error = try await storeError { _ = try await SQLiteJobStore(file: missing) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertTrue(error.message.contains(missing.path), error.message)
        try Data("this is no database, but a text".utf8).write(to: file)
        let foreign = try await storeError { [file] in _ = try await SQLiteJobStore(file: file) }
        XCTAssertTrue(foreign.message.contains("not a database"), foreign.message)
    }

    // MARK: Claims

    func testHeartbeatRenewsClaims() async throws {
        let clock = ManualClock()
        let store = try await SQLiteJobStore(file: file, lease: .seconds(40), clock: clock)
        let claims = try await [claim(UUID(), in: store), claim(UUID(), in: store)]
        await clock.waitForSleepers(1)
        XCTAssertEqual(clock.sleeps, [.seconds(10)])
        try execute("UPDATE job_claims SET expires_at = 0")
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers(1)
        let remaining = try rows(
            "SELECT expires_at - (julianday('now') - 2440587.5) * 86400.0 AS seconds FROM job_claims"
        ).map { $0["seconds"] as Double? ?? 0 }
        XCTAssertEqual(remaining.count, 2)
        for seconds in remaining { XCTAssertEqual(seconds, 40, accuracy: 20) }
        for claim in claims { await claim.release() }
        XCTAssertEqual(try rows("SELECT id FROM job_claims").count, 0)
    }

    func testExpiredClaimIsTakenOver() async throws {
        let (store, other) = (try await SQLiteJobStore(file: file), try await SQLiteJobStore(file: file))
        let id = UUID()
        let lost = try await claim(id, in: store)
        try await assertNil(await other.claim(id))
        try execute("UPDATE job_claims SET expires_at = 0")
        let taken = try await claim(id, in: other)
        try await assertNil(await store.claim(id))
        await lost.release()
        try await assertNil(await store.claim(id))
        await taken.release()
        await (try claim(id, in: store)).release()
    }

    func testLateSaveAndRemovalChangeNothing() async throws {
        let (late, other) = (try await SQLiteJobStore(file: file), try await SQLiteJobStore(file: file))
        let intent = try JobRecord.intent()
        let lost = try await claim(intent.id, in: late)
        try await late.save(intent)
        try execute("UPDATE job_claims SET expires_at = 0")
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

    func testExpiredClaimThatNoWorkerTookOverStillSaves() async throws {
        let store = try await SQLiteJobStore(file: file)
        let intent = try JobRecord.intent()
        let claim = try await claim(intent.id, in: store)
        try execute("UPDATE job_claims SET expires_at = 0")
        try await store.save(intent)
        let record = try await store.record(intent.id)
        XCTAssertEqual(record, intent)
        await claim.release()
    }

    func testWorkerWithoutClaimDoesNotChangeAClaimedRecord() async throws {
        let (store, other) = (try await SQLiteJobStore(file: file), try await SQLiteJobStore(file: file))
        let intent = try JobRecord.intent()
        let claim = try await claim(intent.id, in: store)
        try await store.save(intent)
        let error = try await storeError { try await other.save(try .accepted("1", id: intent.id)) }
        XCTAssertEqual(error.code, .jobInUse)
        let record = try await store.record(intent.id)
        XCTAssertEqual(record, intent)
        await claim.release()
    }

    func testSaveOfACanceledTaskIsStored() async throws {
        let store = try await SQLiteJobStore(file: file)
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
        let store = try await SQLiteJobStore(file: file)
        let id = UUID()
        let process = Process()
        process.executableURL = Self.products.appendingPathComponent("claim-holder")
        process.arguments = [file.path, id.uuidString, "2"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        XCTAssertEqual(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self), "claimed\n")
        // The heartbeat keeps the claim for longer than its lease.
        let isHeldUntil = ContinuousClock.now + .seconds(3)
        while ContinuousClock.now < isHeldUntil {
            try await assertNil(await store.claim(id))
            try await Task.sleep(for: .milliseconds(200))
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let killed = ContinuousClock.now
        var taken: (any JobClaim)?
        while taken == nil, killed.duration(to: .now) < .seconds(10) {
            taken = try await store.claim(id)
            try await Task.sleep(for: .milliseconds(50))
        }
        XCTAssertNotNil(taken)
        XCTAssertLessThan(killed.duration(to: .now), .seconds(5))
        await taken?.release()
    }

    // MARK: Support

    /// The directory of the built products.
    private static var products: URL {
        let bundle = Bundle(for: SQLiteJobStoreTests.self).bundleURL
        return bundle.pathExtension == "xctest" ? bundle.deletingLastPathComponent() : bundle
    }

    private func rows(_ sql: String) throws -> [Row] {
        try DatabaseQueue(path: file.path).read { try Row.fetchAll($0, sql: sql) }
    }

    private func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try DatabaseQueue(path: file.path).write { try $0.execute(sql: sql, arguments: arguments) }
    }
}
