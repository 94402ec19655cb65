import StudioStores

/// The tables of a studio, beside those of its job store.
enum StudioSchema {
    /// The statements of each migration. A migration that was released is never changed.
    private static func migrations(_ text: String) -> [[String]] {
        [
            [
                "CREATE TABLE callers (name \(text) PRIMARY KEY, spent BIGINT NOT NULL, reserved BIGINT NOT NULL)",
                // A charge without spent credits is still reserved.
                """
                CREATE TABLE charges (
                    id \(text) PRIMARY KEY,
                    caller \(text) NOT NULL,
                    what TEXT NOT NULL,
                    reserved BIGINT NOT NULL,
                    spent BIGINT
                )
                """,
                """
                CREATE TABLE batches (
                    id \(text) PRIMARY KEY,
                    caller \(text) NOT NULL,
                    idempotency_key TEXT,
                    UNIQUE (caller, idempotency_key)
                )
                """,
                """
                CREATE TABLE headshots (
                    id \(text) PRIMARY KEY,
                    batch \(text) NOT NULL,
                    caller \(text) NOT NULL,
                    position BIGINT NOT NULL,
                    name TEXT NOT NULL,
                    style TEXT,
                    prompt TEXT,
                    photo TEXT NOT NULL,
                    file TEXT,
                    state TEXT NOT NULL,
                    fraction DOUBLE PRECISION NOT NULL,
                    credits BIGINT NOT NULL,
                    error_code TEXT,
                    error_message TEXT,
                    attempts BIGINT NOT NULL,
                    next_attempt_at DOUBLE PRECISION NOT NULL,
                    created_at DOUBLE PRECISION NOT NULL,
                    revision BIGINT NOT NULL
                )
                """,
                "CREATE INDEX headshots_by_batch ON headshots (batch)",
                "CREATE INDEX headshots_by_state ON headshots (state, next_attempt_at)",
            ],
            [
                """
                CREATE TABLE relayed_jobs (
                    id \(text) PRIMARY KEY,
                    caller \(text) NOT NULL,
                    operation TEXT NOT NULL,
                    name TEXT,
                    project_id TEXT,
                    price BIGINT NOT NULL,
                    credits BIGINT NOT NULL,
                    state TEXT NOT NULL,
                    created_at DOUBLE PRECISION NOT NULL
                )
                """,
                "CREATE INDEX relayed_jobs_by_project ON relayed_jobs (project_id)",
                "CREATE INDEX relayed_jobs_by_caller ON relayed_jobs (caller, created_at)",
                "CREATE INDEX relayed_jobs_by_state ON relayed_jobs (state, id)",
            ],
        ]
    }

    /// The migration for the retention and the limit of stored headshots. The retention of earlier headshots starts now.
    private static func retention(now: String) -> [String] {
        [
            // The time at which the charge was settled.
            "ALTER TABLE headshots ADD COLUMN finished_at DOUBLE PRECISION",
            "UPDATE headshots SET finished_at = \(now) WHERE state IN ('done', 'failed', 'canceled')",
            "CREATE INDEX headshots_by_end ON headshots (state, finished_at)",
            "CREATE INDEX headshots_by_caller ON headshots (caller)",
        ]
    }

    static func migrate(_ database: any JobDatabase) async throws {
        let kind = type(of: database)
        let migrations = migrations(kind.textType) + [retention(now: kind.currentTime)]
        try await database.migrate(migrations, recordedIn: "studio_migrations")
    }
}
