/// Runs a body, and cancels it and throws an error if it takes too long.
func withTimeout<Value: Sendable>(
    _ limit: Duration,
    _ clock: any Clock<Duration>,
    _ error: StudioError,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask(operation: body)
        group.addTask {
            try await clock.sleep(for: limit)
            throw error
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
