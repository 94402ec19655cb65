public import StudioStores

/// The budgets of the callers, in the database that all processes share.
///
/// Credits are reserved before anything is spent, so several processes together cannot exceed a budget. The reservation is settled
/// with what was charged, or released.
public struct CreditLedger: Sendable {
    /// The credits of a caller.
    public struct Balance: Codable, Equatable, Sendable {
        /// The credits that the caller may spend in total.
        public var budget: Int
        /// The credits that were charged.
        public var spent: Int
        /// The credits that may still be charged for work in progress.
        public var reserved: Int

        /// The credits that can still be reserved.
        public var available: Int {
            // Another program may have written any number.
            let (used, isOverflow) = spent.addingReportingOverflow(reserved)
            return isOverflow ? 0 : max(0, budget.subtractingReportingOverflow(used).partialValue)
        }
    }

    private let database: any JobDatabase

    /// Creates the ledger of a database with the tables of ``Studio``.
    public init(_ database: any JobDatabase) { self.database = database }

    /// Returns the credits of a caller.
    public func balance(of caller: Caller) async throws -> Balance {
        let rows = try await database.query("SELECT spent, reserved FROM callers WHERE name = $1", [caller.name])
        let row = rows.first.map { $0.map { $0.flatMap { Int($0) } ?? 0 } } ?? [0, 0]
        return Balance(budget: caller.credits, spent: row[0], reserved: row[1])
    }

    /// Reserves credits for a charge with an id of its own.
    ///
    /// - Throws: ``StudioError`` with the status 402 if the budget does not cover them.
    public func reserve(_ credits: Int, for caller: Caller, charge id: String, what: String) async throws {
        try await database.transaction { try Self.reserve(credits, for: caller, charge: id, what: what, in: $0) }
    }

    /// Replaces the reservation of a charge with the credits that were charged. Does nothing if the charge is settled already.
    public func settle(_ id: String, credits: Int) async throws {
        try await database.transaction { try Self.settle(id, credits: credits, in: $0) }
    }

    /// Reserves credits in a transaction.
    static func reserve(
        _ credits: Int,
        for caller: Caller,
        charge id: String,
        what: String,
        in connection: any SQLConnection
    ) throws {
        try connection.run(
            "INSERT INTO callers (name, spent, reserved) VALUES ($1, 0, 0) ON CONFLICT (name) DO NOTHING",
            [caller.name]
        )
        let rows = try connection.run(
            """
            UPDATE callers SET reserved = reserved + \(credits)
            WHERE name = $1 AND spent + reserved + \(credits) <= \(caller.credits) RETURNING name
            """,
            [caller.name]
        )
        guard !rows.isEmpty else {
            throw StudioError.budgetExceeded("This request costs more credits than the budget has left.")
        }
        try connection.run(
            "INSERT INTO charges (id, caller, what, reserved, spent) VALUES ($1, $2, $3, \(credits), NULL)",
            [id, caller.name, what]
        )
    }

    /// Settles a charge in a transaction.
    static func settle(_ id: String, credits: Int, in connection: any SQLConnection) throws {
        let settled = try connection.run(
            "UPDATE charges SET spent = \(credits) WHERE id = $1 AND spent IS NULL RETURNING caller, reserved",
            [id]
        )
        guard let caller = settled.first?[0], let reserved = settled.first?[1].flatMap({ Int($0) }) else { return }
        try connection.run(
            "UPDATE callers SET reserved = reserved - \(reserved), spent = spent + \(credits) WHERE name = $1",
            [caller]
        )
    }

    /// Charges credits in a transaction if the charge was settled with 0. Does nothing if credits were charged.
    static func chargeReleased(_ id: String, credits: Int, in connection: any SQLConnection) throws {
        let charged = try connection.run(
            "UPDATE charges SET spent = \(credits) WHERE id = $1 AND spent = 0 RETURNING caller",
            [id]
        )
        guard let caller = charged.first?[0] else { return }
        try connection.run("UPDATE callers SET spent = spent + \(credits) WHERE name = $1", [caller])
    }

    /// Returns the credits of a settled charge to the budget in a transaction. Does nothing if they were returned before.
    static func refund(_ id: String, in connection: any SQLConnection) throws {
        let charge = try connection.run("SELECT caller, spent FROM charges WHERE id = $1 AND spent > 0", [id]).first
        guard let caller = charge?[0], let spent = charge?[1].flatMap({ Int($0) }) else { return }
        let refunded = try connection.run(
            "UPDATE charges SET spent = 0 WHERE id = $1 AND spent = \(spent) RETURNING id",
            [id]
        )
        guard !refunded.isEmpty else { return }
        try connection.run("UPDATE callers SET spent = spent - \(spent) WHERE name = $1", [caller])
    }
}
