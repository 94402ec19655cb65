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

    /// Does something, unless the time is over before it is done: then it is cancelled, and the error thrown where nothing came of it.
    func run<Value: Sendable>(
        orThrow error: @escaping @Sendable () -> any Error,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let value = try await result(of: body, until: sleepUntilEnd) else {
            try Task.checkCancellation()
            throw error()
        }
        return value
    }
}

/// Does something until `end` returns or the caller is cancelled, and cancels it then. What it brings all the same counts: it was done.
///
/// - Returns: The result; nil where it came to nothing because of its end.
func result<Value: Sendable>(
    of body: @escaping @Sendable () async throws -> Value,
    until end: @escaping @Sendable () async throws -> Void
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Result<Value, any Error>?.self) { group in
        defer { group.cancelAll() }
        group.addTask {
            do { return .success(try await body()) } catch { return .failure(error) }
        }
        group.addTask {
            do { try await end() } catch { return nil }
            return nil
        }
        var isOver = false
        while let ending = try await group.next() {
            switch ending {
            case .success(let value): return value
            case .failure(let error):
                if isOver || Task.isCancelled { return nil }
                throw error
            case nil:
                isOver = true
                group.cancelAll()
            }
        }
        return nil
    }
}
