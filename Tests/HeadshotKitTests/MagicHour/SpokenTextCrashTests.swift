import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A talking photo from a text whose process crashes before or after any request and any change of the store.
final class SpokenTextCrashTests: MockTestCase {
    private var service = SimulatedService()

    private var storeDirectory: URL { clients.directory.appendingPathComponent("jobs") }
    private var outputs: URL { clients.directory.appendingPathComponent("outputs") }

    private func magicHour(_ crash: Crash?) throws -> MagicHour {
        let store = try FileJobStore(directory: storeDirectory)
        var configuration = ClientConfiguration(
            transport: service,
            clock: clients.clock,
            durations: DurationHistory(),
            jobStore: store
        )
        if let crash {
            configuration.transport = CrashingTransport(inner: service, crash: crash)
            configuration.jobStore = CrashingStore(inner: store, crash: crash)
        }
        return try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
    }

    private func options(_ policy: GenerationOptions.ReferencePolicy) -> GenerationOptions {
        var options = clients.options
        options.downloadDirectory = outputs
        if policy != .any { (options.reference, options.referencePolicy) = ("order 1", policy) }
        return options
    }

    /// Runs a call that crashes at a point. Returns whether the call ended before the crash.
    private func run(_ crash: Crash, _ body: @escaping @Sendable (MagicHour) async throws -> Void) async throws -> Bool
    {
        let magicHour = try magicHour(crash)
        let isReady = Locked(false)
        let call = Task {
            while !isReady.withLock({ $0 }) { await Task.yield() }
            try await body(magicHour)
        }
        crash.onCrash { call.cancel() }
        isReady.withLock { $0 = true }
        do { try await call.value } catch  where crash.hasHappened { return false }
        return !crash.hasHappened
    }

    private static func generate(with magicHour: MagicHour, _ options: GenerationOptions) async throws {
        _ = try await magicHour.talkingPhotos.generate(
            photo: .data(SampleMedia.portraitPNG(width: 32, height: 32)),
            saying: "Welcome to our team!",
            voice: "Albert Einstein",
            options: options
        )
    }

    /// The number of charged jobs of speech and of video.
    private var charges: [Int] {
        [SimulatedService.Route.createOtherJob, .createTalkingPhoto].map { route in
            service.jobs.filter { $0.operation == route }.count
        }
    }

    private func reset() throws {
        service = SimulatedService(clock: clients.clock)
        for directory in [storeDirectory, outputs] where FileManager.default.fileExists(atPath: directory.path) {
            try FileManager.default.removeItem(at: directory)
        }
    }

    private var videos: [String] {
        get throws {
            guard FileManager.default.fileExists(atPath: outputs.path) else { return [] }
            return try FileManager.default.contentsOfDirectory(atPath: outputs.path).filter { $0.hasSuffix(".mp4") }
        }
    }

    /// What is known after all jobs were resumed.
    private enum Ending { case delivered, unconfirmed, nothingCharged }

    /// Resumes all jobs, and checks that each was paid for once at most.
    private func finish(_ label: String) async throws -> Ending {
        let magicHour = try magicHour(nil)
        let isNew = service.jobs.isEmpty
        // An intent that was never sent may be in use by its own resumption the first time.
        for _ in 0..<2 { _ = try await collect(magicHour.jobs.resumeAll()) }
        let left = try await magicHour.jobs.unfinished()
        XCTAssertEqual(left.filter { !$0.isUnconfirmed }.map(\.operation), [], label)
        XCTAssertLessThanOrEqual(left.count, 1, label)
        if left.count == 1 {
            XCTAssertLessThanOrEqual(charges[0], 1, label)
            XCTAssertLessThanOrEqual(charges[1], charges[0], label)
            return .unconfirmed
        }
        if isNew {
            XCTAssertEqual(service.ledger, [], label)
            return .nothingCharged
        }
        XCTAssertEqual(service.ledger.map(\.amount), [2, 48], label)
        XCTAssertEqual(charges, [1, 1], label)
        try XCTAssertEqual(videos.count, 1, label)
        return .delivered
    }

    func testCallThatCrashesAnywhereIsFinishedAndPaidOnce() async throws {
        for policy in [GenerationOptions.ReferencePolicy.any, .resumeUnfinished] {
            var endings: [Ending: Int] = [:]
            for point in 1... {
                try reset()
                let options = options(policy)
                if try await run(Crash(at: point), { try await Self.generate(with: $0, options) }) { break }
                endings[try await finish("\(policy), point \(point)"), default: 0] += 1
            }
            // Before and after each of two upload requests, and before the intent of the speech.
            XCTAssertEqual(endings[.nothingCharged], 5, "\(policy)")
            // For each job: after the last step before the create request, before and after the request, and before the id is saved.
            XCTAssertEqual(endings[.unconfirmed], 8, "\(policy)")
            XCTAssertGreaterThan(endings[.delivered] ?? 0, 20, "\(policy)")
        }
    }

    func testRepeatedCallAfterACrashAnywherePaysOnce() async throws {
        let options = options(.once(for: .seconds(60)))
        for point in 1... {
            try reset()
            if try await run(Crash(at: point), { try await Self.generate(with: $0, options) }) { break }
            do {
                try await Self.generate(with: magicHour(nil), options)
                XCTAssertEqual(charges, [1, 1], "point \(point)")
                try XCTAssertEqual(videos.count, 1, "point \(point)")
            } catch let error as HeadshotKitError {
                XCTAssertEqual(error.code, .submissionUnconfirmed, "point \(point)")
                XCTAssertLessThanOrEqual(charges.max() ?? 0, 1, "point \(point)")
            }
        }
    }

    func testResumptionThatCrashesAnywhereIsFinishedAndPaidOnce() async throws {
        var endings: [Ending: Int] = [:]
        for point in 1... {
            try reset()
            // The speech is delivered, and the video is rejected.
            service.inject(.planUpgradeRequired, on: .createTalkingPhoto)
            let options = options(.any)
            let error = try await failure { try await Self.generate(with: magicHour(nil), options) }
            XCTAssertEqual(error.code, .planRequired)
            XCTAssertEqual(error.savedFiles.map(\.pathExtension), ["wav"])
            XCTAssertEqual(charges, [1, 0])
            let isDone = try await run(Crash(at: point)) { magicHour in
                for try await (_, result) in magicHour.jobs.resumeAll() { _ = try result.get() }
            }
            let ending = try await finish("point \(point)")
            if isDone {
                XCTAssertEqual(ending, .delivered)
                break
            }
            endings[ending, default: 0] += 1
        }
        XCTAssertEqual(endings[.unconfirmed], 4)
        XCTAssertGreaterThan(endings[.delivered] ?? 0, 15)
        XCTAssertNil(endings[.nothingCharged])
    }
}
