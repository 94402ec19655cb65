public import Foundation
public import HeadshotKit

/// A job store whose database also contains the tables of an application.
public protocol ClaimingStore: JobStore {
    /// Runs statements in one transaction, unless another worker has the claim of an id.
    ///
    /// The id may be that of a row of the application. Call `claim` first.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobInUse` if another worker has the claim, even if this worker had it before.
    func transaction<Value: Sendable>(
        claiming id: UUID,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Claims the rows of the application that a query returns. Rows that another worker claims at the same time are left out.
    ///
    /// - Parameter query: A `SELECT` whose first column is the id of the row, for example of the rows that no worker has claimed.
    func claimRows(of query: String) async throws -> [(id: UUID, claim: any JobClaim)]
}

/// A `JobStore` in an SQL database, with one readable row for each job. Several processes may share the database.
///
/// A claim is a lease that a heartbeat renews. The lease expires if its process dies or cannot reach the database for the duration of
/// the lease. In a process whose claim was taken over, ``save(_:)`` and ``remove(_:)`` throw `jobInUse` and write nothing.
public struct SQLJobStore<Database: JobDatabase>: ClaimingStore {
    private let database: Database
    private let claims: JobClaims<Database>

    /// Creates a store in a database, and creates or changes its tables.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - lease: The time after which a claim ends if its process does not renew it. Defaults to 30 s.
    ///   - clock: The clock of the heartbeat, which renews a lease four times in its duration. The clock of the database decides whether
    ///     a lease has expired.
    /// - Throws: `HeadshotKitError` with the code `jobStore`.
    public init(
        database: Database,
        lease: Duration = .seconds(30),
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws {
        self.database = database
        claims = JobClaims(database, duration: lease, clock: clock)
        try await Self.mappingErrors(of: database) { try await JobSchema.migrate(database) }
    }

    /// Saves a record.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobInUse` if another worker has the claim, and with the code `jobStore` if the
    ///   database failed.
    public func save(_ record: JobRecord) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(record), as: UTF8.self)
        let row = [
            record.id.uuidString, record.service.rawValue, record.operation, record.state.rawValue, record.job?.id,
            record.reference, record.createdAt.rawValue, json,
        ]
        // The reference may be the id of a row that this process has claimed, and the claim may have been lost during an upload.
        let owner = record.state == .intended ? record.reference.flatMap { UUID(uuidString: $0) } : nil
        let token = if let owner { await claims.token(of: owner) } else { String?.none }
        _ = try await transaction(claiming: record.id, record.job) { connection in
            if let owner, let token { try JobClaims<Database>.fence(token, of: owner, in: connection) }
            return try connection.run(
                """
                INSERT INTO jobs (id, service, operation, state, job_id, reference, created_at, record)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                ON CONFLICT (id) DO UPDATE
                SET service = excluded.service, operation = excluded.operation, state = excluded.state,
                    job_id = excluded.job_id, reference = excluded.reference, created_at = excluded.created_at,
                    record = excluded.record
                """,
                row
            )
        }
    }

    /// Removes a record.
    ///
    /// - Throws: The same errors as ``save(_:)``.
    public func remove(_ id: UUID) async throws {
        _ = try await transaction(claiming: id) { try $0.run("DELETE FROM jobs WHERE id = $1", [id.uuidString]) }
    }

    /// Runs statements in one transaction, unless another worker has the claim of an id.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobInUse` if another worker has the claim, and with the code `jobStore` if the
    ///   database failed. The error of the body otherwise. The changes are rolled back.
    public func transaction<Value: Sendable>(
        claiming id: UUID,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await transaction(claiming: id, nil, body)
    }

    private func transaction<Value: Sendable>(
        claiming id: UUID,
        _ job: JobHandle?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        let token = await claims.token(of: id)
        return try await Self.mappingErrors(of: database, id, job) {
            try await database.transaction { connection in
                try JobClaims<Database>.fence(token, of: id, in: connection)
                return try body(connection)
            }
        }
    }

    /// Returns the record with an id, or `nil` if there is none.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed or the record cannot be read.
    public func record(_ id: UUID) async throws -> JobRecord? {
        let rows = try await rows("SELECT record FROM jobs WHERE id = $1", [id.uuidString])
        return try rows.first.map { try decode($0[0], of: id.uuidString) }
    }

    /// Returns the record of a service's job, or `nil` if there is none that can be read.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed.
    public func record(for job: JobHandle) async throws -> JobRecord? {
        let query = "SELECT record FROM jobs WHERE service = $1 AND job_id = $2"
        let rows = try await rows(query, [job.service.rawValue, job.id])
        return rows.compactMap { readable($0[0]) }.first { $0.isRecord(of: job) }
    }

    /// Returns the records of a service with a reference.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed or one of the records cannot be read.
    public func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] {
        let query = "SELECT id, record FROM jobs WHERE service = $1 AND reference = $2"
        let rows = try await rows(query, [service.rawValue, reference])
        return try rows.map { try decode($0[1], of: $0[0] ?? "") }.filter { $0.reference == reference }
    }

    /// Returns a page of the records that can be read, in the order of their ids. ``unreadableRecords()`` returns the others.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed.
    public func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        var records: [JobRecord] = []
        var last = id?.uuidString ?? ""
        while records.count < limit {
            let room = limit - records.count
            let query = "SELECT id, record FROM jobs WHERE id > $1 ORDER BY id LIMIT \(room)"
            let rows = try await rows(query, [last])
            records += rows.compactMap { readable($0[1]) }
            guard rows.count == room, let id = rows.last?[0] else { break }
            last = id
        }
        return records
    }

    /// Claims a job with a lease.
    ///
    /// - Returns: The claim, or `nil` if another worker has it.
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed.
    public func claim(_ id: UUID) async throws -> (any JobClaim)? {
        try await Self.mappingErrors(of: database, id) { try await claims.claim(id) }
    }

    /// Claims the rows of the application that a query returns, and for which no other worker has a claim.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed.
    public func claimRows(of query: String) async throws -> [(id: UUID, claim: any JobClaim)] {
        try await Self.mappingErrors(of: database) { try await claims.claimRows(of: query) }
    }

    /// Returns the ids of the rows that cannot be read as records. They may contain paid jobs. A newer HeadshotKit may have
    /// written them. Repair or delete such a row with SQL.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobStore` if the database failed.
    public func unreadableRecords() async throws -> [String] {
        try await rows("SELECT id, record FROM jobs ORDER BY id", []).compactMap { row in
            readable(row[1]) == nil ? row[0] : nil
        }
    }

    // MARK: Steps

    private func rows(_ sql: String, _ parameters: [String?]) async throws -> [SQLRow] {
        try await Self.mappingErrors(of: database) { try await database.query(sql, parameters) }
    }

    private func readable(_ json: String?) -> JobRecord? {
        do { return try JSONDecoder().decode(JobRecord.self, from: Data((json ?? "").utf8)) } catch { return nil }
    }

    private func decode(_ json: String?, of id: String) throws -> JobRecord {
        do { return try JSONDecoder().decode(JobRecord.self, from: Data((json ?? "").utf8)) } catch {
            throw HeadshotKitError(
                .jobStore,
                "The row \(id) of the table jobs in \(database.name) is not a record that this version can read.",
                advice: "Update, or repair the column record of that row.",
                submission: .unconfirmed,
                underlyingError: error
            )
        }
    }

    private static func mappingErrors<Value>(
        of database: Database,
        _ id: UUID? = nil,
        _ job: JobHandle? = nil,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do { return try await body() } catch let error as SQLError {
            throw HeadshotKitError(
                .jobStore,
                "The database \(database.name) failed: \(error).",
                advice: "Check the database, then try again.",
                job: job,
                underlyingError: error
            )
        } catch is JobClaimLost {
            throw HeadshotKitError(
                .jobInUse,
                "Another process has the claim of the record \(id?.uuidString ?? ""), so this process does not change the record.",
                advice: "The other process finishes the job. You are not charged again.",
                job: job
            )
        }
    }
}
