import ArgumentParser
import Foundation

/// A worker that runs a share of the jobs. It may be killed at any moment, and the next worker continues from the files.
struct ChaosWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "A worker of a run.",
        shouldDisplay: false
    )

    @Option(help: "The directory of the run.") var directory: String
    @Option(help: "The base URL of both services.") var server: String
    @Option(help: "The number of the first job.") var first: Int
    @Option(help: "The number of jobs.") var count: Int
    @Option(help: "The number of concurrent jobs.") var concurrency = 8
    @Flag(help: "Send a tag with every create request.") var correlation = false
    @Flag(help: "Handle the message of every order until its outcome is known.") var orders = false

    /// The time after which a worker gives up if the run that started it was killed. The run itself ends a worker sooner.
    private static let limit = Duration.seconds(300)

    func run() async throws {
        let runDirectory = RunDirectory(root: URL(fileURLWithPath: directory))
        let state = try WorkerState(runDirectory, server: server, isCorrelated: correlation)
        let assignments = (first..<first + count).map { Assignment(number: $0, isOrder: orders) }
        let isDone = try await orders ? handleMessages(of: assignments, with: state) : finish(assignments, with: state)
        guard isDone else { throw ExitCode(3) }
    }

    private func finish(_ assignments: [Assignment], with state: WorkerState) async throws -> Bool {
        let end = ContinuousClock.now + Self.limit
        while ContinuousClock.now < end {
            try await state.resumeAll()
            let open = try await state.notStarted(assignments)
            if open.notStarted.isEmpty, open.inProgress == 0 { return true }
            _ = try await concurrently(open.notStarted) { try await state.run($0) }
            if open.inProgress > 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
        return false
    }

    /// Handles the message of every order that no worker has delivered, again and again, until this process knows the outcome.
    private func handleMessages(of orders: [Assignment], with state: WorkerState) async throws -> Bool {
        var open = try orders.filter { try state.runDirectory.note($0.number)?.ending != .delivered }
        let end = ContinuousClock.now + Self.limit
        while ContinuousClock.now < end {
            let isSettled = try await concurrently(open) { try await state.handleMessage(of: $0) }
            open = zip(open, isSettled).filter { !$1 }.map(\.0)
            if open.isEmpty { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    /// Returns the results of a closure for all assignments, of which a few are in progress at a time.
    private func concurrently<Result: Sendable>(
        _ assignments: [Assignment],
        _ body: @escaping @Sendable (Assignment) async throws -> Result
    ) async throws -> [Result] {
        var results: [Int: Result] = [:]
        try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (index, assignment) in assignments.enumerated() {
                if index >= concurrency, let (done, result) = try await group.next() { results[done] = result }
                group.addTask { (index, try await body(assignment)) }
            }
            for try await (done, result) in group { results[done] = result }
        }
        return assignments.indices.compactMap { results[$0] }
    }
}
