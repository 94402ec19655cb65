#if Postgres
import CPostgres
import Foundation

/// A connection to a PostgreSQL server, which one thread uses at a time.
final class PostgresConnection: SQLConnection {
    private let connection: OpaquePointer
    private let timeout: Duration
    /// Whether the connection cannot be used anymore. The server rolls an open transaction back.
    private(set) var isLost = false
    /// The token of the last transaction, which the next one removes.
    private var lastToken = UUID()

    /// Connects to a server.
    ///
    /// - Parameters:
    ///   - settings: The settings of the connection.
    ///   - timeout: The time after which a statement ends. An idle transaction ends after half of this time.
    /// - Throws: ``SQLError``.
    init(_ settings: PostgresSettings, timeout: Duration) throws {
        let parameters = settings.parameters.sorted { $0.key < $1.key }
        let connection = Self.withCStrings(parameters.map(\.key) + [nil]) { keywords in
            Self.withCStrings(parameters.map(\.value) + [nil]) { PQconnectdbParams(keywords, $0, 0) }
        }
        guard let connection else { throw SQLError("There is not enough memory for a connection") }
        self.connection = connection
        self.timeout = timeout
        guard PQstatus(connection) == CONNECTION_OK, PQsetnonblocking(connection, 1) == 0 else {
            throw SQLError(Self.text(PQerrorMessage(connection)))
        }
        // The default writes notices to standard error.
        PQsetNoticeReceiver(connection, { _, _ in }, nil)
        let milliseconds = Int64(timeout / .milliseconds(1))
        // A process that is stopped or disconnected in a transaction must not keep its locks. A commit must be on disk.
        _ = try execute {
            PQsendQuery(
                $0,
                """
                SET statement_timeout = \(milliseconds);
                SET idle_in_transaction_session_timeout = \(milliseconds / 2);
                SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
                """
            )
        }
    }

    deinit { PQfinish(connection) }

    func run(_ sql: String, _ parameters: [String?]) throws -> [SQLRow] {
        // A C string ends at this character, so the server would store a shorter text.
        guard !parameters.contains(where: { $0?.utf8.contains(0) == true }) else {
            throw SQLError("PostgreSQL cannot store a text with the character U+0000")
        }
        return try Self.withCStrings(parameters) { values in
            try execute { PQsendQueryParams($0, sql, Int32(parameters.count), nil, values, nil, nil, 0) }
        }
    }

    // MARK: Transactions

    /// Creates the table with a row for each recently committed transaction.
    ///
    /// The server knows the outcome of a transaction by its id too, but after a crash it gives the id to another transaction.
    func prepareCommits() throws {
        _ = try execute {
            PQsendQuery(
                $0,
                """
                \(PostgresDatabase.migrationLock ?? "");
                CREATE TABLE IF NOT EXISTS job_commits (
                    token UUID PRIMARY KEY,
                    outcome TEXT NOT NULL,
                    created_at DOUBLE PRECISION NOT NULL
                );
                DELETE FROM job_commits WHERE created_at < \(PostgresDatabase.currentTime) - 86400
                """
            )
        }
    }

    /// Begins a transaction, and returns the token by which other connections find its outcome.
    func begin() throws -> UUID {
        let token = UUID()
        _ = try execute {
            PQsendQuery(
                $0,
                """
                BEGIN ISOLATION LEVEL READ COMMITTED;
                DELETE FROM job_commits WHERE token = '\(lastToken)';
                INSERT INTO job_commits VALUES ('\(token)', 'committed', \(PostgresDatabase.currentTime))
                """
            )
        }
        return token
    }

    /// Returns whether the transaction with a token is committed, after its connection was lost. Waits until the transaction ends. One
    /// that the server has not received yet cannot be committed later.
    func isCommitted(_ token: UUID) throws -> Bool {
        let rows = try run(
            """
            INSERT INTO job_commits VALUES ($1, 'aborted', \(PostgresDatabase.currentTime))
            ON CONFLICT (token) DO UPDATE SET outcome = job_commits.outcome RETURNING outcome
            """,
            ["\(token)"]
        )
        return rows == [["committed"]]
    }

    /// Commits the transaction. If ``isLost`` is true after an error, the outcome is not known.
    func commit(_ token: UUID) throws {
        // The server reports success for the commit of a failed transaction, and rolls the transaction back.
        guard PQtransactionStatus(connection) != PQTRANS_INERROR else {
            throw SQLError("A statement of the transaction failed")
        }
        try run("COMMIT")
        lastToken = token
    }

    func rollBack() {
        // A connection with an open transaction must not be used again.
        do { try run("ROLLBACK") } catch { isLost = true }
    }

    // MARK: Statements

    /// Sends statements, and returns the rows of all of them.
    private func execute(_ send: (OpaquePointer) -> Int32) throws -> [SQLRow] {
        let deadline = ContinuousClock.now + timeout + .seconds(2)
        guard send(connection) == 1 else { throw lost(Self.text(PQerrorMessage(connection))) }
        var rows: [SQLRow] = []
        var failure: SQLError?
        while let result = try nextResult(deadline) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK: rows += Self.rows(of: result)
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: break
            case PGRES_FATAL_ERROR: failure = failure ?? error(of: result)
            // The protocol of a copy differs, and leaves the connection in another state.
            default: throw lost("The statement returned no rows")
            }
        }
        if PQstatus(connection) != CONNECTION_OK { isLost = true }
        if let failure { throw failure }
        return rows
    }

    /// Waits for the next result. Returns `nil` after the last one.
    private func nextResult(_ deadline: ContinuousClock.Instant) throws -> OpaquePointer? {
        while true {
            let unsent = PQflush(connection)
            // If the request cannot be sent, the response contains the reason.
            if unsent <= 0, PQisBusy(connection) == 0 { return PQgetResult(connection) }
            let events = unsent > 0 ? POLLIN | POLLOUT : POLLIN
            var descriptor = pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
            let remaining = max(.zero, ContinuousClock.now.duration(to: deadline))
            switch poll(&descriptor, 1, Int32(clamping: Int64(remaining / .milliseconds(1)))) {
            case 0: throw lost("The server did not respond within \(timeout + .seconds(2))")
            case ..<0 where errno != EINTR: throw lost(String(cString: strerror(errno)))
            case ..<0: continue
            default: break
            }
            if descriptor.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0, PQconsumeInput(connection) == 0 {
                throw lost(Self.text(PQerrorMessage(connection)))
            }
        }
    }

    private func lost(_ message: String) -> SQLError {
        isLost = true
        return SQLError(message)
    }

    private func error(of result: OpaquePointer) -> SQLError {
        guard let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map({ String(cString: $0) }) else {
            return lost(Self.text(PQresultErrorMessage(result)))
        }
        // The detail may contain a row, but the message contains only the value that cannot be read.
        let message = Self.text(PQresultErrorField(result, Int32(UInt8(ascii: "M"))))
        return SQLError("\(Self.withoutValue(message)) (SQLSTATE \(state))", code: state)
    }

    // MARK: C

    private static func rows(of result: OpaquePointer) -> [SQLRow] {
        (0..<PQntuples(result)).map { row in
            (0..<PQnfields(result)).map { column in
                guard PQgetisnull(result, row, column) == 0, let value = PQgetvalue(result, row, column) else {
                    return nil
                }
                return String(cString: value)
            }
        }
    }

    /// Returns a message of libpq in one line.
    static func text(_ message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "" }
        return String(cString: message).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Returns a message of PostgreSQL without the value that it quotes at its end.
    static func withoutValue(_ message: String) -> String {
        message.range(of: ": \"").map { String(message[..<$0.lowerBound]) } ?? message
    }

    /// Calls a closure with texts as C strings, which end with the call.
    private static func withCStrings<Result>(
        _ texts: [String?],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws -> Result
    ) rethrows -> Result {
        let bytes: [CChar] = texts.flatMap { $0.map { Array($0.utf8CString) } ?? [] } + [0]
        return try bytes.withUnsafeBufferPointer { buffer in
            var end = 0
            let pointers =
                texts.map { text -> UnsafePointer<CChar>? in
                    guard let text else { return nil }
                    defer { end += text.utf8.count + 1 }
                    return buffer.baseAddress.map { $0 + end }
                } + [nil]
            return try pointers.withUnsafeBufferPointer { try body($0.baseAddress) }
        }
    }
}
#endif
