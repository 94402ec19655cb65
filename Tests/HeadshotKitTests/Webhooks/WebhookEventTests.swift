import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class WebhookEventTests: XCTestCase {
    private typealias Samples = WebhookSamples

    func testImageEventHoldsImageProject() throws {
        let event = try Samples.event(Samples.image)
        XCTAssertEqual(event.type, .imageCompleted)
        XCTAssertEqual(event.projectID, "cuid-example")
        XCTAssertNil(event.name)
        XCTAssertEqual(event.status, .complete)
        XCTAssertNil(event.error)
        XCTAssertNil(event.videoProject)
        let project = try XCTUnwrap(event.imageProject)
        XCTAssertEqual(project.type, .aiHeadshot)
        XCTAssertEqual(project.creditsCharged, 50)
        XCTAssertEqual(project.imageCount, 1)
        XCTAssertEqual(project.downloads.map(\.url.absoluteString), ["https://videos.magichour.ai/id/output.png"])
        XCTAssertEqual(event.downloads, project.downloads)
        XCTAssertEqual(event.payload["created_at"], "2024-10-19T05:10:19.027Z")
    }

    func testVideoEventHoldsVideoProject() throws {
        let event = try Samples.event(Samples.video)
        XCTAssertEqual(event.type, .videoCompleted)
        XCTAssertEqual(event.name, "Example Name")
        XCTAssertNil(event.imageProject)
        let project = try XCTUnwrap(event.videoProject)
        XCTAssertEqual([project.width, project.height], [512, 960])
        XCTAssertEqual([project.fps, project.startSeconds, project.endSeconds], [30, 0, 15])
        XCTAssertEqual(event.downloads.map(\.url.absoluteString), ["https://videos.magichour.ai/id/output.mp4"])
    }

    func testAudioEventHoldsFieldsThatAllProjectsHave() throws {
        let event = try Samples.event(Samples.audio)
        XCTAssertEqual(event.type, .audioCompleted)
        XCTAssertEqual([event.projectID, event.name], ["cuid-example", "Example Name"])
        XCTAssertEqual(event.status, .complete)
        XCTAssertNil(event.imageProject)
        XCTAssertNil(event.videoProject)
        XCTAssertEqual(event.downloads.map(\.url.absoluteString), ["https://videos.magichour.ai/id/output.wav"])
        XCTAssertEqual(event.payload["credits_charged"], 2)
    }

    func testEveryDocumentedTypeHasStaticMember() throws {
        let types: [(String, MagicHour.WebhookEvent.EventType)] = [
            ("image.started", .imageStarted), ("image.completed", .imageCompleted), ("image.errored", .imageErrored),
            ("video.started", .videoStarted), ("video.completed", .videoCompleted), ("video.errored", .videoErrored),
            ("audio.started", .audioStarted), ("audio.completed", .audioCompleted), ("audio.errored", .audioErrored),
        ]
        for (text, type) in types {
            let event = try Samples.event(
                #"{"type":"\#(text)","payload":{"id":"a","name":"b","status":"rendering","downloads":[],"error":null}}"#
            )
            XCTAssertEqual(event.type, type)
            XCTAssertEqual(event.status, .rendering)
            XCTAssertEqual(event.imageProject != nil, text.hasPrefix("image"))
            XCTAssertEqual(event.videoProject != nil, text.hasPrefix("video"))
        }
    }

    func testErroredEventHoldsReasonOfFailure() throws {
        for kind in ["image", "video", "audio"] {
            let event = try Samples.event(
                #"{"type":"\#(kind).errored","payload":{"id":"a","name":null,"status":"error","downloads":[],"#
                    + #""error":{"message":"No face","code":"no_source_face"}}}"#
            )
            XCTAssertEqual(event.status, .error)
            XCTAssertEqual(event.error?.code, .noSourceFace)
            XCTAssertEqual(event.error?.message, "No face")
        }
    }

    func testFieldsOfOlderDocumentsAreAccepted() throws {
        let image = try Samples.event(
            #"{"type":"image.completed","payload":{"id":"a","status":"complete","image_count":1,"type":"AI_IMAGE","#
                + #""created_at":"2024-10-19T05:16:19.027Z","completed_at":"2024-10-19T05:16:20.027Z","failed_at":null,"#
                + #""width":512,"height":512,"enabled":true,"total_frame_cost":5,"downloads":[]}}"#
        )
        XCTAssertEqual(image.imageProject?.creditsCharged, 5)
        XCTAssertEqual(image.payload["completed_at"], "2024-10-19T05:16:20.027Z")
        let video = try Samples.event(
            #"{"type":"video.completed","payload":{"id":"a","status":"complete","total_frame_cost":450,"#
                + #""download":{"url":"https://videos.magichour.ai/id/output.mp4","expires_at":"2024-10-19T05:16:19.027Z"}}}"#
        )
        XCTAssertEqual(video.videoProject?.creditsCharged, 450)
        XCTAssertEqual(video.videoProject?.downloads.count, 1)
        XCTAssertEqual(video.downloads.count, 1)
    }

    func testEventOfUnknownTypeIsKept() throws {
        let event = try Samples.event(
            #"{"type":"model.trained","payload":{"id":42,"name":"x","status":"Complete ","weights":[1,2.5]},"extra":1}"#
        )
        XCTAssertEqual(event.type, "model.trained")
        XCTAssertEqual([event.projectID, event.name], ["42", "x"])
        XCTAssertEqual(event.status, .complete)
        XCTAssertEqual(event.payload["weights"], [1, .number(2.5)])
        XCTAssertNil(event.imageProject)
        XCTAssertNil(event.videoProject)
        XCTAssertEqual(try Samples.event(#"{"type":"image.archived","payload":{"id":"a"}}"#).imageProject?.id, "a")
    }

    func testEventOfUnknownTypeIsKeptWithoutPayload() throws {
        for (payload, value): (String, JSONValue) in [
            ("", nil), (#","payload":null"#, nil), (#","payload":[1]"#, [1]), (#","payload":"x""#, "x"),
            (#","payload":{}"#, [:]),
        ] {
            let event = try Samples.event(#"{"type":"webhook.test"\#(payload)}"#)
            XCTAssertEqual(event.type, "webhook.test")
            XCTAssertEqual(event.payload, value)
            XCTAssertNil(event.projectID)
            XCTAssertNil(event.status)
            XCTAssertEqual(event.downloads, [])
        }
    }

    func testEventIsRejectedIfProjectIsMissing() {
        for body in [
            #"{"type":"image.completed"}"#, #"{"type":"image.completed","payload":null}"#,
            #"{"type":"video.completed","payload":[]}"#, #"{"type":"audio.completed","payload":"a"}"#,
        ] {
            assertUnreadable(body, "The payload is not a project.")
        }
    }

    func testEventIsRejectedIfBodyIsNotAnObjectWithType() {
        for body in [
            "[]", "null", "1", #""image.completed""#, "{}", #"{"type":null,"payload":{}}"#,
            #"{"type":7,"payload":{}}"#, #"{"type":{},"payload":{}}"#, #"{"payload":{"id":"a"}}"#,
        ] {
            assertUnreadable(body, "It is not an object with a type.")
        }
        assertUnreadable(#"{"type":" ","payload":{}}"#, "The type is empty.")
    }

    func testEventIsRejectedIfBodyIsNotJSON() {
        for body in ["", " ", "{", "type=image.completed", "<html></html>", #"{"type":"image.completed","payload":{"#] {
            assertUnreadable(body, "It is not JSON")
        }
    }

    func testEventIsRejectedIfJSONIsTooDeepOrHasTooManyValues() throws {
        let start = #"{"type":"image.completed","payload":{"id":"a","x":"#
        for filler in [
            String(repeating: "[", count: 100_000), String(repeating: #"{"a":"#, count: 100_000),
            String(repeating: "[", count: 400) + String(repeating: "]", count: 400),
            "[" + String(repeating: "1,", count: 200_000) + "1]",
        ] {
            assertUnreadable("\(start)\(filler)}}", "It is not JSON")
        }
        let long = try Samples.event(start + "\"\(String(repeating: "x", count: 1_000_000))\"}}")
        XCTAssertEqual(long.projectID, "a")
    }

    func testEventIsKeptIfFieldsHaveOtherTypes() throws {
        let event = try Samples.event(
            #"{"type":"image.completed","payload":{"id":["a"],"name":{},"status":[],"downloads":1e999,"error":7,"#
                + #""credits_charged":1e300,"image_count":-9223372036854775809,"enabled":"x"}}"#
        )
        XCTAssertNil(event.projectID)
        XCTAssertNil(event.name)
        XCTAssertNil(event.status)
        XCTAssertNotNil(event.imageProject)
    }

    func testEventIsKeptWithoutProjectIfURLOfOutputIsMalformed() throws {
        for kind in ["image", "video", "audio"] {
            let event = try Samples.event(
                #"{"type":"\#(kind).completed","payload":{"id":"a","status":"complete","downloads":[{"url":"no url"}]}}"#
            )
            XCTAssertEqual(event.projectID, "a")
            XCTAssertEqual(event.status, .complete)
            XCTAssertEqual(event.downloads, [])
            XCTAssertNil(event.imageProject)
            XCTAssertNil(event.videoProject)
        }
    }

    func testURLsAreNotShownIfEventIsPrinted() throws {
        let event = try Samples.event(Samples.image)
        var dumped = ""
        dump(event, to: &dumped)
        XCTAssertEqual("\(event)", "image.completed, project cuid-example")
        for text in [String(reflecting: event), dumped] { XCTAssertFalse(text.contains("https"), text) }
    }

    private func assertUnreadable(_ body: String, _ reason: String, line: UInt = #line) {
        XCTAssertThrowsError(try Samples.event(body), line: line) { error in
            let error = error as? HeadshotKitError
            XCTAssertEqual(error?.code, .unreadableWebhook, line: line)
            XCTAssertEqual(error?.message.contains(reason), true, "\(String(describing: error))", line: line)
            XCTAssertEqual(error?.message.contains("signature of the webhook request is valid"), true, line: line)
            XCTAssertEqual(error?.advice?.contains("2xx"), true, line: line)
        }
    }
}
