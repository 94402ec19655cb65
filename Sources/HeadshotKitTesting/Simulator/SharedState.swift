import HeadshotKit

/// The state of a simulated service behind a lock, moved to the current time of the clock at each access.
struct SharedState: Sendable {
    let clock: any Clock<Duration>

    private let elapsed: @Sendable () -> Duration
    private let state: Locked<SimulatedState>

    init(_ state: SimulatedState, clock: any Clock<Duration>) {
        self.clock = clock
        elapsed = Self.stopwatch(clock)
        self.state = Locked(state)
    }

    func withLock<Result>(_ body: (inout SimulatedState) throws -> Result) rethrows -> Result {
        try state.withLock { state in
            state.move(to: elapsed())
            return try body(&state)
        }
    }

    private static func stopwatch<C: Clock>(_ clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}
