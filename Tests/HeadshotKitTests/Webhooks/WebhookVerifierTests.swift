import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class WebhookVerifierTests: XCTestCase {
    private typealias Samples = WebhookSamples
    private let image = Data(WebhookSamples.image.utf8)

    /// Returns the error of a request that must be rejected.
    private func rejection(
        _ body: Data? = nil,
        headers: TransportHeaders = Samples.headers(),
        secrets: [String] = [Samples.secret],
        secondsLater: Double = 0,
        line: UInt = #line
    ) async throws -> HeadshotKitError {
        let verifier = try Samples.verifier(secrets: secrets, secondsLater: secondsLater)
        let error = try await failure(of: { try verifier.event(body: body ?? image, headers: headers) }, line: line)
        XCTAssertEqual(error.code, .invalidWebhook, line: line)
        XCTAssertNotNil(error.advice, line: line)
        XCTAssertFalse(error.description.contains("charged"), error.description, line: line)
        for text in [error.description, error.debugDescription] {
            XCTAssertFalse(text.contains(Samples.secret), text, line: line)
            XCTAssertFalse(text.lowercased().contains(Samples.imageSignature), text, line: line)
        }
        return error
    }

    // MARK: Valid requests

    func testEventIsReturnedIfSignatureOfAnotherImplementationMatches() throws {
        let verifier = try Samples.verifier()
        for (body, signature, type) in [
            (Samples.image, Samples.imageSignature, "image.completed"),
            (Samples.video, Samples.videoSignature, "video.completed"),
            (Samples.audio, Samples.audioSignature, "audio.completed"),
        ] {
            let event = try verifier.event(body: Data(body.utf8), headers: Samples.headers(signature: signature))
            XCTAssertEqual(event.type.rawValue, type)
            XCTAssertEqual(event.projectID, "cuid-example")
        }
    }

    func testEventIsReturnedForUppercaseSignatureAndSpacesAroundValues() throws {
        let headers = Samples.headers(
            signature: " \(Samples.imageSignature.uppercased())\t",
            timestamp: " \(Samples.timestamp) "
        )
        XCTAssertEqual(try Samples.verifier().event(body: image, headers: headers).type, .imageCompleted)
    }

    func testEventIsReturnedForDictionaryWithNamesInAnyCase() throws {
        let verifier = try Samples.verifier()
        for (signature, timestamp) in [
            ("magic-hour-event-signature", "magic-hour-event-timestamp"),
            ("MAGIC-HOUR-EVENT-SIGNATURE", "Magic-Hour-Event-Timestamp"),
        ] {
            let headers: [String: String] = [
                signature: Samples.imageSignature, timestamp: Samples.timestamp, "Content-Type": "application/json",
            ]
            XCTAssertEqual(try verifier.event(body: image, headers: headers).type, .imageCompleted)
        }
    }

    func testEventIsReturnedForSliceOfLargerBuffer() throws {
        let buffer = Data("prefix".utf8) + image + Data("suffix".utf8)
        let slice = buffer[6..<6 + image.count]
        XCTAssertEqual(try Samples.verifier().event(body: slice, headers: Samples.headers()).type, .imageCompleted)
    }

    func testDuplicateDeliveriesAreEqual() throws {
        let first = try Samples.verifier().event(body: image, headers: Samples.headers())
        let signer = WebhookSigner(secret: Samples.secret)
        let later = try Samples.verifier(secondsLater: 90)
        let second = try later.event(
            body: image,
            headers: signer.headers(for: image, at: Samples.date.addingTimeInterval(64))
        )
        XCTAssertEqual(first, second)
    }

    // MARK: Headers

    func testEventIsRejectedIfSignatureHeaderIsMalformed() async throws {
        let signature = Samples.imageSignature
        let start = String(signature.dropLast())
        let values: [String] = [
            "", " ", "0", start, "\(signature)0", "sha256=\(signature)", "v1=\(signature)", "\(start)g",
            "\(start.dropLast())é", "\(start)٣", "0x\(signature.dropLast(2))", "\(signature),\(signature)",
            "\(start)\u{0}",
            "-\(start)", String(repeating: "a", count: 1 << 20), String(repeating: "１", count: 64),
        ]
        for value in values {
            let error = try await rejection(headers: Samples.headers(signature: value))
            XCTAssertTrue(error.message.contains("magic-hour-event-signature"), error.message)
            XCTAssertLessThan(error.description.utf8.count, 400)
        }
    }

    func testEventIsRejectedIfTimestampHeaderIsMalformed() async throws {
        for value in [
            "", " ", "-1729314984", "+1729314984", "1729314984.0", "1.7e9", "0x67134b68", "1729314984s", "NaN", "inf",
            "١٧٢٩٣١٤٩٨٤", "１７２９３１４９８４", "1729314984\u{0}", "1729314984, 1729314984", "9223372036854775808",
            "99999999999999999999", String(repeating: "9", count: 1 << 20), "2024-10-19T05:16:24Z", "\n1729314984",
        ] {
            let error = try await rejection(headers: Samples.headers(timestamp: value))
            XCTAssertTrue(error.message.contains("magic-hour-event-timestamp"), error.message)
            XCTAssertLessThan(error.description.utf8.count, 400)
        }
    }

    func testEventIsRejectedIfHeaderIsMissing() async throws {
        for name in ["magic-hour-event-signature", "magic-hour-event-timestamp"] {
            var headers = Samples.headers()
            headers[name] = nil
            let error = try await rejection(headers: headers)
            XCTAssertEqual(error.message, "The webhook request has no header field \(name).")
            XCTAssertTrue(error.description.contains("proxy"), error.description)
        }
        _ = try await rejection(headers: [:])
    }

    func testEventIsRejectedIfDictionaryHasHeaderTwice() async throws {
        let headers: [String: String] = [
            "magic-hour-event-signature": Samples.imageSignature,
            "Magic-Hour-Event-Signature": String(repeating: "0", count: 64),
            "magic-hour-event-timestamp": Samples.timestamp,
        ]
        let verifier = try Samples.verifier()
        let error = try await failure { try verifier.event(body: image, headers: headers) }
        XCTAssertEqual(error.code, .invalidWebhook)
        XCTAssertTrue(error.message.contains("more than once"), error.message)
    }

    // MARK: Age

    func testEventIsReturnedUpToToleranceInBothDirections() throws {
        for seconds in [-300, -299.5, 0, 299.5, 300] {
            let verifier = try Samples.verifier(secondsLater: seconds)
            XCTAssertNoThrow(try verifier.event(body: image, headers: Samples.headers()), "\(seconds)")
        }
    }

    func testEventIsRejectedBeyondToleranceInBothDirections() async throws {
        let old = try await rejection(secondsLater: 301)
        XCTAssertTrue(old.message.contains("301 s ago"), old.message)
        XCTAssertTrue(old.message.contains("300 s"), old.message)
        let new = try await rejection(secondsLater: -301)
        XCTAssertTrue(new.message.contains("301 s in the future"), new.message)
        XCTAssertNotEqual(old.advice, new.advice)
        for seconds in [-300.001, 300.001, 1e9, -1e12, 1e300, .infinity, -.infinity, .nan] {
            _ = try await rejection(secondsLater: seconds)
        }
        for timestamp in ["0", "00", "9223372036854775807", "1729314984000"] {
            _ = try await rejection(headers: Samples.headers(timestamp: timestamp))
        }
    }

    func testToleranceIsConfigurable() throws {
        let verifier = try MagicHour.WebhookVerifier(
            secret: Samples.secret,
            tolerance: .seconds(10),
            now: { Samples.date.addingTimeInterval(11) }
        )
        XCTAssertThrowsError(try verifier.event(body: image, headers: Samples.headers()))
        let wide = try MagicHour.WebhookVerifier(secret: Samples.secret, tolerance: .seconds(1 << 40))
        XCTAssertNoThrow(try wide.event(body: image, headers: Samples.headers()))
    }

    func testRequestOfTheCurrentTimeIsAcceptedWithSystemClock() throws {
        let verifier = try MagicHour.WebhookVerifier(secret: Samples.secret)
        let headers = WebhookSigner(secret: Samples.secret).headers(for: image)
        XCTAssertNoThrow(try verifier.event(body: image, headers: headers))
        XCTAssertThrowsError(try verifier.event(body: image, headers: Samples.headers()))
    }

    // MARK: Signature

    func testEventIsRejectedIfAnyByteOfBodyDiffers() throws {
        let verifier = try Samples.verifier()
        for index in image.indices {
            var body = image
            body[index] ^= 1
            XCTAssertThrowsError(try verifier.event(body: body, headers: Samples.headers()), "\(index)")
        }
        for body in [image.dropLast(), image + Data(" ".utf8), Data("\u{FEFF}".utf8) + image, Data()] {
            XCTAssertThrowsError(try verifier.event(body: body, headers: Samples.headers()))
        }
    }

    func testEventIsRejectedIfAnyDigitOfSignatureDiffers() throws {
        let verifier = try Samples.verifier()
        for index in 0..<64 {
            var digits = Array(Samples.imageSignature)
            digits[index] = digits[index] == "0" ? "1" : "0"
            let headers = Samples.headers(signature: String(digits))
            XCTAssertThrowsError(try verifier.event(body: image, headers: headers), "\(index)")
        }
    }

    func testEventIsRejectedIfTimestampDiffersFromSignedOne() async throws {
        for timestamp in ["1729314985", "1729314983", "01729314984"] {
            let error = try await rejection(headers: Samples.headers(timestamp: timestamp))
            XCTAssertTrue(error.message.contains("signature"), error.message)
        }
    }

    func testErrorForSignatureMismatchAdvisesToCheckSecretAndRawBytes() async throws {
        let error = try await rejection(secrets: ["another"])
        XCTAssertTrue(error.description.contains("secret"), error.description)
        XCTAssertTrue(error.description.contains("raw bytes"), error.description)
        XCTAssertNil(error.job)
    }

    func testBodyIsNotParsedBeforeSignatureIsVerified() async throws {
        let error = try await rejection(Data("{".utf8))
        XCTAssertTrue(error.message.contains("signature of the webhook request does not match"), error.message)
    }

    func testChecksRunInDocumentedOrder() async throws {
        let everythingWrong = try await rejection(Data(), headers: Samples.headers(timestamp: "x"), secondsLater: 999)
        XCTAssertTrue(everythingWrong.message.contains("header field"), everythingWrong.message)
        let oldAndUnsigned = try await rejection(Data(), secondsLater: 999)
        XCTAssertTrue(oldAndUnsigned.message.contains("999 s ago"), oldAndUnsigned.message)
    }

    func testEventIsRejectedIfBodyIsTooLarge() async throws {
        let body = Data(repeating: UInt8(ascii: " "), count: MagicHour.WebhookVerifier.maximumBodyBytes + 1)
        let headers = WebhookSigner(secret: Samples.secret).headers(for: body, at: Samples.date)
        let error = try await rejection(body, headers: headers)
        XCTAssertTrue(error.message.contains("1048577 bytes"), error.message)
        let largest = image + Data(repeating: UInt8(ascii: " "), count: body.count - 1 - image.count)
        let signed = WebhookSigner(secret: Samples.secret).headers(for: largest, at: Samples.date)
        XCTAssertEqual(try Samples.verifier().event(body: largest, headers: signed).type, .imageCompleted)
    }

    // MARK: Secrets

    func testEventIsReturnedIfAnyOfSeveralSecretsSignedRequest() throws {
        for secrets in [[Samples.secret, "new"], ["old", Samples.secret], ["a", Samples.secret, "b"]] {
            let verifier = try Samples.verifier(secrets: secrets)
            XCTAssertNoThrow(try verifier.event(body: image, headers: Samples.headers()), "\(secrets)")
        }
        let removed = try Samples.verifier(secrets: ["new", "newer"])
        XCTAssertThrowsError(try removed.event(body: image, headers: Samples.headers()))
    }

    func testWhitespaceAroundSecretIsRemoved() throws {
        let verifier = try Samples.verifier(secrets: [" \(Samples.secret)\r\n"])
        XCTAssertNoThrow(try verifier.event(body: image, headers: Samples.headers()))
    }

    func testVerifierIsNotCreatedWithoutSecret() {
        for secrets in [[], [""], [" \n"], [Samples.secret, ""]] {
            XCTAssertThrowsError(try MagicHour.WebhookVerifier(secrets: secrets)) { error in
                XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidConfiguration)
                XCTAssertTrue("\(error)".contains("Developer Hub"), "\(error)")
            }
        }
        XCTAssertThrowsError(try MagicHour.WebhookVerifier(secret: "")) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidConfiguration)
        }
        XCTAssertThrowsError(try MagicHour.WebhookVerifier(secret: "a", tolerance: .seconds(-1))) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidConfiguration)
        }
    }

    func testSecretIsNotShownIfVerifierOrSignerIsPrinted() throws {
        for value: Any in [try Samples.verifier(), WebhookSigner(secret: Samples.secret)] {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                XCTAssertFalse(text.contains(Samples.secret), text)
            }
        }
    }
}
