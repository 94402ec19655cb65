import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Requests that a seeded generator mutates. Every failure must be an error of the package.
final class MutatedWebhookTests: XCTestCase {
    private typealias Samples = WebhookSamples
    private var random = SplitMix64(state: 2026)

    func testMutatedRequestIsRejectedOrUnchanged() throws {
        let verifier = try Samples.verifier()
        let original = try Samples.event(Samples.image)
        for number in 0..<2_000 {
            var headers = Samples.headers()
            var body = Array(Samples.image.utf8)
            for _ in 0...number % 3 {
                switch random.next() % 3 {
                case 0: mutate(&body)
                case 1: headers["magic-hour-event-signature"] = mutated(headers["magic-hour-event-signature"])
                default: headers["magic-hour-event-timestamp"] = mutated(headers["magic-hour-event-timestamp"])
                }
            }
            assertThrowsOnlyPackageErrors("\(number)") {
                let event = try verifier.event(body: Data(body), headers: headers)
                // A mutation may change the case of a digit or undo the one before it.
                XCTAssertEqual(event, original, "\(number)")
                XCTAssertEqual(body, Array(Samples.image.utf8), "\(number)")
            }
        }
    }

    func testMutatedBodyWithValidSignatureIsReadOrRejected() throws {
        let verifier = try Samples.verifier()
        let signer = WebhookSigner(secret: Samples.secret)
        let samples = [Samples.image, Samples.video, Samples.audio]
        for number in 0..<2_000 {
            var bytes = Array(samples[number % samples.count].utf8)
            for _ in 0...number % 8 { mutate(&bytes) }
            let body = Data(bytes)
            assertThrowsOnlyPackageErrors("\(number)", .unreadableWebhook) {
                let event = try verifier.event(body: body, headers: signer.headers(for: body, at: Samples.date))
                XCTAssertFalse(event.type.rawValue.isEmpty)
            }
        }
    }

    func testMutatedModelsLabBodyIsReadOrRejected() {
        for number in 0..<2_000 {
            var bytes = Array(ModelsLabWebhookTests.success.utf8)
            for _ in 0...number % 8 { mutate(&bytes) }
            assertThrowsOnlyPackageErrors("\(number)") {
                _ = try ModelsLab.WebhookEvent(body: Data(bytes))
            }
        }
    }

    func testMutatedSecretPathIsExpectedOnlyIfUnchanged() {
        let secret = "0f8fad5bd9cb469fa165708674"
        for _ in 0..<2_000 {
            let component = mutated(secret)
            let isLast = component.split(separator: "/").last.map(String.init) == secret
            let expected = isLast && !component.contains("?") && !component.contains("#")
            if !component.contains("?"), !component.contains("#") {
                XCTAssertEqual(
                    ModelsLab.WebhookPath.isExpected("/hooks/x/\(component)", secret: secret),
                    expected,
                    component
                )
            }
        }
    }

    private func assertThrowsOnlyPackageErrors(
        _ label: String,
        _ code: HeadshotKitError.Code = .invalidWebhook,
        _ body: () throws -> Void
    ) {
        do { try body() } catch let error as HeadshotKitError {
            XCTAssertEqual(error.code, code, label)
            XCTAssertFalse(error.description.isEmpty, label)
        } catch {
            XCTFail("\(label): \(error)")
        }
    }

    private func mutated(_ text: String?) -> String {
        var bytes = Array((text ?? "").utf8)
        mutate(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func mutate(_ bytes: inout [UInt8]) {
        let index = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
        let pieces = [
            "9", "-", "99999999999999999999", "1e999", "NaN", "null", "\"", "{", "}", "[", "]", ",", "\\ud800",
            "\\u0000",
            "\u{FEFF}", "٣", "\u{0}", " ", #"{"a":"#, #""type":"#, String(repeating: "[", count: 70), "https://",
            "\u{1F600}",
        ]
        switch random.next() % 6 {
        case 0 where !bytes.isEmpty: bytes[index] ^= 1 << UInt8(random.next() % 8)
        case 1 where !bytes.isEmpty: bytes.remove(at: index)
        case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
        case 3: bytes.insert(contentsOf: Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8), at: index)
        case 4: bytes.removeSubrange(index...)
        default:
            let end = bytes.isEmpty ? 0 : index + Int(random.next() % UInt64(bytes.count - index))
            bytes.replaceSubrange(index..<end, with: bytes[..<index].suffix(12))
        }
    }
}
