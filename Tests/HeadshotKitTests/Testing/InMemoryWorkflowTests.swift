import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The README's example of testing with both services in memory and a manual clock.
final class InMemoryWorkflowTests: XCTestCase {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-\(UUID().uuidString)"
    )

    override func tearDownWithError() throws {
        if FileManager.default.fileExists(atPath: directory.path) { try FileManager.default.removeItem(at: directory) }
    }

    func testReadmeExampleWorks() async throws {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        let service = SimulatedService(clock: clock)
        let configuration = ClientConfiguration(transport: service, clock: clock)
        let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)

        service.inject(.badGateway, on: .getImageProject)
        let result = try await magicHour.headshots.generate(
            .init(assets: .init(imageFilePath: .data(SampleMedia.portraitPNG()))),
            options: .init(downloadDirectory: directory)
        )
        XCTAssertEqual(result.files.count, 1)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge])
        XCTAssertEqual(service.faultsLeft, 0)
    }

    /// `docs/money.md` states this limitation: both statuses mean that the request was not processed.
    func testCreateIsChargedAgainIfServiceAcceptedItDespite429() async throws {
        for fault in [SimulatedService.Fault.tooManyRequests(retryAfter: "1"), .unavailable(retryAfter: "1")] {
            let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
            let service = SimulatedService(clock: clock)
            let configuration = ClientConfiguration(transport: service, clock: clock)
            let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
            service.inject(fault, on: .createHeadshot, afterProcessing: true)
            let result = try await magicHour.headshots.generate(
                .init(photo: .data(SampleMedia.portraitPNG())),
                options: .init(downloadDirectory: directory)
            )
            XCTAssertEqual(result.files.count, 1)
            XCTAssertEqual(service.ledger.map(\.kind), [.charge, .charge])
        }
    }

    func testBothServicesDeliverInMemory() async throws {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        let service = SimulatedService(clock: clock)
        let configuration = ClientConfiguration(transport: service, clock: clock, durations: DurationHistory())
        let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
        let modelsLab = try ModelsLab(apiKey: "modelslab-simulated", configuration: configuration)
        let photo = MediaSource.data(SampleMedia.portraitPNG())
        let options = GenerationOptions(downloadDirectory: directory)

        let headshot = try await magicHour.headshots.generate(
            .init(assets: .init(imageFilePath: photo)),
            options: options
        )
        let images = try await magicHour.images.generate(
            .init(imageCount: 4, style: .init(prompt: "a fox")),
            options: options
        )
        let talk = try await magicHour.talkingPhotos.generate(
            .init(
                assets: .init(imageFilePath: photo, audioFilePath: .data(SampleMedia.speechWAV(seconds: 2))),
                endSeconds: 2
            ),
            options: options
        )
        let faces = try await magicHour.faceDetection.generate(
            .init(assets: .init(targetFilePath: photo)),
            options: options
        )
        let portrait = try await modelsLab.headshots.generate(
            .init(prompt: "a suit", faceImage: photo),
            options: options
        )
        let flux = try await modelsLab.fluxHeadshots.generate(
            .init(prompt: "a suit", faceImage: photo, seed: 1),
            options: options
        )

        XCTAssertEqual(headshot.files.map(\.pathExtension), ["png"])
        XCTAssertEqual(images.files.count, 4)
        XCTAssertEqual(talk.files.map(\.pathExtension), ["mp4"])
        XCTAssertEqual(faces.project.faces.count, 1)
        XCTAssertEqual(portrait.files.count, 1)
        XCTAssertEqual(flux.files.count, 1)
        let credits = try await magicHour.account.get().credits
        XCTAssertEqual(credits, service.credits)
        let balance = try await modelsLab.wallet.balance().balance
        XCTAssertEqual(balance, Double(service.walletCents) / 100)
    }
}
