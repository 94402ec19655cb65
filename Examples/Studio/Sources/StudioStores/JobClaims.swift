import Foundation
import HeadshotKit

/// The claims of one store instance, which are leases that a heartbeat renews.
///
/// A lease ends if its process dies or cannot reach the database for the duration of the lease. Another process may then take it
/// over. The token of the claim no longer matches the row, so the late process writes nothing. See ``fence(_:of:in:)``.
actor JobClaims<Database: JobDatabase> {
    private let database: Database
    private let duration: Duration
    private let clock: any Clock<Duration>
    /// The tokens of the claims that are not released, by the id of the job. A claim that was lost keeps its token.
    private var tokens: [UUID: String] = [:]
    private var heartbeat: Task<Void, Never>?

    init(_ database: Database, duration: Duration, clock: any Clock<Duration>) {
        self.database = database
        self.duration = duration
        self.clock = clock
    }

    private var expiry: String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return "\(Database.currentTime) + \(seconds)"
    }

    func token(of id: UUID) -> String? { tokens[id] }

    func claim(_ id: UUID) async throws -> (any JobClaim)? {
        // A claim that was lost also blocks, because its holder may still save. The fence could not tell the two apart.
        guard tokens[id] == nil else { return nil }
        let token = UUID().uuidString
        tokens[id] = token
        do {
            let rows = try await database.query(claimStatement, [id.uuidString, token, Self.holder])
            guard !rows.isEmpty else {
                forget(id, token)
                return nil
            }
        } catch {
            // If the database stored the claim, it ends with its lease.
            forget(id, token)
            throw error
        }
        startHeartbeat()
        return Claim { await self.release(id, token) }
    }

    /// Claims the rows of a query whose first column is the id. Leaves out rows that another worker claims at the same time.
    func claimRows(of query: String) async throws -> [(id: UUID, claim: any JobClaim)] {
        // A worker without work writes nothing.
        guard try await !database.query(query, []).isEmpty else { return [] }
        let (held, statement) = (Set(tokens.keys), claimStatement)
        let claimed = try await database.transaction { connection in
            let ids = try connection.run("\(query) \(Database.skipLocked)").compactMap {
                $0[0].flatMap { UUID(uuidString: $0) }
            }
            return try ids.filter { !held.contains($0) }.compactMap { id -> (id: UUID, token: String)? in
                let token = UUID().uuidString
                let rows = try connection.run(statement, [id.uuidString, token, Self.holder])
                return rows.isEmpty ? nil : (id, token)
            }
        }
        for (id, token) in claimed { tokens[id] = token }
        startHeartbeat()
        return claimed.map { id, token in (id, Claim { await self.release(id, token) }) }
    }

    /// The statement that claims an id, unless another worker has the claim.
    private var claimStatement: String {
        """
        INSERT INTO job_claims (id, token, holder, expires_at) VALUES ($1, $2, $3, \(expiry))
        ON CONFLICT (id) DO UPDATE
        SET token = excluded.token, holder = excluded.holder, expires_at = excluded.expires_at
        WHERE job_claims.expires_at <= \(Database.currentTime)
        RETURNING token
        """
    }

    private func forget(_ id: UUID, _ token: String) {
        if tokens[id] == token { tokens[id] = nil }
    }

    private func release(_ id: UUID, _ token: String) async {
        guard tokens[id] == token else { return }
        tokens[id] = nil
        if tokens.isEmpty {
            heartbeat?.cancel()
            heartbeat = nil
        }
        // If the database cannot be reached, the claim ends with its lease.
        do { _ = try await database.query("DELETE FROM job_claims WHERE token = $1", [token]) } catch { return }
    }

    // MARK: Heartbeat

    private func startHeartbeat() {
        guard heartbeat == nil, !tokens.isEmpty else { return }
        heartbeat = Task {
            while !Task.isCancelled {
                do { try await clock.sleep(for: duration / 4) } catch { return }
                await renew()
            }
        }
    }

    private func renew() async {
        var rest = tokens.values[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            let list = some.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            // A failed attempt is made up for by the next one, which comes before the lease ends.
            let renewal = "UPDATE job_claims SET expires_at = \(expiry) WHERE token IN (\(list))"
            do { _ = try await database.query(renewal, some) } catch { continue }
        }
    }

    // MARK: Fence

    /// Throws an error if the caller may not change a record, in the transaction that changes the record.
    ///
    /// With a claim, its token must still be in the database, and the row is locked until the transaction ends. Without a claim,
    /// no other worker may have one.
    ///
    /// - Throws: ``JobClaimLost``.
    static func fence(_ token: String?, of id: UUID, in connection: any SQLConnection) throws {
        if let token {
            let rows = try connection.run(
                "UPDATE job_claims SET holder = holder WHERE id = $1 AND token = $2 RETURNING token",
                [id.uuidString, token]
            )
            if rows.isEmpty { throw JobClaimLost() }
        } else {
            let rows = try connection.run(
                "SELECT token FROM job_claims WHERE id = $1 AND expires_at > \(Database.currentTime)",
                [id.uuidString]
            )
            if !rows.isEmpty { throw JobClaimLost() }
        }
    }

    /// The process, for people who read the rows.
    private static var holder: String {
        "\(ProcessInfo.processInfo.hostName)/\(ProcessInfo.processInfo.processIdentifier)"
    }
}

/// An error that another worker has the claim of a record.
struct JobClaimLost: Error {}

private struct Claim: JobClaim {
    let end: @Sendable () async -> Void

    func release() async { await end() }
}
