/// Does something that a cancellation of the caller, then or before, must not cut short at once: its result is worth more than the
/// moment it takes.
///
/// - Parameters:
///   - grace: How long it may go on after the caller was cancelled.
func withCancellationShield<Value: Sendable>(
    grace: Duration,
    clock: any Clock<Duration>,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let cancellation = AsyncSemaphore(places: 1)
    let hold = cancellation.enterAtOnce()
    // Not a child of the caller, so that it does not inherit the cancellation; but the caller waits for it, and ends it.
    let work = Task {
        let value = try await result(of: body) {
            // Free as soon as the caller is cancelled.
            let place = try await cancellation.enter()
            defer { place.release() }
            try await clock.sleep(for: grace)
        }
        guard let value else { throw CancellationError() }
        return value
    }
    return try await withTaskCancellationHandler {
        try await work.value
    } onCancel: {
        hold?.release()
    }
}
