import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The handlers of `docs/webhooks.md`.
final class WebhookHandlerTests: MockTestCase {
    func testMagicHourHandlerRespondsWithStatusOfDocumentation() throws {
        let verifier = try MagicHour.WebhookVerifier(secret: "whsec_test")
        var queue: [MagicHour.WebhookEvent] = []
        var log: [String] = []

        func handle(body: Data, headers: [String: String]) -> Int {
            guard body.count <= MagicHour.WebhookVerifier.maximumBodyBytes else { return 413 }
            do {
                let event = try verifier.event(body: body, headers: headers)
                switch event.type {
                case .imageCompleted, .videoCompleted: queue.append(event)
                case .imageErrored, .videoErrored: log.append("\(event): \(event.error?.message ?? "unknown reason")")
                default: break
                }
                return 200
            } catch let error as HeadshotKitError where error.code == .unreadableWebhook {
                log.append(error.description)
                return 200
            } catch {
                log.append("\(error)")
                return 400
            }
        }

        let body = Data(
            #"{"type":"image.completed","payload":{"id":"abc","name":"team","status":"complete","downloads":[]}}"#.utf8
        )
        let headers = WebhookSigner(secret: "whsec_test").headers(for: body)
        XCTAssertEqual(handle(body: body, headers: headers.fields), 200)
        XCTAssertEqual(queue.map(\.name), ["team"])
        XCTAssertEqual(handle(body: body, headers: [:]), 400)
        XCTAssertEqual(queue.count, 1)
        XCTAssertEqual(log.count, 1)
        XCTAssertTrue(log[0].hasPrefix("The webhook request has no header field"), log[0])

        let tooLarge = Data(count: MagicHour.WebhookVerifier.maximumBodyBytes + 1)
        XCTAssertEqual(handle(body: tooLarge, headers: headers.fields), 413)
        let unreadable = Data("[]".utf8)
        let signed = WebhookSigner(secret: "whsec_test").headers(for: unreadable)
        XCTAssertEqual(handle(body: unreadable, headers: signed.fields), 200)
        XCTAssertEqual(queue.count, 1)
        XCTAssertTrue(log[1].hasPrefix("The signature of the webhook request is valid, but its body"), log[1])
    }

    func testModelsLabHandlerFetchesJobBeforeItActs() async throws {
        let modelsLab = try clients.modelsLab()
        let pathSecret = "0f8fad5bd9cb469fa165708674e1b2c3"
        var queue: [ModelsLab.ImageResult] = []

        func handle(path: String, body: Data) async throws -> Int {
            guard ModelsLab.WebhookPath.isExpected(path, secret: pathSecret) else { return 404 }
            let event = try ModelsLab.WebhookEvent(body: body)
            guard let id = event.id, id == "183746291" else { return 200 }
            let result = try await modelsLab.images.fetch(id)
            if result.status == .success { queue.append(result) }
            return 200
        }

        let body = Data(ModelsLabWebhookTests.success.utf8)
        let unexpected = try await handle(path: "/hooks/guess", body: body)
        XCTAssertEqual(unexpected, 404)
        mock.on(
            "POST",
            "/api/v6/image_editing/fetch/183746291",
            response: .json(#"{"status":"processing","id":183746291}"#)
        )
        let forged = try await handle(path: "/hooks/\(pathSecret)", body: body)
        XCTAssertEqual(forged, 200)
        XCTAssertEqual(queue, [])
    }
}
