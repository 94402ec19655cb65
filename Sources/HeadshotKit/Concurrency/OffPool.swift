import Foundation

private let disk = {
    let queue = OperationQueue()
    // Four operations keep a disk busy and leave processors for other work.
    queue.maxConcurrentOperationCount = 4
    // On Linux, the cooperative pool uses Dispatch's threads of the default quality of service, so this queue uses another.
    queue.qualityOfService = .userInitiated
    return queue
}()

/// Runs a blocking disk operation on a thread outside the cooperative pool, whose few threads every task needs.
///
/// A cancellation does not interrupt the operation.
package func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    // The value passes through a lock. If a continuation is resumed before it is awaited, the thread sanitizer does not see that it
    // orders the operation before the code that follows.
    let outcome = Locked(Result<Value, any Error>.failure(CancellationError()))
    await withCheckedContinuation { continuation in
        disk.addOperation {
            let result = Result { try body() }
            outcome.withLock { $0 = result }
            continuation.resume()
        }
    }
    return try outcome.withLock { $0 }.get()
}
