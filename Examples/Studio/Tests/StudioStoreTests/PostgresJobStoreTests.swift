#if Postgres
import Foundation
import HeadshotKit
import StudioStores
import XCTest

/// The store on PostgreSQL: the tests of every database, and the failures of servers and networks.
final class PostgresJobStoreTests: SQLJobStoreTests {
    private var schema: TemporaryPostgresSchema {
        get throws { try XCTUnwrap(try database as? TemporaryPostgresSchema) }
    }

    override func makeDatabase() async throws -> any TestDatabase { try await TemporaryPostgresSchema() }

    // MARK: Server

    func testRestartOfTheServerLosesNoSave() async throws {
        let store = try await database.makeStore()
        let records = try (0..<40).map { try JobRecord.accepted("\($0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try Self.restartServer() }
            for record in records { group.addTask { try await store.save(record) } }
            try await group.waitForAll()
        }
        // The idle connections are closed now.
        try Self.restartServer()
        let saved = try await store.records(after: nil, limit: 1_000)
        XCTAssertEqual(Set(saved.map(\.id)), Set(records.map(\.id)))
    }

    func testTerminatedConnectionsNeitherLoseNorRepeatAChange() async throws {
        let database = try await database.open()
        try await createCounter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { try await Self.count(in: database) } }
            for _ in 0..<20 { try await terminateConnections() }
            try await group.waitForAll()
        }
        try await assertCount(100)
    }

    func testLostResponseToACommitIsNotRepeated() async throws {
        let proxy = try FaultyConnection(to: schema.location)
        let database = try await PostgresDatabase(proxy.url)
        try await createCounter()
        for _ in 0..<3 {
            try proxy.run("lose COMMIT")
            try await Self.count(in: database)
        }
        try await assertCount(3)
    }

    func testCommitThatDidNotArriveIsRepeated() async throws {
        let proxy = try FaultyConnection(to: schema.location)
        let database = try await PostgresDatabase(proxy.url)
        try await createCounter()
        for _ in 0..<3 {
            try proxy.run("drop COMMIT")
            try await Self.count(in: database)
        }
        try await assertCount(3)
    }

    func testLostResponseToAClaimIsStillAClaim() async throws {
        let proxy = try FaultyConnection(to: schema.location)
        let store = try await PostgresJobStore(url: proxy.url)
        let other = try await database.makeStore()
        let id = UUID()
        try proxy.run("lose COMMIT")
        let first = try await claim(id, in: store)
        try await assertNil(await other.claim(id))
        await first.release()
        await (try claim(id, in: other)).release()
    }

    // MARK: Cut off

    func testStoreThatIsCutOffForLongerThanItsLeaseWritesNothing() async throws {
        let proxy = try FaultyConnection(to: schema.location)
        let late = try await PostgresJobStore(url: proxy.url)
        let other = try await database.makeStore()
        let intent = try JobRecord.intent()
        let lost = try await claim(intent.id, in: late)
        try await late.save(intent)
        try proxy.run("cut")
        async let lateError = storeError { try await late.save(intent) }
        try await database.endAllLeases()
        let taken = try await claim(intent.id, in: other)
        let accepted = try JobRecord.accepted("1", id: intent.id)
        try await other.save(accepted)
        try proxy.run("join")
        let code = try await lateError.code
        XCTAssertEqual(code, .jobInUse)
        let removal = try await storeError { try await late.remove(intent.id) }
        XCTAssertEqual(removal.code, .jobInUse)
        let record = try await other.record(intent.id)
        XCTAssertEqual(record, accepted)
        await lost.release()
        try await assertNil(await late.claim(intent.id))
        await taken.release()
    }

    func testStoreThatIsCutOffReportsIt() async throws {
        let proxy = try FaultyConnection(to: schema.location)
        let store = try await PostgresJobStore(url: proxy.url + "&connect_timeout=2", lease: .seconds(3))
        try proxy.run("cut")
        let error = try await storeError { try await store.save(try .accepted("1")) }
        XCTAssertEqual(error.code, .jobStore)
        try proxy.run("join")
        // The rejected record may be saved again.
        try await store.save(try .accepted("2"))
    }

    func testTransactionOfAStoppedProcessDoesNotKeepItsLocks() async throws {
        let stopped = try await PostgresDatabase(schema.location, timeout: .seconds(1))
        let other = try await database.open()
        try await createCounter()
        let (locked, lock) = AsyncStream.makeStream(of: Void.self)
        let isFirstRun = LockedFlag()
        async let late: Void = stopped.transaction { connection in
            try connection.run("UPDATE counters SET value = value + 1", [])
            guard isFirstRun.toggle() else { return }
            lock.finish()
            // This is longer than the timeout, at which the server rolls the transaction back.
            Thread.sleep(forTimeInterval: 2)
        }
        for await _ in locked {}
        try await Self.count(in: other)
        try await late
        try await assertCount(2)
    }

    // MARK: Statements

    func testStatementEndsWithTheTimeout() async throws {
        let database = try await PostgresDatabase(schema.location, timeout: .seconds(1))
        let error = try await sqlError { _ = try await database.query("SELECT pg_sleep(600)", []) }
        XCTAssertEqual(error.code, "57014")
        XCTAssertEqual(error.description, "canceling statement due to statement timeout (SQLSTATE 57014)")
    }

    func testErrorContainsNoValue() async throws {
        let database = try await database.open()
        try await createCounter()
        let unreadable = try await sqlError { _ = try await database.query("SELECT CAST($1 AS INTEGER)", ["secret"]) }
        XCTAssertEqual(unreadable.description, "invalid input syntax for type integer (SQLSTATE 22P02)")
        let duplicate = try await sqlError { _ = try await database.query("INSERT INTO counters VALUES (1, 5)", []) }
        XCTAssertEqual(
            duplicate.description,
            "duplicate key value violates unique constraint \"counters_pkey\" (SQLSTATE 23505)"
        )
    }

    func testIgnoredErrorOfAStatementFailsTheTransaction() async throws {
        let database = try await database.open()
        try await createCounter()
        let error = try await sqlError {
            try await database.transaction { connection in
                try connection.run("UPDATE counters SET value = 7", [])
                do { try connection.run("SELECT missing", []) } catch { return }
            }
        }
        XCTAssertTrue(error.description.contains("transaction failed"), error.description)
        try await assertCount(0)
    }

    func testTextThatPostgresCannotStoreIsRejected() async throws {
        let store = try await database.makeStore()
        let error = try await storeError { try await store.save(try .intent(reference: "a\\u0000b")) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertTrue(error.message.contains("U+0000"), error.message)
        // The connection is still usable.
        try await store.save(try .intent(reference: "a b"))
    }

    func testConcurrentCallsShareTheConnections() async throws {
        let location = try schema.location + "&application_name=\(schema.name)"
        let database = try await PostgresDatabase(location, maximumConnections: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { _ = try await database.query("SELECT pg_sleep(0.01)", []) } }
            try await group.waitForAll()
        }
        let count = try await database.query(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1",
            [try schema.name]
        )
        XCTAssertLessThanOrEqual(Int(count[0][0] ?? "") ?? .max, 3)
    }

    func testSkipLockedReturnsOtherRows() async throws {
        let (database, other) = (
            try await PostgresDatabase(schema.location), try await PostgresDatabase(schema.location)
        )
        _ = try await database.query("CREATE TABLE work (id INTEGER PRIMARY KEY)", [])
        _ = try await database.query("INSERT INTO work VALUES (1), (2)", [])
        let next = "SELECT id FROM work ORDER BY id LIMIT 1 \(PostgresDatabase.skipLocked)"
        let (isTaken, taken) = AsyncStream.makeStream(of: Void.self)
        let mayEnd = DispatchSemaphore(value: 0)
        async let first = database.transaction { connection in
            let rows = try connection.run(next, [])
            taken.finish()
            mayEnd.wait()
            return rows
        }
        for await _ in isTaken {}
        let second = try await other.transaction { try $0.run(next, []) }
        mayEnd.signal()
        let rows = try await [first, second]
        XCTAssertEqual(rows, [[["1"]], [["2"]]])
    }

    // MARK: URL

    func testInvalidURLIsReportedWithoutItsPassword() async throws {
        for (url, reason) in [
            ("http://studio:secret@host/studio", "does not begin with postgresql://"),
            ("", "does not begin with postgresql://"),
            ("postgresql://studio:secret%zz@host/studio", "invalid percent-encoded token"),
            ("postgresql://studio:secret@host/studio?hostt=secret", "invalid URI query parameter"),
            ("postgresql://studio:secret@[::1/studio", "IPv6"),
            ("postgresql://studio:secret@127.0.0.1:99999/studio", "invalid port number"),
            ("postgresql://studio:secret@127.0.0.1:1/studio", "Connection refused"),
            ("postgresql://studio:secret@127.0.0.1:1/studio?sslmode=maybe", "invalid sslmode value"),
        ] {
            let error = try await storeError { _ = try await PostgresJobStore(url: url) }
            XCTAssertEqual(error.code, .jobStore)
            XCTAssertTrue(error.message.contains(reason), error.message)
            XCTAssertFalse("\(error) \(String(reflecting: error))".contains("secret"), "\(error)")
        }
    }

    func testMissingDatabaseIsReported() async throws {
        let url = try schema.server.replacing("/postgres", with: "/missing")
        let error = try await storeError { _ = try await PostgresJobStore(url: url) }
        XCTAssertTrue(error.message.contains("database \"missing\" does not exist"), error.message)
    }

    // MARK: Support

    private static func restartServer() throws {
        let control = try XCTUnwrap(ProcessInfo.processInfo.environment["STUDIO_TEST_POSTGRES_CONTROL"])
        // The server inherits the descriptor by which `Process` detects the end of its child.
        XCTAssertEqual(system("'\(control)' restart -m immediate"), 0)
    }

    /// Terminates all other connections to the server.
    private func terminateConnections() async throws {
        try await database.run(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'
            """
        )
    }

    private func createCounter() async throws {
        try await database.run("CREATE TABLE counters (id INTEGER PRIMARY KEY, value INTEGER NOT NULL)")
        try await database.run("INSERT INTO counters VALUES (1, 0)")
    }

    private static func count(in database: any JobDatabase) async throws {
        _ = try await database.query("UPDATE counters SET value = value + 1", [])
    }

    private func assertCount(_ count: Int, file: StaticString = #filePath, line: UInt = #line) async throws {
        let values = try await database.run("SELECT value FROM counters")
        XCTAssertEqual(values, [["\(count)"]], file: file, line: line)
    }

    private func sqlError(_ body: () async throws -> Void) async throws -> SQLError {
        do { try await body() } catch let error as SQLError { return error }
        XCTFail("Expected an error.")
        throw XCTSkip("The failure is reported above.")
    }
}
#endif
