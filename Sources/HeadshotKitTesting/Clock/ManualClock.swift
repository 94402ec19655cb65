import Foundation
import HeadshotKit

/// A clock that moves only when a test moves it.
///
/// Hand it to a client's configuration, and minutes of polling take no time at all:
/// ```swift
/// let clock = ManualClock()
/// async let result = client.headshots.generate(...)
/// await clock.waitForSleepers(2)     // the deadline sleeps, and the client until its next poll
/// clock.advance(by: .seconds(5))     // which comes now
/// ```
/// With ``init(autoAdvancingSleepsUpTo:)``, short sleeps such as the delays between polls move the clock by themselves, and long ones,
/// such as deadlines, end when the short ones have added up to them.
public final class ManualClock: Clock, Sendable {
    /// A point on a ``ManualClock``: the time since it was made.
    public struct Instant: InstantProtocol {
        /// The time since the clock was made.
        public var offset: Duration

        /// The point that lies `duration` later.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// How much later `other` is.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Whether `lhs` comes before `rhs`.
        public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [UUID: Sleeper] = [:]
        var cancelled: Set<UUID> = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var slept: [Duration] = []
    }

    private let state = Locked(State())
    private let skippedSleep: Duration

    /// A clock at zero.
    ///
    /// - Parameter limit: Sleeps of at most this length end at once and move the clock to their end. None does unless set. A deadline
    ///   is a sleep too: one that is not longer than this is over at once.
    public init(autoAdvancingSleepsUpTo limit: Duration = .zero) {
        skippedSleep = limit
    }

    /// The clock's time.
    public var now: Instant { state.withLock(\.now) }
    /// The finest step; none.
    public var minimumResolution: Duration { .zero }
    /// Every sleep so far that was asked for, in order: the delays that the code under test chose.
    public var sleeps: [Duration] { state.withLock(\.slept) }

    /// Waits until the clock has been moved to `deadline`.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = UUID()
        // A cancellation may arrive after the sleep has ended; its mark must not stay behind.
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil || Task.isCancelled { return .failure(CancellationError()) }
                    let duration = state.now.duration(to: deadline)
                    state.slept.append(duration)
                    if duration <= skippedSleep { return .success(()) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let outcome {
                    if case .success = outcome { move(to: deadline) }
                    continuation.resume(with: outcome)
                } else {
                    tellWatchers()
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock on and wakes everyone whose time has come, in the order of their times.
    public func advance(by duration: Duration) {
        move(to: now.advanced(by: duration))
    }

    private func move(to instant: Instant) {
        let due = state.withLock { state in
            state.now = max(state.now, instant)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Waits until at least `count` tasks sleep on this clock.
    public func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.watchers.append((count, continuation)) }
            tellWatchers()
        }
    }

    private func tellWatchers() {
        let satisfied = state.withLock { state in
            let sleeping = state.sleepers.count
            let satisfied = state.watchers.filter { $0.count <= sleeping }
            state.watchers.removeAll { $0.count <= sleeping }
            return satisfied
        }
        for watcher in satisfied { watcher.continuation.resume() }
    }
}
