#if Postgres
import Foundation

/// A PostgreSQL database of version 13 or later, over libpq.
///
/// A transaction whose connection is lost runs again on a new connection. If the connection is lost during the commit, the table
/// `job_commits` contains the outcome, so that no change is lost or made twice.
public struct PostgresDatabase: JobDatabase {
    /// The name of the database and its host.
    public var name: String { pool.settings.name }
    private let pool: PostgresPool

    /// A column that is compared by its bytes, and not by the rules of a language.
    public static var textType: String { "TEXT COLLATE \"C\"" }
    /// The server's clock, and not the time at which the transaction began.
    public static var currentTime: String { "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)" }
    /// A lock that ends with the transaction. Its number is chosen at random.
    public static var migrationLock: String? { "SELECT pg_advisory_xact_lock(6051943372859236)" }
    /// Other processes neither wait for the rows nor get them.
    public static var skipLocked: String { "FOR UPDATE SKIP LOCKED" }

    /// Opens connections to a database.
    ///
    /// - Parameters:
    ///   - url: The URL, such as `postgresql://user:password@host:5432/database`.
    ///   - maximumConnections: The maximum number of connections, at least 1. Defaults to 8.
    ///   - timeout: The time after which a statement fails, between 1 s and one hour. A lost connection is reopened within the
    ///     same time. The timeout must be less than the lease of the store. Defaults to 10 s.
    /// - Throws: ``SQLError``.
    public init(_ url: String, maximumConnections: Int = 8, timeout: Duration = .seconds(10)) async throws {
        pool = PostgresPool(
            try PostgresSettings(url),
            maximumConnections: max(1, maximumConnections),
            timeout: min(max(timeout, .seconds(1)), .seconds(3600))
        )
        try await pool.open()
    }

    /// Runs statements in one transaction. The body runs again if the connection is lost or the transaction conflicts with another one.
    public func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await pool.run { pool, connection in
            let token = try connection.begin()
            let value: Value
            do { value = try body(connection) } catch {
                if !connection.isLost { connection.rollBack() }
                throw error
            }
            do { try connection.commit(token) } catch {
                guard connection.isLost else {
                    connection.rollBack()
                    throw error
                }
                guard try pool.isCommitted(token) else { throw error }
            }
            return value
        }
    }

    /// Runs one query. A query that only reads needs no transaction.
    public func query(_ sql: String, _ parameters: [String?]) async throws -> [SQLRow] {
        guard sql.hasPrefix("SELECT") else { return try await transaction { try $0.run(sql, parameters) } }
        return try await pool.run { try $1.run(sql, parameters) }
    }
}
#endif
