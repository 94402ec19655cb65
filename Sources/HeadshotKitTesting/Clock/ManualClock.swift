import Foundation
import HeadshotKit

/// A clock that a test advances manually.
///
/// Pass the clock to a client's configuration to run minutes of polling without real waits:
/// ```swift
/// let clock = ManualClock()
/// let configuration = ClientConfiguration(transport: service, clock: clock)
/// let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
/// async let result = magicHour.headshots.generate(request)
/// await clock.waitForSleepers(2)     // the deadline and the delay before the next poll
/// clock.advance(by: .seconds(5))     // starts the next poll
/// ```
/// With ``init(autoAdvancingSleepsUpTo:)``, short sleeps, such as the delays between polls, advance the clock automatically. Long
/// sleeps, such as deadlines, end after the short sleeps add up to their length.
public final class ManualClock: Clock, Sendable {
    /// A point in time on a ``ManualClock``.
    public struct Instant: InstantProtocol {
        /// The time since the clock was created.
        public var offset: Duration

        /// Returns the instant that is `duration` later.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// Returns the duration from this instant to `other`.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Returns whether `lhs` is earlier than `rhs`.
        public static func < (lhs: Instant, rhs: Instant) -> Bool { lhs.offset < rhs.offset }
    }

    private struct Sleeper {
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [UUID: Sleeper] = [:]
        var canceled: Set<UUID> = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var slept: [Duration] = []
    }

    private let state = Locked(State())
    private let skippedSleep: Duration

    /// Creates a clock that starts at zero.
    ///
    /// - Parameter limit: The length of the longest sleep that ends immediately and advances the clock to its end. A deadline is
    ///   also a sleep, so a deadline up to this length expires immediately. Defaults to zero, which disables automatic advancing.
    public init(autoAdvancingSleepsUpTo limit: Duration = .zero) {
        skippedSleep = limit
    }

    /// The current time of the clock.
    public var now: Instant { state.withLock(\.now) }
    /// The smallest step of the clock, which is zero.
    public var minimumResolution: Duration { .zero }
    /// The durations of all requested sleeps, in order. They are the delays that the code under test chose.
    public var sleeps: [Duration] { state.withLock(\.slept) }

    /// Waits until the clock reaches `deadline`.
    ///
    /// - Throws: `CancellationError` if the task is canceled.
    public func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let id = UUID()
        // A cancellation that arrives after the sleep ends must not leave its ID in the set.
        defer { state.withLock { _ = $0.canceled.remove(id) } }
        // A task that only sleeps on this clock must not keep others from running, such as one whose deadline it reached.
        await Task.yield()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let outcome: Result<Void, any Error>? = state.withLock { state in
                    if state.canceled.remove(id) != nil || Task.isCancelled { return .failure(CancellationError()) }
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
                if sleeper == nil { state.canceled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Advances the clock and resumes all sleeps whose deadline is reached, in the order of their deadlines.
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

    /// Waits until at least `count` tasks are sleeping on this clock.
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
