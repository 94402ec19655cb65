#if Postgres
import Foundation

/// The connections of a ``PostgresDatabase``.
final class PostgresPool: @unchecked Sendable {
    // Unchecked because `lock` guards `idle`, and one thread at a time uses a connection.
    let settings: PostgresSettings
    private let timeout: Duration
    private let lock = NSLock()
    private var idle: [PostgresConnection] = []
    /// Each operation uses a connection, and blocks a thread of its own.
    private let queue = OperationQueue()

    init(_ settings: PostgresSettings, maximumConnections: Int, timeout: Duration) {
        self.settings = settings
        self.timeout = timeout
        queue.maxConcurrentOperationCount = maximumConnections
    }

    /// Opens the first connection, and creates the table of the commits. The settings may be wrong, so there is one attempt.
    func open() async throws {
        try await onQueue {
            let connection = try self.connect()
            try connection.prepareCommits()
            self.put(connection)
        }
    }

    /// Runs a body with a connection. Runs the body again if its connection is lost or another transaction is in conflict.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresPool, PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await onQueue { try self.retry { try body(self, $0) } }
    }

    /// Returns whether a transaction whose connection was lost is committed.
    func isCommitted(_ token: UUID) throws -> Bool {
        do { return try retry { try $0.isCommitted(token) } } catch { throw UnknownOutcome(reason: "\(error)") }
    }

    /// An error that a transaction may be committed, so that it must not run again.
    private struct UnknownOutcome: Error {
        let reason: String
    }

    private func retry<Value>(_ body: (PostgresConnection) throws -> Value) throws -> Value {
        var deadline: ContinuousClock.Instant?
        var delay = 0.0
        while true {
            var connection = lock.withLock { idle.popLast() }
            do {
                let current = try connection ?? connect()
                connection = current
                let value = try body(current)
                put(current)
                return value
            } catch let outcome as UnknownOutcome {
                throw SQLError(
                    "The connection was lost during a commit, and the changes may be stored: \(outcome.reason)"
                )
            } catch {
                let isLost = connection?.isLost ?? true
                if let connection, !isLost {
                    put(connection)
                } else {
                    // The server may have restarted, which ends all connections.
                    lock.withLock { idle.removeAll() }
                }
                let isConflict = ["40001", "40P01"].contains((error as? SQLError)?.code)
                let now = ContinuousClock.now
                let end = deadline ?? now + timeout
                deadline = end
                guard isLost || isConflict, now < end else { throw error }
            }
            Thread.sleep(forTimeInterval: delay)
            delay = min(delay + 0.1, 0.5)
        }
    }

    private func connect() throws -> PostgresConnection { try PostgresConnection(settings, timeout: timeout) }

    private func put(_ connection: PostgresConnection) {
        lock.withLock { idle.append(connection) }
    }

    private func onQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result(catching: body)) }
        }
    }
}
#endif
