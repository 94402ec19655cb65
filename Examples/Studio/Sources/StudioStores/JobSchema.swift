/// The tables of an ``SQLJobStore``, which are created and changed by migrations.
enum JobSchema<Database: JobDatabase> {
    /// The statements of each migration. A migration that was released is never changed.
    private static var migrations: [[String]] {
        [
            [
                """
                CREATE TABLE jobs (
                    id \(Database.textType) PRIMARY KEY,
                    service TEXT NOT NULL,
                    operation TEXT NOT NULL,
                    state TEXT NOT NULL,
                    job_id TEXT,
                    reference TEXT,
                    created_at TEXT NOT NULL,
                    record TEXT NOT NULL
                )
                """,
                "CREATE INDEX jobs_by_job_id ON jobs (service, job_id)",
                "CREATE INDEX jobs_by_reference ON jobs (service, reference)",
                """
                CREATE TABLE job_claims (
                    id \(Database.textType) PRIMARY KEY,
                    token TEXT NOT NULL UNIQUE,
                    holder TEXT NOT NULL,
                    expires_at DOUBLE PRECISION NOT NULL
                )
                """,
            ]
        ]
    }

    /// Applies the migrations that the database lacks, and removes claims that ended a day ago.
    static func migrate(_ database: Database) async throws {
        try await database.migrate(migrations, recordedIn: "job_migrations")
        _ = try await database.query(
            "DELETE FROM job_claims WHERE expires_at < \(Database.currentTime) - 86400",
            []
        )
    }
}

extension JobDatabase {
    /// Applies the migrations that the database lacks, in one transaction.
    ///
    /// - Parameters:
    ///   - migrations: The statements of each migration. A migration that was released is never changed.
    ///   - table: The name of the table that contains the versions of the applied migrations. It is created if it does not exist.
    /// - Throws: ``SQLError``.
    public func migrate(_ migrations: [[String]], recordedIn table: String) async throws {
        try await transaction { connection in
            if let lock = Self.migrationLock { try connection.run(lock) }
            try connection.run("CREATE TABLE IF NOT EXISTS \(table) (version INTEGER PRIMARY KEY)")
            let last = try connection.run("SELECT CAST(MAX(version) AS TEXT) FROM \(table)").first?.first ?? nil
            let version = last.flatMap { Int($0) } ?? 0
            guard version <= migrations.count else {
                throw SQLError(
                    "a newer version of the studio created its tables (\(version), and this version knows \(migrations.count))"
                )
            }
            for (index, statements) in migrations.enumerated().dropFirst(version) {
                for statement in statements { try connection.run(statement) }
                try connection.run("INSERT INTO \(table) (version) VALUES (\(index + 1))")
            }
        }
    }
}
