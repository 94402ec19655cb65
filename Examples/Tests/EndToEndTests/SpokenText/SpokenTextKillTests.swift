import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// A process that makes a talking photo from a text and is killed at any of its requests. Other processes finish both jobs.
final class SpokenTextKillTests: XCTestCase {
    /// The request at which a process is killed, from 1.
    private struct Moment: Sendable {
        var request: Int
        /// Whether the service processes the request.
        var isProcessed: Bool
    }

    /// What is known after all jobs were resumed.
    private enum Outcome { case delivered, unconfirmed, nothingCharged }

    private struct Trial: Equatable {
        var outcome: Outcome
        /// Whether the first process was killed after it paid for the speech and before it paid for the video.
        var isBetweenJobs = false
    }

    /// The number of the current process's requests, and the one at which it is killed.
    private final class Schedule: @unchecked Sendable {
        // Unchecked because `lock` guards all mutable state.
        private let lock = NSLock()
        private var (count, moment): (Int, Moment?) = (0, nil)
        private var process: Int32?

        var isReached: Bool { lock.withLock { moment.map { count >= $0.request } ?? false } }

        func begin(_ moment: Moment?) { lock.withLock { (count, self.moment, process) = (0, moment, nil) } }

        func setProcess(_ number: Int32) { lock.withLock { process = number } }

        func fault() -> InjectedFault? {
            lock.withLock {
                count += 1
                guard let moment, count >= moment.request else { return nil }
                // Without a response, the process does nothing more until it is killed.
                if count == moment.request, moment.isProcessed { return .silence }
                if let process { kill(process, SIGKILL) }
                return .droppedBeforeProcessing
            }
        }
    }

    /// Starts a process and kills it at a moment. Returns whether it ended before.
    private static func run(
        _ command: String,
        _ gateway: FaultyGateway,
        _ directory: URL,
        _ schedule: Schedule,
        _ moment: Moment? = nil
    ) async throws -> Bool {
        schedule.begin(moment)
        let process = Process()
        process.executableURL = products.appendingPathComponent("SpokenTextWorker")
        process.arguments = [command, gateway.baseURL.absoluteString, directory.path]
        process.environment = ["TMPDIR": directory.path]
        let (ended, continuation) = AsyncStream.makeStream(of: Void.self)
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        let number = process.processIdentifier
        schedule.setProcess(number)
        let killer = Task {
            for _ in 0..<6_000 where !schedule.isReached { try await Task.sleep(for: .milliseconds(10)) }
            kill(number, SIGKILL)
        }
        for await _ in ended {}
        killer.cancel()
        if process.terminationReason == .exit {
            XCTAssertEqual(process.terminationStatus, 0)
            return true
        }
        return false
    }

    private static var products: URL {
        #if os(macOS)
        Bundle(for: SpokenTextKillTests.self).bundleURL.deletingLastPathComponent()
        #else
        Bundle.main.bundleURL
        #endif
    }

    private static func charges(_ service: SimulatedService) -> [Int] {
        [SimulatedService.Route.createOtherJob, .createTalkingPhoto].map { route in
            service.jobs.filter { $0.operation == route }.count
        }
    }

    /// Kills a process at a moment, and the first one that resumes its jobs as well. Returns `nil` if no process was killed.
    private static func runTrial(at moment: Moment, _ directory: URL) async throws -> Trial? {
        try SampleMedia.portraitPNG(width: 32, height: 32).write(to: directory.appendingPathComponent("me.png"))
        var configuration = SimulatedService.Configuration()
        (configuration.queueDuration, configuration.jobDuration) = (.zero, .milliseconds(30))
        let service = SimulatedService(configuration: configuration)
        let schedule = Schedule()
        let gateway = try await FaultyGateway.start(service) { _ in schedule.fault() }
        defer { Task { await gateway.stop() } }
        guard try await !run("generate", gateway, directory, schedule, moment) else {
            XCTAssertEqual(charges(service), [1, 1])
            return nil
        }
        // A request that was forwarded is processed, although its process is gone.
        let atKill = charges(service)
        // The first three requests of a resumption create no job.
        let second = Moment(request: moment.request % 3 + 1, isProcessed: moment.isProcessed)
        _ = try await run("resume", gateway, directory, schedule, second)
        let isDone = try await run("resume", gateway, directory, schedule)
        XCTAssertTrue(isDone)
        let label = "request \(moment.request), \(moment.isProcessed ? "" : "not ")processed"
        let records = try await FileJobStore(directory: directory.appendingPathComponent("store")).records()
        XCTAssertLessThanOrEqual(charges(service).max() ?? 0, 1, label)
        if !records.isEmpty {
            XCTAssertEqual(records.map(\.isUnconfirmed), [true], label)
            return Trial(outcome: .unconfirmed, isBetweenJobs: atKill == [1, 0])
        }
        guard charges(service) != [0, 0] else { return Trial(outcome: .nothingCharged) }
        XCTAssertEqual(service.ledger.map(\.amount), [2, 48], label)
        let outputs = try FileManager.default.contentsOfDirectory(
            atPath: directory.appendingPathComponent("outputs").path
        )
        XCTAssertEqual(outputs.filter { $0.hasSuffix(".mp4") }.count, 1, label)
        return Trial(outcome: .delivered, isBetweenJobs: atKill == [1, 0])
    }

    /// Kills a process at each of its requests. The processes wait most of the time, so several run at once.
    private static func runTrials(isProcessed: Bool) async throws -> [Trial] {
        var trials: [Trial] = []
        while true {
            let requests = trials.count + 1...trials.count + 6
            let batch = try await withThrowingTaskGroup(of: Trial?.self) { group in
                for request in requests {
                    group.addTask {
                        try await withTemporaryDirectory { directory in
                            try await runTrial(at: Moment(request: request, isProcessed: isProcessed), directory)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            trials += batch.compactMap { $0 }
            if batch.contains(nil) { return trials }
        }
    }

    func testProcessThatIsKilledAnywhereIsFinishedByAnotherAndPaidOnce() async throws {
        for isProcessed in [false, true] {
            let delivered = try await Self.runTrials(isProcessed: isProcessed).filter { $0.outcome == .delivered }
            // All but the uploads of the photo and the two create requests.
            XCTAssertGreaterThanOrEqual(delivered.count, 6)
            // The polls and the download of the speech, and the two uploads for the video.
            XCTAssertGreaterThanOrEqual(delivered.filter(\.isBetweenJobs).count, 4)
        }
    }
}
