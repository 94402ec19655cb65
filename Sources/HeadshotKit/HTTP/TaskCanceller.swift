import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Cancels the tasks of a transport's sessions, one at a time.
///
/// On Linux `cancel()` waits for the queue that all sessions of a process share. While a host sends without a pause, libcurl asks for
/// its next turn before the last one is over, and nothing else gets onto that queue. So the sessions' transfers are suspended for the
/// moment of a cancellation.
final class TaskCanceller: Sendable {
    private let queue = DispatchQueue(label: "HeadshotKit.TaskCanceller")
    /// Where libcurl has its turns, for each session.
    private let transfers = Locked<[DispatchQueue]>([])

    /// Takes a session that has no tasks yet.
    func add(_ session: URLSession) {
        #if canImport(FoundationNetworking)
        // No API leads there. Where a later Foundation has another name for it, a cancellation waits for a pause of the host.
        guard let queue = Mirror(reflecting: session).descendant("multiHandle", "queue") as? DispatchQueue else {
            return
        }
        transfers.withLock { $0.append(queue) }
        #endif
    }

    /// Runs something that cancels a task.
    func run(_ cancellation: @escaping @Sendable () -> Void) {
        queue.async { [transfers] in
            let suspended = transfers.withLock { $0 }
            for queue in suspended { queue.suspend() }
            cancellation()
            for queue in suspended { queue.resume() }
        }
    }
}
