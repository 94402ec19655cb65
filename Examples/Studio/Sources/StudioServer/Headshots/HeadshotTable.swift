import Foundation
import HeadshotKit
import StudioStores

/// The rows of the headshots and their batches.
struct HeadshotTable: Sendable {
    let database: any JobDatabase
    let store: any ClaimingStore

    private var now: String { type(of: database).currentTime }
    /// The states whose charge is settled. An unconfirmed headshot may still be charged.
    private static let settled = list(Headshot.State.final.filter { $0 != .unconfirmed })
    /// A newer version may have states that this one does not know.
    private static let unfinished = list(Headshot.State.allCases.filter { !$0.isFinal })

    private static func list(_ states: [Headshot.State]) -> String {
        states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }

    /// A batch to create. Its photos are already in their directories.
    struct Order: Sendable {
        struct Photo: Sendable {
            let id: UUID
            /// The name that the caller gave the photo.
            let name: String
            /// The file name of the photo.
            let file: String
        }

        let batch = UUID()
        let photos: [Photo]
        let style: String?
        let prompt: String?
        let idempotencyKey: String?
        /// The credits to reserve for each photo.
        let credits: Int
    }

    // MARK: Creating

    /// Creates a batch and reserves its credits, in one transaction.
    ///
    /// - Parameter limit: The number of headshots that the caller may store.
    /// - Returns: `false` if the caller has a batch with the same idempotency key. Nothing is created then.
    /// - Throws: ``StudioError`` with the status 402 if the budget does not cover the batch, and with the status 409 if the caller would
    ///   store too many headshots.
    func create(_ order: Order, for caller: Caller, limit: Int) async throws -> Bool {
        try await database.transaction { connection in
            let created = try connection.run(
                """
                INSERT INTO batches (id, caller, idempotency_key) VALUES ($1, $2, $3)
                ON CONFLICT (caller, idempotency_key) DO NOTHING RETURNING id
                """,
                [order.batch.uuidString, caller.name, order.idempotencyKey]
            )
            guard !created.isEmpty else { return false }
            for (position, photo) in order.photos.enumerated() {
                try CreditLedger.reserve(
                    order.credits,
                    for: caller,
                    charge: photo.id.uuidString,
                    what: "headshot",
                    in: connection
                )
                try connection.run(
                    """
                    INSERT INTO headshots (\(Headshot.columns), caller, position, next_attempt_at, created_at)
                    VALUES ($1, $2, $3, $4, $5, $6, NULL, 'queued', 0, \(order.credits), NULL, NULL, 0, 1, $7, \(position), 0, \(now))
                    """,
                    [
                        photo.id.uuidString, order.batch.uuidString, photo.name, order.style, order.prompt, photo.file,
                        caller.name,
                    ]
                )
            }
            // The reservation locked the row of the caller, so a concurrent order of the caller is counted before or after this one.
            let stored = try Self.count(connection.run(Self.countQuery, [caller.name]))
            guard stored <= limit else {
                throw StudioError.tooManyHeadshots(stored: stored - order.photos.count, limit: limit)
            }
            return true
        }
    }

    // MARK: Reading

    /// Returns a headshot of a caller, or `nil` if the caller has none with the id.
    func headshot(_ id: UUID, of caller: Caller) async throws -> Headshot? {
        try await rows("WHERE id = $1 AND caller = $2", [id.uuidString, caller.name]).first
    }

    /// Returns a batch of a caller, or `nil` if the caller has none with the id.
    func batch(_ id: UUID, of caller: Caller) async throws -> Batch? {
        let query = "SELECT id FROM batches WHERE id = $1 AND caller = $2"
        guard try await !database.query(query, [id.uuidString, caller.name]).isEmpty else { return nil }
        return Batch(id: id, headshots: try await rows("WHERE batch = $1 ORDER BY position", [id.uuidString]))
    }

    /// Returns the batch of a caller with an idempotency key, or `nil` if there is none.
    func batch(withIdempotencyKey key: String, of caller: Caller) async throws -> Batch? {
        let query = "SELECT id FROM batches WHERE idempotency_key = $1 AND caller = $2"
        let rows = try await database.query(query, [key, caller.name])
        guard let id = rows.first?[0].flatMap({ UUID(uuidString: $0) }) else { return nil }
        return try await batch(id, of: caller)
    }

    /// Returns the headshots with ids, of any caller.
    func headshots(_ ids: [UUID]) async throws -> [Headshot] {
        try await database.query(for: ids.map(\.uuidString)) {
            "SELECT \(Headshot.columns) FROM headshots WHERE id IN (\($0))"
        }.compactMap { Headshot($0) }
    }

    /// Returns those of the ids that have a row, also one that this version cannot read.
    func idsWithRow(among ids: [UUID]) async throws -> Set<UUID> {
        let rows = try await database.query(for: ids.map(\.uuidString)) {
            "SELECT id FROM headshots WHERE id IN (\($0))"
        }
        return Set(rows.compactMap { $0[0].flatMap { UUID(uuidString: $0) } })
    }

    /// Returns the number of headshots that a caller stores, in any state.
    func count(of caller: Caller) async throws -> Int {
        Self.count(try await database.query(Self.countQuery, [caller.name]))
    }

    private static let countQuery = "SELECT COUNT(*) FROM headshots WHERE caller = $1"

    private static func count(_ rows: [SQLRow]) -> Int { rows.first?[0].flatMap { Int($0) } ?? 0 }

    /// Returns the number of headshots in each state.
    func counts() async throws -> [(state: String, count: String)] {
        try await database.query("SELECT state, COUNT(*) FROM headshots GROUP BY state ORDER BY state", [])
            .map { ($0[0] ?? "", $0[1] ?? "0") }
    }

    private func rows(_ condition: String, _ parameters: [String?]) async throws -> [Headshot] {
        try await database.query("SELECT \(Headshot.columns) FROM headshots \(condition)", parameters)
            .compactMap { Headshot($0) }
    }

    // MARK: Working

    /// Claims the oldest headshots that no process works on and whose next attempt is due.
    func claimRunnable(limit: Int) async throws -> [(id: UUID, claim: any JobClaim)] {
        try await store.claimRows(
            of: """
                SELECT id FROM headshots
                WHERE state IN (\(Self.unfinished)) AND next_attempt_at <= \(now)
                    AND NOT EXISTS (SELECT 1 FROM job_claims WHERE job_claims.id = headshots.id AND expires_at > \(now))
                ORDER BY created_at, position LIMIT \(max(0, limit))
                """
        )
    }

    /// Sets the end of finished headshots without one to now. During an update, a process of an earlier version may finish a headshot.
    func setMissingEnds() async throws {
        _ = try await database.query(
            "UPDATE headshots SET finished_at = \(now) WHERE finished_at IS NULL AND state IN (\(Self.settled))",
            []
        )
    }

    /// Claims the headshots that were finished longer ago than a duration, the oldest first. Leaves out those whose record is kept for a
    /// repair, because their job is paid for and not delivered.
    func claimFinished(before age: Duration, limit: Int) async throws -> [(id: UUID, claim: any JobClaim)] {
        try await store.claimRows(
            of: """
                SELECT id FROM headshots
                WHERE state IN (\(Self.settled)) AND finished_at <= \(now) - \(age.components.seconds)
                    AND NOT EXISTS (SELECT 1 FROM job_claims WHERE job_claims.id = headshots.id AND expires_at > \(now))
                    AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.reference = headshots.id AND jobs.state <> 'delivered')
                ORDER BY finished_at LIMIT \(limit)
                """
        )
    }

    /// Returns the headshot that this process has claimed, or `nil` if the headshot is final.
    func unfinished(_ id: UUID) async throws -> Headshot? {
        try await rows("WHERE id = $1 AND state IN (\(Self.unfinished))", [id.uuidString]).first
    }

    /// Returns the services that may have a job of a headshot, according to the records of the store.
    func services(of id: UUID) async throws -> [String] {
        try await database.query("SELECT service FROM jobs WHERE reference = $1", [id.uuidString]).compactMap { $0[0] }
    }

    /// A change of a row.
    enum Change: Sendable {
        case progress(Headshot.State, fraction: Double)
        /// The next attempt follows later.
        case postpone(seconds: Double, isAttempt: Bool)
        case done(file: String, credits: Int)
        /// The headshot failed. The reserved credits are replaced by the charged ones.
        case failed(Headshot.Failure, credits: Int)
        /// A job may exist, so its credits stay reserved.
        case unconfirmed(Headshot.Failure)
        case canceled
    }

    /// Changes the row of a headshot that this process has claimed, and settles its charge in the same transaction.
    ///
    /// - Throws: `HeadshotKitError` with the code `jobInUse` if the claim was lost.
    @discardableResult
    func apply(_ change: Change, to id: UUID) async throws -> Headshot? {
        let now = now
        return try await store.transaction(claiming: id) { connection in
            let (assignments, parameters, credits) = Self.statement(of: change, now)
            let charged = credits.map(Headshot.clamped)
            if let charged { try CreditLedger.settle(id.uuidString, credits: charged, in: connection) }
            let list =
                ["revision = revision + 1"] + assignments
                + (charged.map { ["credits = \($0)", "finished_at = \(now)"] } ?? [])
            return try connection.run(
                "UPDATE headshots SET \(list.joined(separator: ", ")) WHERE id = $1 RETURNING \(Headshot.columns)",
                [id.uuidString] + parameters
            ).first.flatMap { Headshot($0) }
        }
    }

    private static func statement(of change: Change, _ now: String) -> ([String], [String?], charged: Int?) {
        func failed(_ state: Headshot.State, _ failure: Headshot.Failure) -> ([String], [String?]) {
            (["state = $2", "error_code = $3", "error_message = $4"], [state.rawValue, failure.code, failure.message])
        }
        switch change {
        case .progress(let state, let fraction):
            return (["state = $2", "fraction = \(fraction)"], [state.rawValue], nil)
        case .postpone(let seconds, let isAttempt):
            return (["attempts = attempts + \(isAttempt ? 1 : 0)", "next_attempt_at = \(now) + \(seconds)"], [], nil)
        case .done(let file, let credits):
            let assignments = [
                "state = 'done'", "fraction = 1", "error_code = NULL", "error_message = NULL", "file = $2",
            ]
            return (assignments, [file], credits)
        case .failed(let failure, let credits):
            let (assignments, parameters) = failed(.failed, failure)
            return (assignments, parameters, credits)
        case .unconfirmed(let failure):
            let (assignments, parameters) = failed(.unconfirmed, failure)
            return (assignments, parameters, nil)
        case .canceled: return (["state = 'canceled'"], [], 0)
        }
    }

    /// Queues the unconfirmed headshots whose job was found by a webhook or a person.
    func requeueFoundJobs() async throws {
        let query = "SELECT id FROM headshots WHERE state = 'unconfirmed' AND id > $1 ORDER BY id LIMIT 500"
        var last = ""
        while true {
            let ids = try await database.query(query, [last]).compactMap { $0[0] }
            guard let end = ids.last else { return }
            last = end
            let found = try await database.query(for: ids) {
                "SELECT reference FROM jobs WHERE state = 'accepted' AND reference IN (\($0))"
            }
            for row in found {
                _ = try await database.query(
                    """
                    UPDATE headshots SET state = 'waiting', error_code = NULL, error_message = NULL,
                        next_attempt_at = 0, revision = revision + 1
                    WHERE id = $1 AND state = 'unconfirmed'
                    """,
                    [row[0]]
                )
            }
        }
    }

    /// Removes the row of a headshot whose charge is settled. The charge itself and the batch with its idempotency key stay, so the
    /// headshot is not made again.
    func remove(_ id: UUID) async throws {
        _ = try await database.query(
            "DELETE FROM headshots WHERE id = $1 AND state IN (\(Self.settled))",
            [id.uuidString]
        )
    }
}
