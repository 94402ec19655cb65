import Foundation

private let disk = {
    let queue = OperationQueue()
    // Enough to keep a disk busy, few enough to leave the processors to the others.
    queue.maxConcurrentOperationCount = 4
    // On Linux the cooperative pool is dispatch's pool of threads for the default quality of service: not that one.
    queue.qualityOfService = .userInitiated
    return queue
}()

/// Does something that waits for a disk on a thread that may wait: those of the cooperative pool are few, and every task needs them.
/// It is not cut short by a cancellation.
package func offPool<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        disk.addOperation { continuation.resume(with: Result { try body() }) }
    }
}
