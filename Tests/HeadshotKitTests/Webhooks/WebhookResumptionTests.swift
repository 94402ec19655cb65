import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class WebhookResumptionTests: MockTestCase {
    private let secret = "whsec_test"

    private func magicHour() throws -> MagicHour {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        return try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    private func submit(_ magicHour: MagicHour) async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a","credits_charged":50}"#))
        try await magicHour.headshots.submit(.init(photo: "api-assets/me.png"), options: clients.options)
    }

    private func event(_ type: String, _ payload: String) throws -> MagicHour.WebhookEvent {
        let body = Data(#"{"type":"\#(type)","payload":\#(payload)}"#.utf8)
        let headers = WebhookSigner(secret: secret).headers(for: body)
        return try MagicHour.WebhookVerifier(secret: secret).event(body: body, headers: headers)
    }

    private let complete =
        #"{"id":"a","status":"complete","image_count":1,"downloads":[{"url":"https://o.example/1.png","expires_at":"x"}]}"#

    func testCompletedEventDeliversTheJobWithoutAPoll() async throws {
        let magicHour = try magicHour()
        try await submit(magicHour)
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let outcome = try await magicHour.jobs.resume(event("image.completed", complete), options: clients.options)
        guard case .delivered(let job) = outcome else { return XCTFail("\(outcome)") }
        XCTAssertEqual(job.files.map(\.lastPathComponent), ["headshot-a-1.png"])
        let unfinished = try await magicHour.jobs.unfinished()
        XCTAssertEqual(unfinished, [])
    }

    func testDuplicateEventIsNotOursOnceTheJobIsDelivered() async throws {
        let magicHour = try magicHour()
        try await submit(magicHour)
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let event = try event("image.completed", complete)
        _ = try await magicHour.jobs.resume(event, options: clients.options)
        let outcome = try await magicHour.jobs.resume(event, options: clients.options)
        XCTAssertEqual(outcome, .notOurs)
    }

    func testOneOfTenConcurrentCallsDeliversTheJob() async throws {
        let magicHour = try magicHour()
        try await submit(magicHour)
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let event = try event("image.completed", complete)
        let options = clients.options
        let outcomes = try await withThrowingTaskGroup(of: WebhookOutcome.self) { group in
            for _ in 0..<10 { group.addTask { try await magicHour.jobs.resume(event, options: options) } }
            return try await group.reduce(into: [WebhookOutcome]()) { $0.append($1) }
        }
        let delivered = outcomes.filter { if case .delivered = $0 { true } else { false } }
        XCTAssertEqual(delivered.count, 1)
        XCTAssertTrue(outcomes.allSatisfy { $0 == .notOurs || $0 == .inUse || delivered.contains($0) })
    }

    func testEventAboutAnUnknownJobIsNotOurs() async throws {
        let magicHour = try magicHour()
        for payload in [complete, #"{"status":"complete"}"#, #"{"id":"b","status":"complete"}"#] {
            let outcome = try await magicHour.jobs.resume(event("image.completed", payload))
            XCTAssertEqual(outcome, .notOurs)
        }
    }

    func testStartedEventChangesNothing() async throws {
        let magicHour = try magicHour()
        try await submit(magicHour)
        let outcome = try await magicHour.jobs.resume(event("image.started", #"{"id":"a","status":"rendering"}"#))
        XCTAssertEqual(outcome, .pending)
        let count = try await magicHour.jobs.unfinished().count
        XCTAssertEqual(count, 1)
    }

    func testJobIsPolledIfTheEventLacksOutputs() async throws {
        let magicHour = try magicHour()
        try await submit(magicHour)
        mock.on("GET", "/v1/image-projects/a", response: .json(complete))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let payload = #"{"id":"a","status":"complete","image_count":1,"downloads":[]}"#
        let outcome = try await magicHour.jobs.resume(event("image.completed", payload), options: clients.options)
        guard case .delivered(let job) = outcome else { return XCTFail("\(outcome)") }
        XCTAssertEqual(job.files.count, 1)
    }

    func testErroredEventThrowsTheErrorOfTheJobAndEndsIt() async throws {
        let magicHour = try magicHour()
        try await submit(magicHour)
        let failed = #"{"id":"a","status":"error","error":{"code":"no_source_face","message":"No face."}}"#
        mock.on("GET", "/v1/image-projects/a", response: .json(failed))
        let error = try await failure { try await magicHour.jobs.resume(event("image.errored", failed)) }
        XCTAssertEqual(error.code, .jobFailed)
        XCTAssertEqual(error.reason, .noFaceDetected)
        let unfinished = try await magicHour.jobs.unfinished()
        XCTAssertEqual(unfinished, [])
    }
}
