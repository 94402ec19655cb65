import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A control that creates, starts, and cancels the tasks of a transport's sessions, one at a time and never on a thread of Swift
/// concurrency.
///
/// On Linux, each of these actions waits for a queue that all sessions of a process share. libcurl occupies that queue as long as
/// one of the sessions has data to read, so a busy connection would block all others. While requests are in flight, a watch
/// therefore checks whether the queue accepts work. If the queue does not, the watch suspends the sessions' transfers until the
/// work is done.
final class TaskControl: Sendable {
    private struct State {
        /// The number of requests in flight.
        var requests = 0
        var isWatched = false
        /// Whether the last check of the shared queue took longer than `promptness`.
        var isBehind = false
        /// The queue on which libcurl runs, for each session.
        var transfers: [DispatchQueue] = []
        /// The queue that all sessions share.
        var shared: DispatchQueue?
    }

    /// The time for which the shared queue may be busy. Suspending transfers more often has a cost, because Foundation then
    /// leaves connections of canceled requests open.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    /// The time in which an idle shared queue accepts work. With processor time to spare, it takes less than 0.1 ms, and with a
    /// thousand concurrent jobs on two cores, about 5 ms.
    private static let promptness = Duration.milliseconds(1)

    private let queue = DispatchQueue(label: "HeadshotKit.TaskControl")
    private let watch = DispatchQueue(label: "HeadshotKit.TaskControl.watch")
    private let state = Locked(State())

    /// Adds a session that has no tasks yet.
    func add(_ session: URLSession) {
        #if canImport(FoundationNetworking)
        // No API exposes these queues. If a later Foundation renames them, requests wait for a pause of the busiest host.
        let mirror = Mirror(reflecting: session)
        guard let transfers = mirror.descendant("multiHandle", "queue") as? DispatchQueue,
            let shared = mirror.descendant("workQueue") as? DispatchQueue
        else { return }
        state.withLock { state in
            state.transfers.append(transfers)
            state.shared = shared
        }
        #endif
    }

    /// Whether the process has more requests than it can handle at once. Always false if the queues are unknown.
    var isBehind: Bool { state.withLock { $0.isWatched && $0.isBehind } }

    /// Creates a task.
    func make(_ task: @escaping @Sendable () throws -> URLSessionTask) async throws -> URLSessionTask {
        try await withCheckedThrowingContinuation { continuation in
            run { continuation.resume(with: Result(catching: task)) }
        }
    }

    /// Schedules an action that starts or cancels a task.
    func run(_ action: @escaping @Sendable () -> Void) {
        queue.async(execute: action)
    }

    /// Watches the shared queue until every request has ended.
    func requestBegins() {
        let isWatched = state.withLock { state in
            state.requests += 1
            defer { state.isWatched = true }
            return state.isWatched
        }
        if !isWatched { check() }
    }

    func requestEnds() {
        state.withLock { $0.requests -= 1 }
    }

    private func check() {
        let shared = state.withLock { state in
            state.isWatched = state.requests > 0
            return state.isWatched ? state.shared : nil
        }
        guard let shared else { return }
        let probe = DispatchGroup()
        let start = ContinuousClock.now
        // The probe completes after every action that was queued before it.
        queue.async(group: probe) { [self] in
            shared.sync {}
            state.withLock { $0.isBehind = start.duration(to: .now) > Self.promptness }
        }
        watch.asyncAfter(deadline: .now() + Self.patience) { [self] in
            if probe.wait(timeout: .now()) == .timedOut {
                let suspended = state.withLock(\.transfers)
                for queue in suspended { queue.suspend() }
                probe.wait()
                // The order is random, because the queue that blocks the others is not always the first.
                for queue in suspended.shuffled() { queue.resume() }
            }
            check()
        }
    }
}
