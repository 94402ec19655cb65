import Foundation
import HeadshotKit
import StudioStores
import XCTest

/// What is particular to SQLite. ``SQLJobStoreTests`` also run on it.
final class SQLiteJobStoreTests: XCTestCase {
    private var testFile: TemporarySQLiteFile?
    private var database: TemporarySQLiteFile {
        get throws { try XCTUnwrap(testFile) }
    }

    override func setUp() async throws { testFile = try TemporarySQLiteFile() }

    override func tearDown() async throws { try await testFile?.remove() }

    func testOnlyTheOwnerCanReadTheFiles() async throws {
        let store = try await SQLiteJobStore(file: database.file)
        try await store.save(try .accepted("1"))
        for name in ["jobs.sqlite", "jobs.sqlite-wal"] {
            let path = try database.directory.appendingPathComponent(name).path
            let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            XCTAssertEqual(permissions, 0o600, name)
        }
    }

    func testCommitIsSyncedToDisk() async throws {
        // 2 is FULL. The default of GRDB, 1, may lose the last transactions if the machine crashes.
        let synchronous = try await database.run("PRAGMA synchronous")
        XCTAssertEqual(synchronous, [["2"]])
        let journal = try await database.run("PRAGMA journal_mode")
        XCTAssertEqual(journal, [["wal"]])
    }

    func testValueOfAnotherTypeIsAnUnreadableRow() async throws {
        let store = try await SQLiteJobStore(file: database.file)
        let record = try JobRecord.accepted("1")
        try await store.save(record)
        // SQLite allows a value of any type in any column.
        try await database.run("UPDATE jobs SET record = x'ff00', job_id = 7")
        let unreadable = try await store.unreadableRecords()
        XCTAssertEqual(unreadable, [record.id.uuidString])
    }

    func testFileThatCannotBeOpenedIsReported() async throws {
        let file = try database.file
        let missing = try database.directory.appendingPathComponent("missing/jobs.sqlite")
        let error = try await storeError { _ = try await SQLiteJobStore(file: missing) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertTrue(error.message.contains(missing.path), error.message)
        try Data("this is no database, but a text".utf8).write(to: file)
        let foreign = try await storeError { _ = try await SQLiteJobStore(file: file) }
        XCTAssertTrue(foreign.message.contains("not a database"), foreign.message)
    }
}
