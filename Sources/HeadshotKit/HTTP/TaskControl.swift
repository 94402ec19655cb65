import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Makes, starts and cancels the tasks of a transport's sessions, one at a time and never on a thread of Swift's concurrency.
///
/// On Linux each of these waits for a queue that all sessions of a process share, and libcurl keeps that queue for as long as there is
/// something to read. So the sessions' transfers are suspended meanwhile. Otherwise a busy connection would stop whatever the process
/// does in Swift's tasks, and a cancellation would wait for as long as a host sends.
final class TaskControl: Sendable {
    private let queue = DispatchQueue(label: "HeadshotKit.TaskControl")
    /// Where libcurl works, for each session.
    private let transfers = Locked<[DispatchQueue]>([])

    /// Takes a session that has no tasks yet.
    func add(_ session: URLSession) {
        #if canImport(FoundationNetworking)
        // No API leads there. Under another name in a later Foundation, a cancellation waits for a pause of the host.
        guard let queue = Mirror(reflecting: session).descendant("multiHandle", "queue") as? DispatchQueue else {
            return
        }
        transfers.withLock { $0.append(queue) }
        #endif
    }

    /// Makes a task.
    func make(_ task: @escaping @Sendable () throws -> URLSessionTask) async throws -> URLSessionTask {
        try await withCheckedThrowingContinuation { continuation in
            run { continuation.resume(with: Result(catching: task)) }
        }
    }

    /// Starts or cancels a task, later.
    func run(_ action: @escaping @Sendable () -> Void) {
        queue.async { [transfers] in
            let suspended = transfers.withLock { $0 }
            for queue in suspended { queue.suspend() }
            action()
            for queue in suspended { queue.resume() }
        }
    }
}
