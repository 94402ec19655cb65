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
    let work = Task {
        let value = try await result(of: body) {
            // The permit becomes free as soon as the caller is canceled.
            let permit = try await cancellation.acquire()
            defer { permit.release() }
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
