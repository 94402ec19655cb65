import Foundation
import HeadshotKit
import XCTest

final class ModelsLabWebhookTests: XCTestCase {
    static let success =
        #"{"status":"success","id":183746291,"output":["https://cdn.example.com/generations/0-a.png","#
        + #""https://cdn.example.com/generations/1-a.png"],"generationTime":2.31,"track_id":"order_12345","#
        + #""meta":{"prompt":"navy suit","n_samples":2}}"#

    private func event(_ body: String) throws -> ModelsLab.WebhookEvent {
        try ModelsLab.WebhookEvent(body: Data(body.utf8))
    }

    func testSuccessIsDecoded() throws {
        let event = try event(Self.success)
        XCTAssertEqual(event.status, .success)
        XCTAssertEqual(event.id, "183746291")
        XCTAssertEqual(
            event.outputURLs.map(\.absoluteString),
            ["https://cdn.example.com/generations/0-a.png", "https://cdn.example.com/generations/1-a.png"]
        )
        XCTAssertEqual(event.trackID, "order_12345")
        XCTAssertNil(event.message)
        XCTAssertEqual(event.meta?["prompt"], "navy suit")
    }

    func testFailureIsDecoded() throws {
        let event = try event(#"{"status":"failed","id":"abc-1","message":"No face found","track_id":77}"#)
        XCTAssertEqual(event.status, .failed)
        XCTAssertEqual(event.id, "abc-1")
        XCTAssertEqual(event.message, "No face found")
        XCTAssertEqual(event.trackID, 77)
        XCTAssertEqual(event.outputURLs, [])
        XCTAssertNil(event.meta)
    }

    func testIDAndTrackIDAreDecodedFromNumberOrString() throws {
        let rows: [(wire: String, id: String?, trackID: ModelsLab.TrackID?)] = [
            ("7", "7", 7), (#""7""#, "7", "7"), ("null", nil, nil), (#""""#, nil, nil), ("[]", nil, nil),
            ("{}", nil, nil), ("9223372036854775807", "9223372036854775807", .number(.max)), ("1.5", "1.5", "1.5"),
            ("-3", "-3", -3),
        ]
        for row in rows {
            let event = try event(#"{"status":"success","id":\#(row.wire),"track_id":\#(row.wire)}"#)
            XCTAssertEqual(event.id, row.id, row.wire)
            XCTAssertEqual(event.trackID, row.trackID, row.wire)
        }
        XCTAssertNil(try event(#"{"status":"success"}"#).trackID)
    }

    func testDuplicateDeliveriesAreEqual() throws {
        XCTAssertEqual(try event(Self.success), try event(Self.success))
    }

    func testUnknownStatusIsKept() throws {
        XCTAssertEqual(try event(#"{"status":"moderated","id":1}"#).status, "moderated")
    }

    func testOutputThatIsNoWebURLIsNotReturned() throws {
        let event = try event(
            #"{"status":"success","id":1,"output":["file:///etc/passwd","javascript:alert(1)","iVBORw0KGgo=",null,"#
                + #""https://cdn.example.com/a.png"]}"#
        )
        XCTAssertEqual(event.outputURLs.map(\.absoluteString), ["https://cdn.example.com/a.png"])
    }

    func testBodyWithoutJobIsRejected() {
        for body in [
            "", "{", "[]", "null", "7", "{}", #"{"id":1}"#, "status=success", String(repeating: "[", count: 100_000),
            #"{"status":"success","pad":""# + String(repeating: "x", count: 1 << 20) + #""}"#,
        ] {
            XCTAssertThrowsError(try event(body), String(body.prefix(20))) { error in
                let error = error as? HeadshotKitError
                XCTAssertEqual(error?.code, .invalidWebhook)
                XCTAssertEqual(error?.description.contains("Fetch the jobs"), true)
            }
        }
    }

    func testURLsAreNotShownIfEventIsPrinted() throws {
        let event = try event(Self.success)
        var dumped = ""
        dump(event, to: &dumped)
        XCTAssertEqual("\(event)", "success, job 183746291 (unverified)")
        for text in [String(reflecting: event), dumped] { XCTAssertFalse(text.contains("https"), text) }
    }

    // MARK: The path

    func testPathIsExpectedIfLastComponentIsSecret() {
        let secret = "0f8fad5bd9cb469fa165708674e1b2c3"
        for path in ["/webhooks/\(secret)", secret, "/\(secret)/", "//\(secret)", "/a/b/\(secret)?x=1", "/\(secret)#y"]
        {
            XCTAssertTrue(ModelsLab.WebhookPath.isExpected(path, secret: secret), path)
        }
    }

    func testPathIsNotExpectedIfLastComponentDiffers() {
        let secret = "0f8fad5bd9cb469fa165708674e1b2c3"
        for path in [
            "", "/", "?", "/webhooks", "/\(secret.dropLast())", "/\(secret)0", "/\(secret.uppercased())",
            "/\(secret)/other", "/other?\(secret)", "/other?x=/\(secret)", "/\(secret)%20", "/\(secret)\u{0}",
            String(repeating: "/", count: 100_000), "/" + String(repeating: "0", count: 1 << 20),
        ] {
            XCTAssertFalse(ModelsLab.WebhookPath.isExpected(path, secret: secret), String(path.prefix(60)))
        }
    }

    func testNoPathIsExpectedIfSecretIsEmpty() {
        for path in ["", "/", "//", "/webhooks/", "?"] {
            XCTAssertFalse(ModelsLab.WebhookPath.isExpected(path, secret: ""), path)
        }
    }
}
