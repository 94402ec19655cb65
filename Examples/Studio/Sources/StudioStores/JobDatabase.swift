/// A database that contains the rows of an ``SQLJobStore``. The statements are the same for every database, apart from the
/// expressions of this protocol.
public protocol JobDatabase: Sendable {
    /// The name of the database for errors. It contains no password.
    var name: String { get }

    /// The type of a column that is compared by its bytes, such as `TEXT`.
    static var textType: String { get }

    /// The expression of the database's current time, in seconds since 1970. All processes that share the database use this clock.
    static var currentTime: String { get }

    /// The statement that makes concurrent migrations wait for each other, or `nil` if every transaction does so.
    static var migrationLock: String? { get }

    /// The end of a `SELECT` that locks its rows and leaves out those that another transaction has locked. Empty if the
    /// database runs only one writing transaction at a time.
    static var skipLocked: String { get }

    /// Runs statements in one transaction. Once this returns, the changes survive a crash of the machine.
    ///
    /// Runs to its end, even if the calling task is canceled, and blocks no thread of the cooperative pool. A database may run the
    /// body again after a lost connection, and only the changes of one run are stored.
    ///
    /// - Throws: ``SQLError``, or the error of the body. The changes are rolled back.
    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value

    /// Runs one query. Has the same properties as ``transaction(_:)``.
    func query(_ sql: String, _ parameters: [String?]) async throws -> [SQLRow]
}

extension JobDatabase {
    /// Runs a query for a list of values, 500 at a time, because databases limit the number of parameters of a query.
    ///
    /// - Parameter sql: Returns the query for a list of parameters, such as `$1, $2`.
    /// - Throws: ``SQLError``.
    package func query(for values: [String], _ sql: (_ list: String) -> String) async throws -> [SQLRow] {
        var rows: [SQLRow] = []
        for start in stride(from: 0, to: values.count, by: 500) {
            let some = Array(values[start...].prefix(500))
            let list = some.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            rows += try await query(sql(list), some)
        }
        return rows
    }
}

/// A row of texts, in the order of the query's columns.
public typealias SQLRow = [String?]

/// A connection to a database, on which a transaction has begun.
public protocol SQLConnection {
    /// Runs a statement with the parameters `$1`, `$2`, and so on, and returns its rows.
    ///
    /// - Throws: ``SQLError``.
    @discardableResult
    func run(_ sql: String, _ parameters: [String?]) throws -> [SQLRow]
}

extension SQLConnection {
    /// Runs a statement without parameters.
    ///
    /// - Throws: ``SQLError``.
    @discardableResult
    public func run(_ sql: String) throws -> [SQLRow] { try run(sql, []) }
}

/// An error of a database.
public struct SQLError: Error, Equatable, CustomStringConvertible {
    /// The message of the database. It contains no row.
    public let description: String
    /// The code of the database, such as an SQLSTATE. `nil` if the database was not reached.
    public let code: String?

    /// Creates an error with the message of a database.
    public init(_ description: String, code: String? = nil) {
        self.description = description
        self.code = code
    }
}
