import Foundation
import HeadshotKit
import StudioStores

/// The rows of the jobs that the relay created for callers.
struct RelayTable: Sendable {
    let database: any JobDatabase

    /// The time after which the request of a row is certainly over. A create request takes a few minutes at most.
    private static let maximumRequestAge = 600
    /// The time for which the rows of jobs that cost nothing remain.
    private static let freeJobAge = 7 * 86_400
    private static let maximumNameLength = 200
    private static let maximumIDBytes = 200
    private static let listLength = 100

    private var now: String { type(of: database).currentTime }

    /// A job of a caller.
    struct Job: Sendable {
        let operation: String
        let createdAt: Date
    }

    /// A job in the list of a caller.
    struct Entry: Encodable, Sendable {
        /// The id of the job at the service. `nil` while it is unknown.
        let project: String?
        let operation: String
        /// The name in the request of the caller.
        let name: String?
        /// The charged credits, or the reserved ones while the outcome is unknown.
        let credits: Int
        let state: String
        let createdAt: String

        private enum CodingKeys: String, CodingKey {
            case project, operation, name, credits, state
            case createdAt = "created_at"
        }
    }

    // MARK: Creating

    /// Creates the row of a job and reserves its credits, in one transaction.
    ///
    /// - Parameter name: The name in the request of the caller, whose end may be a tag.
    /// - Throws: ``StudioError`` with the status 402 if the budget does not cover the job.
    func insert(_ id: UUID, _ operation: RelayedOperation, name: String?, for caller: Caller) async throws {
        // PostgreSQL cannot store U+0000.
        let name = name.map { String($0.replacing("\0", with: "").suffix(Self.maximumNameLength)) }
        try await database.transaction { [now] connection in
            if operation.credits > 0 {
                try CreditLedger.reserve(
                    operation.credits,
                    for: caller,
                    charge: id.uuidString,
                    what: operation.name,
                    in: connection
                )
            }
            try connection.run(
                """
                INSERT INTO relayed_jobs (id, caller, operation, name, project_id, price, credits, state, created_at)
                VALUES ($1, $2, $3, $4, NULL, \(operation.credits), \(operation.credits), 'creating', \(now))
                """,
                [id.uuidString, caller.name, operation.name, name]
            )
        }
    }

    // MARK: Outcomes

    /// Stores the id of the job, and settles its charge in the same transaction. Charges the credits again if the row was released,
    /// because the process was suspended during the request.
    ///
    /// - Parameter credits: The charged credits. `nil` if the service did not report them, which settles the whole reservation.
    /// - Throws: `SQLError` if the database failed or the row was removed.
    func accept(_ id: UUID, project: String, credits: Int?) async throws {
        try await database.transaction { connection in
            let rows = try connection.run(
                """
                UPDATE relayed_jobs SET state = 'created', project_id = $2, credits = \(credits.map { "\(Headshot.clamped($0))" } ?? "price")
                WHERE id = $1 AND (state IN ('creating', 'unconfirmed') OR state = 'failed' AND project_id IS NULL) RETURNING credits
                """,
                [id.uuidString, project]
            )
            guard let charged = rows.first?[0].flatMap({ Int($0) }) else {
                let query = "SELECT id FROM relayed_jobs WHERE project_id = $1"
                guard try connection.run(query, [project]).isEmpty else { return }
                throw SQLError("the table relayed_jobs has no row for the project")
            }
            try CreditLedger.settle(id.uuidString, credits: charged, in: connection)
            try CreditLedger.chargeReleased(id.uuidString, credits: charged, in: connection)
        }
    }

    /// Keeps the credits of a job reserved, which may exist.
    func keepUnconfirmed(_ id: UUID) async throws {
        _ = try await database.query(
            "UPDATE relayed_jobs SET state = 'unconfirmed' WHERE id = $1 AND state = 'creating'",
            [id.uuidString]
        )
    }

    /// Releases the credits of a job that does not exist.
    ///
    /// - Returns: Whether the credits were still reserved.
    func release(_ id: UUID) async throws -> Bool {
        try await database.transaction { connection in
            let rows = try connection.run(
                """
                UPDATE relayed_jobs SET state = 'failed', credits = 0
                WHERE id = $1 AND state IN ('creating', 'unconfirmed') RETURNING id
                """,
                [id.uuidString]
            )
            guard !rows.isEmpty else { return false }
            try CreditLedger.settle(id.uuidString, credits: 0, in: connection)
            return true
        }
    }

    /// Returns the credits of a job that failed to the budget. Does nothing if they were returned before.
    func refund(project: String) async throws {
        try await database.transaction { connection in
            let rows = try connection.run(
                "UPDATE relayed_jobs SET state = 'failed', credits = 0 WHERE project_id = $1 AND state = 'created' RETURNING id",
                [project]
            )
            for id in rows.compactMap({ $0[0] }) { try CreditLedger.refund(id, in: connection) }
        }
    }

    // MARK: Reading

    /// Returns the job of a caller with an id of the service, or `nil` if the caller has none.
    func job(_ project: String, of caller: Caller) async throws -> Job? {
        guard project.utf8.count <= Self.maximumIDBytes, !project.utf8.contains(0) else { return nil }
        let rows = try await database.query(
            "SELECT operation, created_at FROM relayed_jobs WHERE project_id = $1 AND caller = $2",
            [project, caller.name]
        )
        return rows.first.map { Job(operation: $0[0] ?? "", createdAt: Self.date($0[1])) }
    }

    /// Returns the latest charged jobs of a caller, the newest first.
    ///
    /// - Parameter tag: The end of the jobs' names. `nil` for all jobs.
    /// - Throws: ``StudioError`` with the status 400 if no name can end with the tag.
    func jobs(of caller: Caller, tag: String? = nil) async throws -> [Entry] {
        let length = tag?.unicodeScalars.count ?? 0
        guard tag == nil || (1...Self.maximumNameLength).contains(length), tag?.utf8.contains(0) != true else {
            throw StudioError.invalid("The tag must have 1 to \(Self.maximumNameLength) characters other than U+0000.")
        }
        // LIKE ignores the case in SQLite.
        let condition = tag == nil ? "" : "AND substr(name, length(name) - \(length - 1)) = $2"
        let rows = try await database.query(
            """
            SELECT project_id, operation, name, credits, state, created_at FROM relayed_jobs
            WHERE caller = $1 AND price > 0 \(condition) ORDER BY created_at DESC, id LIMIT \(Self.listLength)
            """,
            [caller.name] + (tag.map { [$0] } ?? [])
        )
        return rows.map {
            Entry(
                project: $0[0],
                operation: $0[1] ?? "",
                name: $0[2],
                credits: $0[3].flatMap { Int($0) } ?? 0,
                state: $0[4] ?? "",
                createdAt: Self.date($0[5]).formatted(.iso8601)
            )
        }
    }

    private static func date(_ text: String?) -> Date {
        Date(timeIntervalSince1970: text.flatMap { Double($0) } ?? 0)
    }

    // MARK: Recovery

    /// Returns whether the job store has a record of a job, also one that this version cannot read.
    func hasRecord(_ id: UUID) async throws -> Bool {
        try await !recordStates(of: [id.uuidString]).isEmpty
    }

    private func recordStates(of ids: [String]) async throws -> [String: String] {
        let rows = try await database.query(for: ids) { "SELECT reference, state FROM jobs WHERE reference IN (\($0))" }
        let pairs = rows.compactMap { row in row[0].map { ($0, row[1] ?? "") } }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Returns the jobs whose outcome is known to the job store and not to their row: those that a webhook or a person found, and those
    /// whose process died.
    func unresolved() async throws -> [UUID] {
        var unresolved: [UUID] = []
        var last = ""
        while true {
            let rows = try await database.query(
                """
                SELECT id, state, CASE WHEN created_at < \(now) - \(Self.maximumRequestAge) THEN 1 ELSE 0 END FROM relayed_jobs
                WHERE state IN ('creating', 'unconfirmed') AND id > $1 ORDER BY id LIMIT 500
                """,
                [last]
            )
            guard let end = rows.last?[0] else { return unresolved }
            last = end
            let records = try await recordStates(of: rows.compactMap { $0[0] })
            unresolved += rows.compactMap { row in
                guard let id = row[0] else { return nil }
                let (isUnconfirmed, isOver) = (row[1] == "unconfirmed", row[2] == "1")
                let isResolved =
                    switch records[id] {
                    case JobRecord.State.accepted.rawValue, JobRecord.State.delivered.rawValue: true
                    case nil: isUnconfirmed || isOver
                    default: !isUnconfirmed && isOver
                    }
                return isResolved ? UUID(uuidString: id) : nil
            }
        }
    }

    /// Returns the jobs whose row has the outcome and whose record is still in the job store.
    func resolvedWithRecord() async throws -> [UUID] {
        let records = try await database.query(
            "SELECT reference FROM jobs WHERE state IN ('accepted', 'delivered') AND reference IS NOT NULL",
            []
        )
        let rows = try await database.query(for: records.compactMap { $0[0] }) {
            "SELECT id FROM relayed_jobs WHERE state IN ('created', 'failed') AND id IN (\($0))"
        }
        return rows.compactMap { $0[0].flatMap { UUID(uuidString: $0) } }
    }

    /// Removes the rows of old jobs that cost nothing, and their charges: free jobs, and those that do not exist.
    func removeOldFreeJobs() async throws {
        let condition = """
            created_at < \(now) - \(Self.freeJobAge) AND (price = 0 OR state = 'failed' AND project_id IS NULL)
            """
        try await database.transaction { connection in
            try connection.run(
                "DELETE FROM charges WHERE spent = 0 AND id IN (SELECT id FROM relayed_jobs WHERE \(condition))"
            )
            try connection.run("DELETE FROM relayed_jobs WHERE \(condition)")
        }
    }
}
