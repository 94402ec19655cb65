import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Makes, starts and cancels the tasks of a transport's sessions, one at a time and never on a thread of Swift's concurrency.
///
/// On Linux each of these waits for a queue that all sessions of a process share, and libcurl keeps that queue for as long as one of
/// them has something to read. A busy connection would stop all others. So while requests are under way, a watch checks whether
/// that queue takes work. If it does not, the watch suspends the sessions' transfers until the work is done.
final class TaskControl: Sendable {
    private struct State {
        /// How many requests are under way.
        var requests = 0
        var isWatched = false
        /// Where libcurl works, for each session.
        var transfers: [DispatchQueue] = []
        /// The queue that all sessions share.
        var shared: DispatchQueue?
    }

    /// How long the shared queue may be busy. Suspending more often costs more than it brings: Foundation then leaves connections
    /// open whose requests were cancelled.
    private static let patience = DispatchTimeInterval.milliseconds(100)

    private let queue = DispatchQueue(label: "HeadshotKit.TaskControl")
    private let watch = DispatchQueue(label: "HeadshotKit.TaskControl.watch")
    private let state = Locked(State())

    /// Takes a session that has no tasks yet.
    func add(_ session: URLSession) {
        #if canImport(FoundationNetworking)
        // No API leads there. Under other names in a later Foundation, requests wait for a pause of the busiest host.
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

    /// Makes a task.
    func make(_ task: @escaping @Sendable () throws -> URLSessionTask) async throws -> URLSessionTask {
        try await withCheckedThrowingContinuation { continuation in
            run { continuation.resume(with: Result(catching: task)) }
        }
    }

    /// Starts or cancels a task, later.
    func run(_ action: @escaping @Sendable () -> Void) {
        queue.async(execute: action)
    }

    /// Watches the shared queue until as many requests have ended as have begun.
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
        // Done once every action that was asked for before is done.
        queue.async(group: probe) { shared.sync {} }
        watch.asyncAfter(deadline: .now() + Self.patience) { [self] in
            if probe.wait(timeout: .now()) == .timedOut {
                let suspended = state.withLock(\.transfers)
                for queue in suspended { queue.suspend() }
                probe.wait()
                // In any order: one that does not let the others go on is not always the first.
                for queue in suspended.shuffled() { queue.resume() }
            }
            check()
        }
    }
}
