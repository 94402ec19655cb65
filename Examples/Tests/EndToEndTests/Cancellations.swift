import Foundation
import XCTest

/// Calls that are canceled on their way, many at a time, and what came of it.
struct Cancellations: Sendable {
    /// How many are under way at a time.
    static let concurrency = 16

    var calls = 0
    /// Those that threw a `CancellationError`.
    var canceled = 0
    /// The longest time from a cancellation to the end of its call.
    var slowest: Duration = .zero
    /// Every other error of a call.
    var problems: [String] = []
    var descriptorsBefore = 0
    var descriptorsAfter = 0

    var text: String {
        "\(calls) calls, \(canceled) canceled; slowest end \(slowest); "
            + "descriptors \(descriptorsBefore) before, \(descriptorsAfter) after"
    }

    /// Makes a call for each number and cancels it within a span of time, at any moment of it.
    mutating func cancel(
        _ numbers: Range<Int>,
        within span: Duration,
        _ call: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            for (index, number) in numbers.enumerated() {
                if index >= Self.concurrency, let ending = try await group.next() { add(ending) }
                group.addTask { try await Self.ending(of: number, after: span * Double.random(in: 0..<1), call) }
            }
            for try await ending in group { add(ending) }
        }
    }

    private struct Ending: Sendable {
        var wasCancelled = false
        var delay: Duration = .zero
        var problem: String?
    }

    private static func ending(
        of number: Int,
        after moment: Duration,
        _ call: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Ending {
        let task = Task { try await call(number) }
        try await Task.sleep(for: moment)
        let cancellation = ContinuousClock.now
        task.cancel()
        var ending = Ending()
        do { try await task.value } catch is CancellationError {
            ending.wasCancelled = true
        } catch {
            ending.problem = "call \(number): \(error)"
        }
        ending.delay = ContinuousClock.now - cancellation
        return ending
    }

    private mutating func add(_ ending: Ending) {
        calls += 1
        if ending.wasCancelled { canceled += 1 }
        if let problem = ending.problem { problems.append(problem) }
        slowest = max(slowest, ending.delay)
    }

    /// The number of open descriptors, as soon as it is low enough: connections that were given up take a moment to close.
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
    /// Does something that may hang, and fails if it does.
    func ending<Value: Sendable>(
        within seconds: TimeInterval,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let done = expectation(description: "everything has ended")
        let results = Recorder<Result<Value, any Error>>()
        // Not part of this test's task, which would wait for it for ever.
        let work = Task {
            defer { done.fulfill() }
            do { results.append(.success(try await body())) } catch { results.append(.failure(error)) }
        }
        await fulfillment(of: [done], timeout: seconds)
        work.cancel()
        return try XCTUnwrap(results.all.first, "it hangs").get()
    }
}
