import Foundation
import HeadshotKit
import StudioStores
import XCTest

/// A database that exists for one test.
protocol TestDatabase: Sendable {
    /// The argument of `claim-holder`.
    var location: String { get }
    /// An SQL expression for the prompt of the column `record`.
    var prompt: String { get }

    /// Opens the database, like another process does.
    func open() async throws -> any JobDatabase

    func remove() async throws
}

/// A store with the members that the tests of every database use.
protocol StoreUnderTest: ClaimingStore {
    func unreadableRecords() async throws -> [String]
}

extension SQLJobStore: StoreUnderTest {}

extension TestDatabase {
    /// Opens a store, like another process does.
    func makeStore(
        lease: Duration = .seconds(30),
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws -> any StoreUnderTest {
        func makeStore(_ database: some JobDatabase) async throws -> any StoreUnderTest {
            try await SQLJobStore(database: database, lease: lease, clock: clock)
        }
        return try await makeStore(try await open())
    }

    @discardableResult
    func run(_ sql: String, _ parameters: [String?] = []) async throws -> [SQLRow] {
        try await open().transaction { try $0.run(sql, parameters) }
    }

    func endAllLeases() async throws { try await run("UPDATE job_claims SET expires_at = 0") }
}

/// A temporary directory with an SQLite file.
struct TemporarySQLiteFile: TestDatabase {
    let directory: URL
    var file: URL { directory.appendingPathComponent("jobs.sqlite") }
    var location: String { file.path }
    var prompt: String { "record -> 'request' ->> 'prompt'" }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("studio-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func open() async throws -> any JobDatabase { try await SQLiteDatabase(file: file) }

    func remove() async throws {
        // A database that closes removes its write-ahead log, also in the middle of this removal.
        while FileManager.default.fileExists(atPath: directory.path) {
            do { try FileManager.default.removeItem(at: directory) } catch CocoaError.fileNoSuchFile { continue }
        }
    }
}

#if Postgres
/// A schema in the database of the server that `scripts/test` starts.
struct TemporaryPostgresSchema: TestDatabase {
    let server: String
    let name: String
    var location: String { "\(server)?options=-csearch_path%3D\(name)" }
    var prompt: String { "CAST(record AS JSON) #>> '{request,prompt}'" }

    init() async throws {
        guard let server = ProcessInfo.processInfo.environment["STUDIO_TEST_POSTGRES"] else {
            throw XCTSkip("Run Examples/Studio/scripts/test, which starts a PostgreSQL server.")
        }
        self.server = server
        name = "test_\(UUID().uuidString.lowercased().replacing("-", with: "_"))"
        _ = try await PostgresDatabase(server).query("CREATE SCHEMA \(name)", [])
    }

    func open() async throws -> any JobDatabase { try await PostgresDatabase(location) }

    func remove() async throws {
        _ = try await PostgresDatabase(server).query("DROP SCHEMA \(name) CASCADE", [])
    }
}
#endif
