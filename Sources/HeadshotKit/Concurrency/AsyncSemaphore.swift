import Foundation

/// A semaphore that suspends tasks until a permit is free, in first-in, first-out order.
final class AsyncSemaphore: Sendable {
    /// A permit, which is held until it is released or deinitialized.
    final class Permit: Sendable {
        private let semaphore: Locked<AsyncSemaphore?>

        fileprivate init(in semaphore: AsyncSemaphore) {
            self.semaphore = Locked(semaphore)
        }

        deinit { release() }

        func release() {
            let semaphore = semaphore.withLock { semaphore in
                defer { semaphore = nil }
                return semaphore
            }
            semaphore?.release()
        }
    }

    private struct State {
        var free: Int
        var waiting: [(id: UUID, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    private let state: Locked<State>

    init(permits: Int) {
        state = Locked(State(free: max(1, permits)))
    }

    /// The number of tasks that wait for a permit.
    var waitingCount: Int { state.withLock(\.waiting.count) }

    /// Returns a permit if one is free, even if the caller was canceled. Returns `nil` if no permit is free.
    func tryAcquire() -> Permit? {
        let isFree = state.withLock { state in
            guard state.free > 0 else { return false }
            state.free -= 1
            return true
        }
        return isFree ? Permit(in: self) : nil
    }

    /// Waits for a permit.
    ///
    /// - Throws: `CancellationError` if the caller is canceled.
    func acquire() async throws -> Permit {
        let id = UUID()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    // An earlier cancellation ran its handler before a continuation existed.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    if state.free > 0 {
                        state.free -= 1
                        return .success(())
                    }
                    state.waiting.append((id, continuation))
                    return nil
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                let index = state.waiting.firstIndex { $0.id == id }
                return index.map { state.waiting.remove(at: $0) }
            }
            waiting?.continuation.resume(throwing: CancellationError())
        }
        return Permit(in: self)
    }

    private func release() {
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil as CheckedContinuation<Void, any Error>?
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
