/// A point in time by which an operation must finish.
struct Deadline: Sendable {
    private let sleepUntilEnd: @Sendable () async throws -> Void
    private let timeLeft: @Sendable () -> Duration

    init(in duration: Duration, clock: any Clock<Duration>) {
        func capture<C: Clock>(_ clock: C) -> (@Sendable () async throws -> Void, @Sendable () -> Duration)
        where C.Duration == Duration {
            // Clocks trap on durations beyond some hundreds of years, and "forever" is a natural duration to request.
            let end = clock.now.advanced(by: min(duration, .seconds(10 * 365 * 86_400)))
            return ({ try await clock.sleep(until: end, tolerance: nil) }, { clock.now.duration(to: end) })
        }
        (sleepUntilEnd, timeLeft) = capture(clock)
    }

    /// The time left until the deadline. Negative after the deadline.
    var remaining: Duration { timeLeft() }

    /// Runs an operation and cancels it at the deadline.
    ///
    /// - Throws: `error` if the operation is canceled at the deadline and returns no value.
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

/// Runs an operation, and cancels it if `end` returns or the caller is canceled.
///
/// A value that the operation returns after its cancellation still counts, because the work is done.
///
/// - Returns: The value, or `nil` if the operation was canceled and returned no value.
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
