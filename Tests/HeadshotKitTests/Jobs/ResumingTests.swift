import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class ResumingTests: MockTestCase {
    private let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "https://a.example/me.png"))
    private let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a")

    private func magicHour() throws -> MagicHour {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        return try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    private func stubComplete() {
        mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1"}]}"#)
        )
        mock.on("GET", "/1", response: .data(pngBytes))
    }

    func testResumeOfAnotherOperationsJobIsRejected() async throws {
        let magicHour = try clients.magicHour()
        let error = try await failure { try await magicHour.talkingPhotos.resume(job, options: clients.options) }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertEqual(
            error.message,
            "Job a is of magic-hour, ai-headshot-generator, and this is ai-talking-photo of magic-hour."
        )
        XCTAssertEqual(mock.requests, [])
    }

    func testClientFindsOperationOfHandle() async throws {
        stubComplete()
        let finished = try await clients.magicHour().jobs.resume(job, options: clients.options)
        XCTAssertEqual(finished.files.map(\.lastPathComponent), ["headshot-a-1.png"])
        let foreign = JobHandle(service: .modelsLab, operation: "head_shot", id: "1")
        let error = try await failure { try await clients.magicHour().jobs.resume(foreign) }
        XCTAssertEqual(error.code, .invalidConfiguration)
    }

    func testResumeUsesRecordedDirectoryUnlessAnotherIsGiven() async throws {
        for isByHandle in [false, true] {
            let magicHour = try magicHour()
            mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
            let job = try await magicHour.headshots.submit(request, options: clients.options)
            stubComplete()
            let options = GenerationOptions(deadline: .seconds(90))
            let files =
                isByHandle
                ? try await magicHour.headshots.resume(job, options: options).files
                : try await collect(magicHour.jobs.resumeAll(options: options))[0].result.get().files
            XCTAssertEqual(files.map(\.path), [clients.directory.appendingPathComponent("headshot-a-1.png").path])
            try FileManager.default.removeItem(at: files[0])
        }
    }

    func testDiscardedJobIsNotUnfinished() async throws {
        let magicHour = try magicHour()
        mock.on("POST", "/v1/ai-headshot-generator", response: .status(500))
        _ = try await failure { try await magicHour.headshots.submit(request) }
        let record = try await magicHour.jobs.unfinished()[0]
        let claim = try await magicHour.configuration.jobStore?.claim(record.id)
        let error = try await failure { try await magicHour.jobs.discard(record) }
        XCTAssertEqual(error.code, .jobInUse)
        await claim?.release()
        try await magicHour.jobs.discard(record)
        let left = try await magicHour.jobs.unfinished()
        XCTAssertEqual(left, [])
        try await magicHour.jobs.discard(record)
    }

    func testRetryIsReportedAsEvent() async throws {
        mock.on("GET", "/v1/image-projects/a", response: .status(503, headers: ["Retry-After": "7"]))
        stubComplete()
        let events = Locked<[GenerationEvent]>([])
        _ = try await clients.magicHour().headshots.resume(job, options: clients.options) { event in
            events.withLock { $0.append(event) }
        }
        let reported = events.withLock { $0 }
        XCTAssertEqual(reported.first, .resumed(job))
        XCTAssertEqual(
            reported.dropFirst().first,
            .retrying(reason: "Magic Hour is not available (503).", after: .seconds(7))
        )
    }

    func testTaskStartedInEventHandlerReportsNoEvents() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
        mock.on("GET", "/v1/image-projects/x", response: .status(503))
        mock.on("GET", "/v1/image-projects/x", response: .status(404))
        let magicHour = try clients.magicHour()
        let started = Locked<Task<Void, Never>?>(nil)
        let events = Locked<[GenerationEvent]>([])
        _ = try await magicHour.headshots.submit(request) { event in
            events.withLock { $0.append(event) }
            let task = Task { _ = try? await magicHour.imageProjects.get("x") }
            started.withLock { $0 = task }
        }
        await started.withLock { $0 }?.value
        XCTAssertEqual(events.withLock(\.count), 1)
    }

    func testDeadlineErrorNamesLastRetriedFailure() async throws {
        let clock = ManualClock()
        var configuration = clients.configuration
        configuration.clock = clock
        let unreachable = TransportError(.notConnected, "There is no network.", mayHaveBeenReceived: false)
        mock.on("POST", "/v1/files/upload-urls", times: 1...4, response: .failure(unreachable))
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let options = GenerationOptions(downloadDirectory: clients.directory, deadline: .seconds(1))
        let task = Task {
            try await headshots.generate(.init(assets: .init(imageFilePath: .data(pngBytes))), options: options)
        }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        let error = try await failure { try await task.value }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertTrue(error.message.hasSuffix("There is no network."), error.message)
        XCTAssertEqual((error.underlyingError as? HeadshotKitError)?.code, .network)
        XCTAssertEqual(error.submission, .notSent)
    }

    /// Returns a simulated service, its clock, and a configuration for both.
    private func simulated() -> (ManualClock, SimulatedService, ClientConfiguration) {
        let clock = ManualClock()
        let service = SimulatedService(clock: clock)
        var configuration = clients.configuration
        configuration.transport = service
        configuration.clock = clock
        return (clock, service, configuration)
    }

    func testDeadlineEndsSubmitThatWaitsForQueuePermit() async throws {
        let (clock, service, configuration) = simulated()
        let key = service.configuration.modelsLabKey
        let headshots = try ModelsLab(apiKey: key, maximumQueuedJobs: 1, configuration: configuration).headshots
        let request = ModelsLab.HeadshotRequest(prompt: "navy suit", faceImage: "https://a.example/me.png")
        let first = Task { [options = clients.options] in try await headshots.generate(request, options: options) }
        // One sleeper is the deadline, and the other waits for the first poll.
        await clock.waitForSleepers(2)

        let second = Task { try await headshots.submit(request, options: GenerationOptions(deadline: .seconds(1))) }
        await clock.waitForSleepers(3)
        clock.advance(by: .seconds(1))
        let error = try await failure { try await second.value }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertEqual(error.submission, .notSent)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge])
        first.cancel()
        _ = await thrown { try await first.value }
    }

    func testJobsInQueueDoNotDelayClientWithSameConfiguration() async throws {
        let (clock, service, configuration) = simulated()
        let keys = service.configuration
        let modelsLab = try ModelsLab(apiKey: keys.modelsLabKey, maximumQueuedJobs: 1, configuration: configuration)
        let request = ModelsLab.HeadshotRequest(prompt: "navy suit", faceImage: "https://a.example/me.png")
        let queued = Task { [options = clients.options] in
            let requests = [ModelsLab.HeadshotRequest](repeating: request, count: 40)
            return try await modelsLab.headshots.generate(requests, maximumConcurrency: 40, options: options)
        }
        // The deadlines of at least 31 jobs, and the poll of the one that was created.
        await clock.waitForSleepers(32)

        let magicHour = try MagicHour(apiKey: keys.magicHourKey, configuration: configuration)
        let submitted = Task { [request = self.request] in try await magicHour.headshots.submit(request) }
        try await eventually(service.ledger.count == 2)
        submitted.cancel()
        queued.cancel()
        _ = await thrown { try await queued.value }
    }

    func testDeadlineMayBeUnlimited() async throws {
        let deadline = Deadline(in: .seconds(Int64.max), clock: ContinuousClock())
        XCTAssertGreaterThan(deadline.remaining, .seconds(86_400 * 365))
        let value = try await deadline.run(orThrow: { CancellationError() }) { 7 }
        XCTAssertEqual(value, 7)
    }
}
