import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Jobs that the webhook requests of a simulated service finish.
final class WebhookWorkflowTests: SimulatorTestCase {
    private let secret = "whsec_test"
    private let outcomes = Recorder<WebhookOutcome>()
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-\(UUID().uuidString)"
    )

    override func tearDownWithError() throws {
        if FileManager.default.fileExists(atPath: directory.path) { try FileManager.default.removeItem(at: directory) }
    }

    private var store: FileJobStore {
        get throws { try FileJobStore(directory: directory.appendingPathComponent("jobs")) }
    }

    private func configuration(_ service: SimulatedService) throws -> ClientConfiguration {
        ClientConfiguration(transport: service, clock: clock, durations: DurationHistory(), jobStore: try store)
    }

    /// Starts a handler that passes every event to the jobs of the clients, and returns the clients.
    private func clients(
        of service: SimulatedService,
        fault: @escaping @Sendable (SimulatedService.WebhookEvent) -> SimulatedService.WebhookFault? = { _ in nil }
    ) throws -> (magicHour: MagicHour, modelsLab: ModelsLab) {
        let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration(service))
        let modelsLab = try ModelsLab(apiKey: "modelslab-simulated", configuration: configuration(service))
        let verifier = try MagicHour.WebhookVerifier(secret: secret, now: { service.date })
        let outcomes = outcomes
        service.deliverWebhooks(secret: secret, fault: fault) { request in
            let outcome =
                if request.url == nil {
                    try await magicHour.jobs.resume(verifier.event(body: request.body, headers: request.headers))
                } else {
                    try await modelsLab.jobs.resume(ModelsLab.WebhookEvent(body: request.body))
                }
            outcomes.append(outcome)
            return outcome == .inUse ? 503 : 200
        }
        return (magicHour, modelsLab)
    }

    private func options(_ correlation: GenerationOptions.Correlation = .none) -> GenerationOptions {
        var options = GenerationOptions(downloadDirectory: directory)
        options.correlation = correlation
        return options
    }

    private var delivered: [RecoveredJob] {
        outcomes.values.compactMap { if case .delivered(let job) = $0 { job } else { nil } }
    }

    private let photo = MediaSource.data(SampleMedia.portraitPNG(width: 32, height: 32))

    func testSubmittedJobIsDeliveredByItsEvent() async throws {
        let service = makeService()
        let (magicHour, _) = try clients(of: service)
        let job = try await magicHour.headshots.submit(.init(photo: photo), options: options())
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await eventually(self.outcomes.values == [.pending])
        clock.advance(by: .seconds(3))
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(delivered.map(\.job.id), [job.id])
        XCTAssertEqual(delivered.first?.files.count, 1)
        XCTAssertEqual(service.requestCounts[.getImageProject], nil)
        let records = try await store.records()
        XCTAssertEqual(records.count, 0)
    }

    func testJobWhoseCreateResponseIsLostIsFoundByItsEvents() async throws {
        let service = makeService()
        let (magicHour, _) = try clients(of: service)
        service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let error = await thrownError {
            try await magicHour.headshots.submit(.init(photo: photo), options: options(.name))
        }
        XCTAssertEqual(error?.code, .submissionUnconfirmed)
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await eventually(self.outcomes.values == [.pending])
        clock.advance(by: .seconds(3))
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(delivered.map(\.job.id), service.jobs.map(\.id))
        XCTAssertEqual(service.ledger.map(\.kind), [.charge])
        let records = try await store.records()
        XCTAssertEqual(records.count, 0)
    }

    func testModelsLabJobWhoseCreateResponseIsLostIsFoundByItsEvent() async throws {
        let service = makeService()
        let (_, modelsLab) = try clients(of: service) { _ in .forged }
        service.inject(.connectionLost, on: .createModelsLabHeadshot, afterProcessing: true)
        let request = ModelsLab.HeadshotRequest(
            prompt: "suit",
            faceImage: photo,
            webhook: "https://example.com/hooks/s3cret"
        )
        let error = await thrownError { try await modelsLab.headshots.submit(request, options: options(.trackID)) }
        XCTAssertEqual(error?.code, .submissionUnconfirmed)
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(4))
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(delivered.map(\.job.id), ["100000001"])
        XCTAssertEqual(outcomes.values.last, .notOurs)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge])
    }

    func testEventBeforeTheCreateResponseIsSentAgainUntilTheJobIsReleased() async throws {
        let service = makeService()
        let (magicHour, _) = try clients(of: service) { $0.type == "image.started" ? .early : nil }
        let job = try await magicHour.headshots.submit(.init(photo: photo), options: options(.name))
        XCTAssertEqual(outcomes.values, [.inUse])
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await eventually(self.outcomes.values == [.inUse, .pending])
        clock.advance(by: .seconds(3))
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(delivered.map(\.job.id), [job.id])
    }

    /// The request has the body that Magic Hour's Python SDK sends.
    func testJobOfAnotherClientIsNotOursAndChangesNothing() async throws {
        let service = makeService()
        _ = try clients(of: service)
        let client = SimulatorClient(service: service)
        let path = try await client.upload(SampleMedia.portraitPNG(width: 32, height: 32))
        let body =
            #"{"assets": {"image_file_path": "\#(path)"}, "name": "Ai Headshot image", "style": {"prompt": "navy suit"}}"#
        let created = try await client.magicHour("POST", "/v1/ai-headshot-generator", body)
        XCTAssertEqual(created.status, 200, created.text)
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(4))
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(outcomes.values, [.notOurs, .notOurs])
        XCTAssertEqual(service.requestCounts[.getImageProject], nil)
        XCTAssertEqual(service.requestCounts[.download], nil)
        let records = try await store.records()
        XCTAssertEqual(records.count, 0)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        XCTAssertEqual(files, ["jobs"])
    }

    private func thrownError<Result>(_ body: () async throws -> Result) async -> HeadshotKitError? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? HeadshotKitError }
    }
}
