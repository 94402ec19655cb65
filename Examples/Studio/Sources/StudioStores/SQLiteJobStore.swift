public import Foundation
import GRDB
import HeadshotKit

/// A job store in an SQLite file, which several processes of one machine may share.
public typealias SQLiteJobStore = SQLJobStore<SQLiteDatabase>

extension SQLJobStore where Database == SQLiteDatabase {
    /// Opens a store in a file. The file is created if it does not exist, and only its owner can read it.
    ///
    /// - Parameters:
    ///   - file: The file, on a local disk. Its directory must exist.
    ///   - lease: The time after which a claim ends if its process does not renew it. Defaults to 30 s.
    ///   - clock: The clock of the heartbeat.
    /// - Throws: `HeadshotKitError` with the code `jobStore`.
    public init(
        file: URL,
        lease: Duration = .seconds(30),
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws {
        let database: SQLiteDatabase
        do { database = try await SQLiteDatabase(file: file) } catch {
            throw HeadshotKitError(
                .jobStore,
                "The job store \(file.path) cannot be opened: \(error).",
                advice: "Choose a file in an existing directory on a local disk.",
                underlyingError: error
            )
        }
        try await self.init(database: database, lease: lease, clock: clock)
    }
}

/// An SQLite file with a write-ahead log, over GRDB.
public struct SQLiteDatabase: JobDatabase {
    /// The path of the file.
    public let name: String
    private let pool: DatabasePool

    /// SQLite compares text by its bytes.
    public static var textType: String { "TEXT" }
    /// The system's clock.
    public static var currentTime: String { "((julianday('now') - 2440587.5) * 86400.0)" }
    /// `nil`, because SQLite runs only one writing transaction at a time.
    public static var migrationLock: String? { nil }
    /// Empty, because SQLite runs only one writing transaction at a time.
    public static var skipLocked: String { "" }

    /// The time for which a write waits for the write of another process.
    private static let busyTimeout: TimeInterval = 20

    /// Opens a file, or creates it.
    ///
    /// - Throws: ``SQLError``.
    public init(file: URL) async throws {
        name = file.path
        pool = try await Self.onQueue {
            // SQLite gives its other files the same permissions.
            let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw SQLError(String(cString: strerror(errno))) }
            close(descriptor)
            var configuration = Configuration()
            configuration.busyMode = .timeout(Self.busyTimeout)
            let pool = try DatabasePool(path: file.path, configuration: configuration)
            // GRDB's default may lose the last transactions in a crash of the machine.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            return pool
        }
    }

    /// Runs statements in one transaction, which is the only one that writes.
    public func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.asyncWrite {
                try body(Connection(database: $0))
            } completion: { _, result in
                continuation.resume(with: result.mapError(Self.sqlError))
            }
        }
    }

    /// Runs one query. A query that only reads does not wait for a write.
    public func query(_ sql: String, _ parameters: [String?]) async throws -> [SQLRow] {
        guard sql.hasPrefix("SELECT") else { return try await transaction { try $0.run(sql, parameters) } }
        return try await withCheckedThrowingContinuation { continuation in
            pool.asyncRead { result in
                continuation.resume(
                    with: Result { try Connection(database: result.get()).run(sql, parameters) }.mapError(Self.sqlError)
                )
            }
        }
    }

    private struct Connection: SQLConnection {
        let database: GRDB.Database

        func run(_ sql: String, _ parameters: [String?]) throws -> [SQLRow] {
            let statement = try database.makeStatement(sql: sql.replacing("$", with: "?"))
            statement.arguments = StatementArguments(parameters)
            return try Row.fetchAll(statement).map { row in row.databaseValues.map(text) }
        }

        /// Returns a value as text. SQLite allows a value of any type in any column, which would trap in a typed access.
        private func text(_ value: DatabaseValue) -> String? {
            switch value.storage {
            case .null: nil
            case .int64(let number): "\(number)"
            case .double(let number): "\(number)"
            case .string(let text): text
            case .blob(let data): String(decoding: data, as: UTF8.self)
            }
        }
    }

    private static let queue = DispatchQueue(label: "studio.sqlite.open", attributes: .concurrent)

    private static func onQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }.mapError(sqlError)) }
        }
    }

    /// Returns the error without its statement and its parameters.
    private static func sqlError(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let code = "\(error.extendedResultCode.rawValue)"
        return SQLError("\(error.message ?? "unknown error") (\(code))", code: code)
    }
}
