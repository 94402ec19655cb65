import HTTPTypes
import NIOConcurrencyHelpers

/// The limit of the requests that each caller has in progress in this process.
struct CallerSlots: Sendable {
    let limit: Int
    private let counts = NIOLockedValueBox<[String: Int]>([:])

    /// Runs the body unless the caller has as many requests in progress as the limit.
    ///
    /// - Throws: ``StudioError`` with the status 429, or the error of the body.
    func withSlot<Value>(of caller: Caller, _ body: () async throws -> Value) async throws -> Value {
        let isFree = counts.withLockedValue { counts in
            guard counts[caller.name, default: 0] < limit else { return false }
            counts[caller.name, default: 0] += 1
            return true
        }
        guard isFree else {
            var error = StudioError(
                .tooManyRequests,
                "too_many_requests",
                "You have \(limit) requests in progress. Wait for one of them, and try again."
            )
            error.headers[.retryAfter] = "5"
            throw error
        }
        defer { counts.withLockedValue { $0[caller.name, default: 1] -= 1 } }
        return try await body()
    }
}
