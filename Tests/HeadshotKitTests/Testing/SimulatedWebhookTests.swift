import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The webhook requests of a simulated service, as a handler receives them.
final class SimulatedWebhookTests: SimulatorTestCase {
    private let secret = "whsec_test"
    private let received = Recorder<SimulatedService.WebhookRequest>()
    private let modelsLabBody = """
        "prompt":"suit","face_image":"https://example.com/me.png","webhook":"https://example.com/hooks/s3cret"
        """

    /// Returns a service whose requests are recorded, and answered with the statuses in order and then with 200.
    private func service(
        statuses: [Int] = [],
        fault: @escaping @Sendable (SimulatedService.WebhookEvent) -> SimulatedService.WebhookFault? = { _ in nil }
    ) -> SimulatedService {
        let service = makeService()
        let received = received
        service.deliverWebhooks(secret: secret, fault: fault) { request in
            received.append(request)
            let count = received.values.count
            return count <= statuses.count ? statuses[count - 1] : 200
        }
        return service
    }

    private var types: [String] { received.values.map(\.event.type) }

    private func payload(_ index: Int) throws -> [String: Any] {
        try XCTUnwrap(JSONSerialization.jsonObject(with: received.values[index].body) as? [String: Any])
    }

    /// Advances the clock, and waits until a number of requests has been received.
    private func advance(by duration: Duration, until count: Int, line: UInt = #line) async throws {
        clock.advance(by: duration)
        try await eventually(self.received.values.count == count, line: line)
    }

    func testHandlerThatNeverAcceptsIsNotCalledForever() async throws {
        var configuration = SimulatedService.Configuration()
        configuration.webhookRetryDelay = .zero
        let service = SimulatedService(
            configuration: configuration,
            clock: ManualClock(autoAdvancingSleepsUpTo: .seconds(100_000))
        )
        service.deliverWebhooks(secret: secret) { _ in 500 }
        _ = try await SimulatorClient(service: service).createHeadshot()
        try await eventually(service.pendingWebhooks == 0)
    }

    // MARK: Magic Hour

    func testStartAndEndOfAnImageAreReportedAsTheProjectStands() async throws {
        let service = service()
        let client = SimulatorClient(service: service)
        let id = try await client.createHeadshot()
        XCTAssertEqual(types, [])
        await clock.waitForSleepers(2)
        try await advance(by: .seconds(1), until: 1)
        let started = try payload(0)
        XCTAssertEqual(started["type"] as? String, "image.started")
        XCTAssertEqual((started["payload"] as? [String: Any])?["status"] as? String, "rendering")
        try await advance(by: .seconds(3), until: 2)

        let completed = try payload(1)
        XCTAssertEqual(completed["type"] as? String, "image.completed")
        let project = try XCTUnwrap(completed["payload"] as? [String: Any])
        XCTAssertEqual(project["id"] as? String, id)
        XCTAssertEqual(project["status"] as? String, "complete")
        XCTAssertEqual(project["type"] as? String, "AI_HEADSHOT")
        XCTAssertEqual(project["created_at"] as? String, "2026-08-01T12:00:00.000Z")
        XCTAssertEqual(project["credits_charged"] as? Int, 50)
        XCTAssertEqual(project["image_count"] as? Int, 1)
        XCTAssertTrue(project["name"] is NSNull)
        XCTAssertTrue(project["error"] is NSNull)
        XCTAssertNil(project["total_frame_cost"])
        let url = try XCTUnwrap((project["downloads"] as? [[String: Any]])?.first?["url"] as? String)
        let image = try await client.send("GET", url)
        XCTAssertEqual(image.status, 200)
        try await eventually(service.pendingWebhooks == 0)
    }

    func testSignatureIsValidAtTheDateOfTheService() async throws {
        let service = service()
        let id = try await SimulatorClient(service: service).createHeadshot()
        await clock.waitForSleepers(2)
        try await advance(by: .seconds(4), until: 2)
        for request in received.values {
            XCTAssertEqual(request.headers["magic-hour-event-timestamp"], "1785585604")
            XCTAssertNil(request.url)
            let verifier = try MagicHour.WebhookVerifier(secret: secret, now: { service.date })
            let event = try verifier.event(body: request.body, headers: request.headers)
            XCTAssertEqual(event.projectID, id)
        }
        XCTAssertEqual(types.sorted(), ["image.completed", "image.started"])
    }

    func testFailureOfAnImageIsReported() async throws {
        let service = service()
        _ = try await SimulatorClient(service: service).createHeadshot(of: Data("\u{89}PNG\r\n\u{1a}\nno-face".utf8))
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await advance(by: .seconds(3), until: 2)
        let index = try XCTUnwrap(types.firstIndex(of: "image.errored"))
        let project = try XCTUnwrap(try payload(index)["payload"] as? [String: Any])
        XCTAssertEqual(project["status"] as? String, "error")
        XCTAssertEqual((project["error"] as? [String: Any])?["code"] as? String, "invalid_file_format")
    }

    func testVideoIsReportedAsVideoAndFaceDetectionIsNotReported() async throws {
        let service = service()
        let client = SimulatorClient(service: service)
        let photo = try await client.upload(SampleMedia.portraitPNG(width: 32, height: 32))
        let speech = try await client.upload(SampleMedia.speechWAV(seconds: 1), type: "audio", extension: "wav")
        let faces = #"{"assets":{"target_file_path":"\#(photo)"}}"#
        let detection = try await client.magicHour("POST", "/v1/face-detection", faces)
        XCTAssertEqual(detection.status, 200)
        XCTAssertEqual(service.pendingWebhooks, 0)
        let assets = #"{"image_file_path":"\#(photo)","audio_file_path":"\#(speech)"}"#
        let talk = try await client.magicHour(
            "POST",
            "/v1/ai-talking-photo",
            #"{"name":"talk","start_seconds":0,"end_seconds":1,"assets":\#(assets)}"#
        )
        XCTAssertEqual(talk.status, 200, talk.text)
        await clock.waitForSleepers(2)
        try await advance(by: .seconds(4), until: 2)
        XCTAssertEqual(types.sorted(), ["video.completed", "video.started"])
        let index = try XCTUnwrap(types.firstIndex(of: "video.completed"))
        let project = try XCTUnwrap(try payload(index)["payload"] as? [String: Any])
        XCTAssertEqual(project["name"] as? String, "talk")
        XCTAssertEqual(project["type"] as? String, "TALKING_PHOTO")
        XCTAssertNil(project["download"])
    }

    // MARK: ModelsLab

    func testEndOfAModelsLabJobIsReportedToTheURLOfItsRequest() async throws {
        let service = service()
        let client = SimulatorClient(service: service)
        let fields = modelsLabBody + #","track_id":"order_12345""#
        let created = try await client.modelsLab("/v6/image_editing/head_shot", fields)
        let id = try created.integer("id")
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 1)
        let request = received.values[0]
        XCTAssertEqual(request.event.type, "success")
        XCTAssertEqual(request.event.jobID, "100000001")
        XCTAssertEqual(request.url?.absoluteString, "https://example.com/hooks/s3cret")
        XCTAssertEqual(request.headers, ["Content-Type": "application/json"])
        let body = try payload(0)
        XCTAssertEqual(Set(body.keys), ["status", "id", "output", "generationTime", "track_id", "meta"])
        XCTAssertEqual(body["status"] as? String, "success")
        XCTAssertEqual(body["id"] as? Int, id)
        XCTAssertEqual(body["track_id"] as? String, "order_12345")
        XCTAssertEqual(body["generationTime"] as? Int, 3)
        XCTAssertEqual((body["meta"] as? [String: Any])?["prompt"] as? String, "suit")
        XCTAssertEqual((body["output"] as? [String])?.count, 1)
    }

    func testFailureOfAModelsLabJobIsReportedWithItsNumericTrackID() async throws {
        let service = service()
        let fields = modelsLabBody.replacing("suit", with: "no-face") + #","track_id":7"#
        _ = try await SimulatorClient(service: service).modelsLab("/v6/image_editing/head_shot", fields)
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 1)
        XCTAssertEqual(
            String(decoding: received.values[0].body, as: UTF8.self),
            #"{"id":100000001,"message":"No face was found in the photo.","status":"failed","track_id":7}"#
        )
    }

    func testModelsLabJobWithoutAWebhookIsNotReported() async throws {
        let service = service()
        let fields = #""prompt":"suit","face_image":"https://example.com/me.png""#
        let created = try await SimulatorClient(service: service).modelsLab("/v6/image_editing/head_shot", fields)
        XCTAssertEqual(try created.string("status"), "processing")
        XCTAssertEqual(service.pendingWebhooks, 0)
    }

    // MARK: Attempts

    func testRequestIsSentAgainAfterOneTwoFourAndEightSeconds() async throws {
        let service = service(statuses: [500, 404, 301, 503])
        _ = try await SimulatorClient(service: service).modelsLab("/v6/image_editing/head_shot", modelsLabBody)
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 1)
        for (seconds, count) in [(1, 2), (2, 3), (4, 4), (8, 5)] {
            await clock.waitForSleepers(1)
            clock.advance(by: .milliseconds(seconds * 1_000 - 1))
            XCTAssertEqual(received.values.count, count - 1)
            try await advance(by: .milliseconds(1), until: count)
        }
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(clock.sleeps, [.seconds(4), .seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        XCTAssertEqual(Set(received.values.map(\.body)).count, 1)
    }

    func testRequestIsSentAgainForADayAndSignedEachTime() async throws {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(86_400))
        let service = SimulatedService(clock: clock)
        let received = received
        service.deliverWebhooks(secret: secret, fault: { $0.type == "image.started" ? .lost : nil }) { request in
            received.append(request)
            throw CancellationError()
        }
        _ = try await SimulatorClient(service: service).createImage()
        try await eventually(service.pendingWebhooks == 0)
        XCTAssertEqual(received.values.count, 17)
        XCTAssertEqual(Set(received.values.map { $0.headers["magic-hour-event-signature"] }).count, 17)
        XCTAssertEqual(clock.sleeps.last, .seconds(32_768))
    }

    // MARK: Faults

    func testLostEventIsNotSent() async throws {
        let service = service { $0.type == "image.started" ? .lost : nil }
        _ = try await SimulatorClient(service: service).createImage()
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 1)
        XCTAssertEqual(types, ["image.completed"])
        try await eventually(service.pendingWebhooks == 0)
    }

    func testDoubledEventIsSentTwice() async throws {
        let service = service { $0.type == "image.started" ? .lost : .doubled }
        _ = try await SimulatorClient(service: service).createImage()
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 2)
        XCTAssertEqual(types, ["image.completed", "image.completed"])
        XCTAssertEqual(received.values[0], received.values[1])
    }

    func testDelayedEventIsSentLaterWithTheContentOfItsTime() async throws {
        let service = service { $0.type == "image.started" ? .delayed(.seconds(60)) : nil }
        _ = try await SimulatorClient(service: service).createImage()
        await clock.waitForSleepers(2)
        try await advance(by: .seconds(4), until: 1)
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(60), until: 2)
        XCTAssertEqual(types, ["image.completed", "image.started"])
        let project = try XCTUnwrap(try payload(1)["payload"] as? [String: Any])
        XCTAssertEqual(project["status"] as? String, "rendering")
    }

    func testForgedRequestHasAnInvalidSignatureAndPrecedesTheEvent() async throws {
        let service = service(statuses: [400]) { $0.type == "image.started" ? .lost : .forged }
        _ = try await SimulatorClient(service: service).createImage()
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 2)
        let verifier = try MagicHour.WebhookVerifier(secret: secret, now: { service.date })
        XCTAssertThrowsError(
            try verifier.event(body: received.values[0].body, headers: received.values[0].headers)
        ) { error in XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidWebhook) }
        let event = try verifier.event(body: received.values[1].body, headers: received.values[1].headers)
        XCTAssertEqual(event.type, .imageCompleted)
    }

    func testForgedRequestOfModelsLabHasOtherOutputs() async throws {
        let service = service { _ in .forged }
        _ = try await SimulatorClient(service: service).modelsLab("/v6/image_editing/head_shot", modelsLabBody)
        await clock.waitForSleepers(1)
        try await advance(by: .seconds(4), until: 2)
        XCTAssertEqual(try payload(0)["output"] as? [String], ["https://forged.invalid/output.png"])
        XCTAssertNotEqual(try payload(1)["output"] as? [String], ["https://forged.invalid/output.png"])
    }

    func testEarlyEventIsSentBeforeTheResponseToTheCreateRequest() async throws {
        let service = service { _ in .early }
        let created = try await SimulatorClient(service: service).createImage()
        XCTAssertEqual(created.status, 200)
        XCTAssertEqual(types, ["image.started", "image.completed"])
        XCTAssertEqual(service.jobs.map(\.status), ["complete"])
        XCTAssertEqual(service.pendingWebhooks, 0)
    }
}
