import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import NIOFoundationCompat
import StudioServer
import StudioStores
import XCTest

final class WebhookTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testWebhookFinishesHeadshotWhoseCreateWasNotAnswered() async throws {
        let environment = try XCTUnwrap(environment)
        let service = environment.service
        let events = try WebhookEvents(of: environment)
        service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let clock = ManualClock()
        let studio = try await environment.studio(clock: clock) {
            $0.magicHourWebhook = events.verifier
        }
        try await environment.run(studio) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png")))
            XCTAssertEqual(batch.states, ["unconfirmed"])
            // The job ends on the clock of the service.
            let requests = await events.wait(for: 2)
            for request in requests {
                let response = try await api.deliver(request)
                // A worker may be downloading the headshot already.
                XCTAssertTrue([204, 503].contains(response.status.code), response.text)
            }
            var finished = batch
            while finished.states != ["done"] {
                // The worker waits if the second event has the claim of the job.
                _ = try await environment.database.query("UPDATE headshots SET next_attempt_at = 0", [])
                clock.advance(by: .seconds(1))
                finished = try await api.get("/api/batches/\(try XCTUnwrap(batch["id"]?.string))").json
            }
            XCTAssertNil(finished.headshots.first?["error"])
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(service.ledger.map(\.amount), [50])
    }

    func testEventThatDoesNotArriveInTimeIsRejected() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        let studio = try await environment.studio(clock: clock) {
            $0.magicHourWebhook = try MagicHour.WebhookVerifier(secret: "whsec_test")
        }
        try await environment.run(studio) { api in
            async let response = RawConnection.connect(port: try api.port).send(
                "POST /webhooks/magic-hour HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{",
                until: "too_slow"
            )
            await clock.waitForSleepers(3)  // the workers, the feed, and the limit of the event
            clock.advance(by: .seconds(30))
            let text = try await response
            XCTAssertTrue(text.hasPrefix("HTTP/1.1 408 "), text)
        }
    }

    func testEventOfFailedJobLeavesItsRecordToTheWorkers() async throws {
        let environment = try XCTUnwrap(environment)
        let service = environment.service
        let events = try WebhookEvents(of: environment)
        service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let batch = try await environment.run(try await environment.studio()) { api in
            try await api.finished(try await api.batch(.photos("no-face.png")))
        }
        XCTAssertEqual(batch.states, ["unconfirmed"])
        let requests = await events.wait(for: 2)
        // The clock of the environment would reach the deadline of the receiver at once.
        let receiver = try await environment.studio(clientClock: ManualClock()) {
            $0.concurrency = 0
            $0.magicHourWebhook = events.verifier
        }
        try await environment.run(receiver) { api in
            for request in requests {
                let response = try await api.deliver(request)
                XCTAssertEqual(response.status, .noContent, response.text)
            }
        }
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records.map(\.state), [.accepted])
        try await environment.run(try await environment.studio()) { api in
            let finished = try await api.finished(batch)
            XCTAssertEqual(finished.states, ["failed"])
            XCTAssertEqual(finished.headshots.first?["error"]?["code"], "no_face")
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
    }
}
