/// A point in time up to which something may take.
struct Deadline: Sendable {
    private let sleepUntilEnd: @Sendable () async throws -> Void
    private let timeLeft: @Sendable () -> Duration

    init(in duration: Duration, clock: any Clock<Duration>) {
        func capture<C: Clock>(_ clock: C) -> (@Sendable () async throws -> Void, @Sendable () -> Duration)
        where C.Duration == Duration {
            // Clocks trap beyond some hundreds of years, and "for ever" is a natural thing to ask for.
            let end = clock.now.advanced(by: min(duration, .seconds(10 * 365 * 86_400)))
            return ({ try await clock.sleep(until: end, tolerance: nil) }, { clock.now.duration(to: end) })
        }
        (sleepUntilEnd, timeLeft) = capture(clock)
    }

    /// How long there is still; negative when it is over.
    var remaining: Duration { timeLeft() }

    /// Does something, unless the time is over before it is done: then it is cancelled, and the error thrown.
    func run<Value: Sendable>(
        orThrow error: @escaping @Sendable () -> any Error,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                try await sleepUntilEnd()
                throw error()
            }
            guard let value = try await group.next() else { throw CancellationError() }
            return value
        }
    }
}
