import Foundation
import XCTest

/// The results of many concurrent calls that are canceled at random moments.
struct Cancellations: Sendable {
    /// The number of concurrent calls.
    static let concurrency = 16

    var calls = 0
    /// The number of calls that threw a `CancellationError`.
    var canceled = 0
    /// The longest time between a cancellation and the end of the call.
    var slowest: Duration = .zero
    /// All other errors of calls.
    var problems: [String] = []
    var descriptorsBefore = 0
    var descriptorsAfter = 0

    var text: String {
        "\(calls) calls, \(canceled) canceled; slowest end \(slowest); "
            + "descriptors \(descriptorsBefore) before, \(descriptorsAfter) after"
    }

    /// Starts a call for each number and cancels the call at a random moment within a time span.
    mutating func cancel(
        _ numbers: Range<Int>,
        within span: Duration,
        _ call: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            for (index, number) in numbers.enumerated() {
                if index >= Self.concurrency, let outcome = try await group.next() { add(outcome) }
                group.addTask { try await Self.outcome(of: number, after: span * Double.random(in: 0..<1), call) }
            }
            for try await outcome in group { add(outcome) }
        }
    }

    private struct Outcome: Sendable {
        var wasCanceled = false
        var delay: Duration = .zero
        var problem: String?
    }

    private static func outcome(
        of number: Int,
        after moment: Duration,
        _ call: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Outcome {
        let task = Task { try await call(number) }
        try await Task.sleep(for: moment)
        let cancellation = ContinuousClock.now
        task.cancel()
        var outcome = Outcome()
        do { try await task.value } catch is CancellationError {
            outcome.wasCanceled = true
        } catch {
            outcome.problem = "call \(number): \(error)"
        }
        outcome.delay = ContinuousClock.now - cancellation
        return outcome
    }

    private mutating func add(_ outcome: Outcome) {
        calls += 1
        if outcome.wasCanceled { canceled += 1 }
        if let problem = outcome.problem { problems.append(problem) }
        slowest = max(slowest, outcome.delay)
    }

    /// Returns the number of open descriptors, after waiting for abandoned connections to close.
    static func descriptors(settlingTo limit: Int) async throws -> Int {
        var count = try openDescriptors()
        for _ in 1...50 where count > limit {
            try await Task.sleep(for: .milliseconds(100))
            count = try openDescriptors()
        }
        return count
    }

    private static func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
    }
}

extension XCTestCase {
    /// Runs a closure and fails if the closure does not finish in time.
    func withTimeLimit<Value: Sendable>(
        _ seconds: TimeInterval,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let done = expectation(description: "The closure has finished.")
        let results = Recorder<Result<Value, any Error>>()
        // A child task would keep the test waiting if the closure hangs.
        let work = Task {
            defer { done.fulfill() }
            do { results.append(.success(try await body())) } catch { results.append(.failure(error)) }
        }
        await fulfillment(of: [done], timeout: seconds)
        work.cancel()
        return try XCTUnwrap(results.all.first, "The closure did not finish.").get()
    }
}
