#if Postgres
import HeadshotKit

/// A job store in a PostgreSQL database, which processes on several machines may share.
public typealias PostgresJobStore = SQLJobStore<PostgresDatabase>

extension SQLJobStore where Database == PostgresDatabase {
    /// Opens a store in a database.
    ///
    /// - Parameters:
    ///   - url: The URL, such as `postgresql://user:password@host:5432/database`. It may contain parameters of libpq, such as
    ///     `?sslmode=verify-full`.
    ///   - lease: The time after which a claim ends if its process does not renew it. Defaults to 30 s.
    ///   - clock: The clock of the heartbeat.
    /// - Throws: `HeadshotKitError` with the code `jobStore`.
    public init(
        url: String,
        lease: Duration = .seconds(30),
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws {
        let database: PostgresDatabase
        do { database = try await PostgresDatabase(url, timeout: lease / 3) } catch {
            throw HeadshotKitError(
                .jobStore,
                "The PostgreSQL database cannot be opened: \(error).",
                advice: "Check the URL of the database, the user, and whether the server is running.",
                underlyingError: error
            )
        }
        try await self.init(database: database, lease: lease, clock: clock)
    }
}
#endif
