import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class WebhookSignerTests: XCTestCase {
    func testHeadersAreThoseOfAnotherImplementation() {
        let signer = WebhookSigner(secret: WebhookSamples.secret)
        for (body, signature) in [
            (WebhookSamples.image, WebhookSamples.imageSignature),
            (WebhookSamples.video, WebhookSamples.videoSignature),
            (WebhookSamples.audio, WebhookSamples.audioSignature),
        ] {
            let headers = signer.headers(for: Data(body.utf8), at: WebhookSamples.date)
            XCTAssertEqual(headers["magic-hour-event-signature"], signature)
            XCTAssertEqual(headers["magic-hour-event-timestamp"], "1729314984")
            XCTAssertEqual(headers.fields.count, 2)
        }
    }

    func testDateIsRoundedDownToWholeSecond() {
        let signer = WebhookSigner(secret: "a")
        let headers = signer.headers(for: Data(), at: WebhookSamples.date.addingTimeInterval(0.9))
        XCTAssertEqual(headers["magic-hour-event-timestamp"], "1729314984")
    }

    func testRequestWithUnusualDateIsRejectedByVerifier() throws {
        let verifier = try MagicHour.WebhookVerifier(secret: "a")
        for seconds in [-5, 1e300, -.infinity, .nan] {
            let headers = WebhookSigner(secret: "a").headers(for: Data(), at: Date(timeIntervalSince1970: seconds))
            XCTAssertThrowsError(try verifier.event(body: Data(), headers: headers)) { error in
                XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidWebhook)
            }
        }
    }
}
