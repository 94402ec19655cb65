/// Runs an operation that a cancellation of the caller, before or during the call, must not stop immediately.
///
/// The result of the operation is worth the short delay.
///
/// - Parameters:
///   - grace: The time for which the operation may continue after the caller is canceled.
func withCancellationShield<Value: Sendable>(
    grace: Duration,
    clock: any Clock<Duration>,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let cancellation = AsyncSemaphore(permits: 1)
    let hold = cancellation.tryAcquire()
    // An unstructured task does not inherit the cancellation. The caller still waits for the task and ends it.
    let work = ShieldedCaller.$cancellation.withValue(cancellation) {
        Task {
            let value = try await result(of: body) {
                // The permit becomes free as soon as the caller is canceled.
                try await cancellation.acquire().release()
                try await clock.sleep(for: grace)
            }
            guard let value else { throw CancellationError() }
            return value
        }
    }
    return try await withTaskCancellationHandler {
        try await work.value
    } onCancel: {
        hold?.release()
    }
}

/// The caller of the surrounding ``withCancellationShield(grace:clock:_:)``, for steps that the shield need not protect.
enum ShieldedCaller {
    /// A semaphore whose only permit becomes free as soon as the caller is canceled.
    @TaskLocal fileprivate static var cancellation: AsyncSemaphore?

    /// Runs a step that a cancellation of the caller stops immediately, such as waiting for a connection.
    ///
    /// - Returns: The value of the step, or `nil` if the caller is canceled. Without a shield, the task's own cancellation applies.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        guard let cancellation else { return try await body() }
        let value = try await result(of: body) { try await cancellation.acquire().release() }
        return cancellation.tryAcquire() == nil ? value : nil
    }
}
