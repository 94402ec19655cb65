import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Requests that claim to be from ModelsLab, which does not sign its requests. None of them may change a record or cause a download.
final class ModelsLabForgeryTests: MockTestCase {
    private let headshot = "/api/v6/image_editing/head_shot"
    private let pathSecret = "0f8fad5bd9cb469fa165708674e1b2c3"

    /// The unfinished job has the id 7. The job 9 is not in the store.
    private func makeJobs() async throws -> (stored: StoredJobs, api: JobsAPI) {
        var stored = try StoredJobs(makeClients())
        let modelsLab = try ModelsLab(apiKey: "ml-secret", configuration: stored.configuration)
        let response = MockTransport.Response.json(#"{"status":"processing","id":7,"eta":20}"#)
        try await stored.submit(.trackID, to: headshot, response: response, modelsLab.jobs) { options in
            let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/me.png")
            return try await modelsLab.headshots.submit(request, options: options)
        }
        return (stored, modelsLab.jobs)
    }

    /// The members of an event without its id and its track id. The URLs are those of the attacker.
    private static let claim =
        #""status":"success","output":["https://evil.example/1.png"],"proxy_links":["https://evil.example/2.png"],"#
        + #""fetch_result":"https://evil.example/api/v6/image_editing/fetch/9","future_links":["https://evil.example/3.png"]"#

    private func resume(_ body: String, _ stored: StoredJobs, _ api: JobsAPI) async throws -> WebhookOutcome {
        let event = try ModelsLab.WebhookEvent(body: Data(body.utf8))
        return try await api.resume(event, options: stored.clients.options)
    }

    /// Fails if a request is not a fetch with the client's key, or if the store has changed.
    private func assertOnlyFetched(
        _ paths: Set<String>,
        _ stored: StoredJobs,
        _ name: String,
        line: UInt = #line
    ) throws {
        XCTAssertEqual(Set(stored.requests.map(\.url.path)), paths, name, line: line)
        for (request, body) in zip(stored.requests, stored.bodies) {
            XCTAssertEqual(request.url.host, "modelslab.com", name, line: line)
            XCTAssertEqual(String(decoding: body, as: UTF8.self), #"{"key":"ml-secret"}"#, name, line: line)
        }
        try stored.assertUnchanged(name, line: line)
    }

    // MARK: Events without a fetch

    func testEventAboutAnUnknownJobChangesNothingAndCausesNoRequest() async throws {
        let rows: [(name: String, members: String)] = [
            ("id of a stranger", #""id":9"#),
            ("id of a stranger as text", #""id":"9""#),
            ("id of a stranger, track id null", #""id":9,"track_id":null"#),
            ("track id without a tag", #""id":9,"track_id":"order_12345""#),
            ("track id number", #""id":9,"track_id":7"#),
            ("track id is an unknown tag", #""id":9,"track_id":"hk-AX8i4nmwfMOYxNwMDAc5jw""#),
            ("track id is half of the tag", #""id":9,"track_id":"{half}""#),
            ("track id with text after the tag", #""id":9,"track_id":"{tag} ""#),
            ("track id in lower case", #""id":9,"track_id":"{lower}.""#),
            ("track id in a list", #""id":9,"track_id":["{tag}"]"#),
            ("track id in meta", #""id":9,"meta":{"track_id":"{tag}"}"#),
            ("id missing", #""track_id":"{tag}""#),
            ("id null", #""id":null,"track_id":"{tag}""#),
            ("id empty", #""id":"","track_id":"{tag}""#),
            ("id blank", #""id":" \n","track_id":"{tag}""#),
            ("id list", #""id":[7],"track_id":"{tag}""#),
            ("id 0", #""id":0,"track_id":"{tag}""#),
            ("id 0 as text", #""id":"0","track_id":"{tag}""#),
        ]
        for row in rows {
            let (stored, api) = try await makeJobs()
            let members = row.members.replacing("{tag}", with: stored.tag)
                .replacing("{half}", with: stored.tag.prefix(14)).replacing("{lower}", with: stored.tag.lowercased())
            // A fetch would assign the job to the unconfirmed record, because the job has not failed.
            for id in ["0", "9"] {
                let processing = MockTransport.Response.json(#"{"status":"processing","id":\#(id)}"#)
                stored.clients.mock.on("POST", "/api/v6/image_editing/fetch/\(id)", times: 0...1, response: processing)
            }
            let outcome = try await resume("{\(Self.claim),\(members)}", stored, api)
            XCTAssertEqual(outcome, .notOurs, row.name)
            try assertOnlyFetched([], stored, row.name)
        }
    }

    func testRequestWithAnotherSecretPathChangesNothing() async throws {
        let rows: [(name: String, path: String)] = [
            ("no secret", "/webhooks/modelslab"), ("empty", ""), ("root", "/"),
            ("half of the secret", "/webhooks/\(pathSecret.prefix(16))"),
            ("one character less", "/webhooks/\(pathSecret.dropLast())"),
            ("one character more", "/webhooks/\(pathSecret)0"),
            ("upper case", "/webhooks/\(pathSecret.uppercased())"),
            ("the last character differs", "/webhooks/\(pathSecret.dropLast())4"),
            ("secret before the last component", "/\(pathSecret)/modelslab"),
            ("secret in the query", "/webhooks/modelslab?secret=/\(pathSecret)"),
            ("secret in the fragment", "/webhooks/modelslab#/\(pathSecret)"),
            ("percent-encoded", "/webhooks/%30\(pathSecret.dropFirst())"),
            ("zero byte", "/webhooks/\(pathSecret)\0"),
        ]
        let (stored, api) = try await makeJobs()
        func handle(_ path: String, _ body: String) async throws -> Int {
            guard ModelsLab.WebhookPath.isExpected(path, secret: pathSecret) else { return 404 }
            _ = try await resume(body, stored, api)
            return 200
        }
        let body = #"{\#(Self.claim),"id":9,"track_id":"\#(stored.tag)"}"#
        for row in rows {
            try await assertEqual(await handle(row.path, body), 404, row.name)
            try assertOnlyFetched([], stored, row.name)
        }
    }

    func testMalformedBodyChangesNothing() async throws {
        let notJSON = "cannot be read. It is not JSON"
        let noJob = "cannot be read. It contains neither a status nor an output."
        let genuine = #"{"status":"success","id":7,"output":["https://evil.example/1.png"]}"#
        let rows: [(name: String, body: Data, message: String)] = [
            ("empty", Data(), notJSON),
            ("truncated", Data(genuine.utf8.dropLast()), notJSON),
            ("first byte removed", Data(genuine.utf8.dropFirst()), notJSON),
            ("two bodies", Data((genuine + genuine).utf8), notJSON),
            ("gzip", WebhookRequest(genuine).gzipped, notJSON),
            ("UTF-16", try XCTUnwrap(genuine.data(using: .utf16)), notJSON),
            ("form", Data("status=success&id=7".utf8), notJSON),
            ("HTML", Data("<html><body>502</body></html>".utf8), notJSON),
            ("nested too deeply", Data(String(repeating: "[", count: 100_000).utf8), notJSON),
            ("list", Data("[\(genuine)]".utf8), noJob),
            ("text", Data(genuine.debugDescription.utf8), noJob),
            ("number", Data("7".utf8), noJob),
            ("null", Data("null".utf8), noJob),
            ("empty object", Data("{}".utf8), noJob),
            ("id alone", Data(#"{"id":7}"#.utf8), noJob),
            ("status blank", Data(#"{"status":" ","id":7}"#.utf8), noJob),
            (
                "1 MiB and 1 byte", Data(genuine.utf8) + Data(repeating: 0x20, count: 1 << 20),
                "at most 1048576 are read"
            ),
        ]
        let (stored, api) = try await makeJobs()
        for row in rows {
            let error = try await failure {
                try await api.resume(ModelsLab.WebhookEvent(body: row.body), options: stored.clients.options)
            }
            XCTAssertEqual(error.code, .invalidWebhook, row.name)
            XCTAssertTrue(error.message.contains(row.message), "\(row.name): \(error.message)")
            try assertOnlyFetched([], stored, row.name)
        }
    }

    // MARK: Events with a fetch

    func testForgedPairOfIDAndTrackIDChangesNothing() async throws {
        let other = (code: HeadshotKitError.Code.invalidWebhook, message: "has another track id")
        let failed = (code: HeadshotKitError.Code.invalidWebhook, message: "has failed")
        let outputs = #""status":"success","id":9,"output":["https://o.example/1.png"]"#
        typealias Row = (name: String, error: (code: HeadshotKitError.Code, message: String), MockTransport.Response)
        let rows: [Row] = [
            ("another track id", other, .json(#"{\#(outputs),"track_id":"order_12345"}"#)),
            ("track id is an unknown tag", other, .json(#"{\#(outputs),"track_id":"hk-AX8i4nmwfMOYxNwMDAc5jw"}"#)),
            ("track id number", other, .json(#"{\#(outputs),"track_id":7}"#)),
            ("track id false", other, .json(#"{\#(outputs),"track_id":false}"#)),
            ("track id list", other, .json(#"{\#(outputs),"track_id":[]}"#)),
            ("track id blank", other, .json(#"{\#(outputs),"track_id":" "}"#)),
            (
                "another track id, in progress", other,
                .json(#"{"status":"processing","id":9,"track_id":"order_12345"}"#)
            ),
            ("another track id, failed", other, .json(#"{"status":"failed","id":9,"track_id":"order_12345"}"#)),
            ("failed", failed, .json(#"{"status":"failed","id":9,"message":"No face found"}"#)),
            ("error", failed, .json(#"{"status":"error","id":9,"message":"Generation failed."}"#)),
            ("status 404", (.notFound, "404"), .status(404)),
            ("not found", (.notFound, "not found"), .json(#"{"status":"error","message":"Request not found"}"#)),
            ("status 401", (.unauthorized, "401"), .status(401)),
            ("key refused", (.unauthorized, "key"), .json(#"{"status":"error","message":"Invalid API key"}"#)),
            ("status 400", (.invalidRequest, "400"), .status(400)),
            ("status 503", (.deadlineExceeded, "503"), .status(503)),
            ("HTML", (.deadlineExceeded, "not"), .data(Data("<html></html>".utf8))),
            ("another job", (.deadlineExceeded, "another job"), .json(#"{"status":"success","id":8}"#)),
        ]
        for row in rows {
            let (stored, api) = try await makeJobs()
            stored.clients.mock.on("POST", "/api/v6/image_editing/fetch/9", times: 1...1_000, response: row.2)
            let error = try await failure {
                try await resume(#"{\#(Self.claim),"id":9,"track_id":"\#(stored.tag)"}"#, stored, api)
            }
            XCTAssertEqual(error.code, row.error.code, row.name)
            XCTAssertTrue(error.message.contains(row.error.message), "\(row.name): \(error.message)")
            XCTAssertEqual(error.submission, .unconfirmed, row.name)
            try assertOnlyFetched(["/api/v6/image_editing/fetch/9"], stored, row.name)
        }
    }

    func testForgedIDIsOnePathComponentAndChangesNothing() async throws {
        let rows: [(id: String, component: String?)] = [
            ("..", nil), (".", nil), ("unnamed-1", nil), ("../../user_details", "..%2F..%2Fuser_details"),
            ("9/../7", "9%2F..%2F7"), ("9?x=1#y", "9%3Fx%3D1%23y"), ("9%2F7", "9%252F7"),
            ("//evil.example/9", "%2F%2Fevil.example%2F9"), ("@evil.example", "%40evil.example"),
            ("9\r\nHost: evil.example", "9%0D%0AHost%3A%20evil.example"),
        ]
        for row in rows {
            let (stored, api) = try await makeJobs()
            let path = "/api/v6/image_editing/fetch/\(row.id)"
            if row.component != nil {
                stored.clients.mock.on("POST", path, times: 1...1_000, response: .status(404))
            }
            let id = row.id.replacing("\r\n", with: "\\r\\n")
            let error = try await failure {
                try await resume(#"{\#(Self.claim),"id":"\#(id)","track_id":"\#(stored.tag)"}"#, stored, api)
            }
            XCTAssertTrue([.notFound, .invalidRequest].contains(error.code), "\(row.id): \(error)")
            XCTAssertEqual(
                Set(stored.requests.map(\.url.absoluteString)),
                row.component.map { ["https://modelslab.com/api/v6/image_editing/fetch/\($0)"] } ?? [],
                row.id
            )
            try assertOnlyFetched(row.component == nil ? [] : [path], stored, row.id)
        }
    }

    func testFalseClaimAboutTheUnfinishedJobChangesNothing() async throws {
        let processing = MockTransport.Response.json(#"{"status":"processing","id":7,"eta":20}"#)
        let rows: [(name: String, members: String)] = [
            ("success", #""status":"success","output":["https://evil.example/1.png"]"#),
            ("success with the tag of the other record", #""status":"success","track_id":"{tag}""#),
            ("failed", #""status":"failed","message":"No face found""#),
            ("deleted", #""status":"deleted""#),
            ("outputs without a status", #""output":"https://evil.example/1.png""#),
        ]
        for row in rows {
            let (stored, api) = try await makeJobs()
            stored.clients.mock.on("POST", "/api/v6/image_editing/fetch/7", response: processing)
            let body = "{\(row.members.replacing("{tag}", with: stored.tag)),\"id\":7}"
            try await assertEqual(await resume(body, stored, api), .pending, row.name)
            try assertOnlyFetched(["/api/v6/image_editing/fetch/7"], stored, row.name)
        }
        for (status, code) in [(401, HeadshotKitError.Code.unauthorized), (404, .notFound), (503, .deadlineExceeded)] {
            let (stored, api) = try await makeJobs()
            stored.clients.mock.on(
                "POST",
                "/api/v6/image_editing/fetch/7",
                times: 1...1_000,
                response: .status(status)
            )
            let error = try await failure { try await resume(#"{\#(Self.claim),"id":7}"#, stored, api) }
            XCTAssertEqual(error.code, code)
            try assertOnlyFetched(["/api/v6/image_editing/fetch/7"], stored, "\(status)")
        }
    }

    // MARK: Genuine events

    func testGenuineEventsDeliverTheFetchedOutputsOnce() async throws {
        let (stored, api) = try await makeJobs()
        // The response is larger than the limit of an event.
        let large = pngBytes.base64EncodedString() + String(repeating: "\\n", count: 1 << 20)
        for (id, output) in [(7, "https://o.example/1.png"), (9, large)] {
            stored.clients.mock.on(
                "POST",
                "/api/v6/image_editing/fetch/\(id)",
                response: .json(
                    #"{"status":"success","id":\#(id),"output":["\#(output)"],"track_id":"\#(stored.tag)"}"#
                )
            )
            if id == 7 { stored.clients.mock.on("GET", "//o.example/1.png", response: .data(pngBytes)) }
            let outcome = try await resume(#"{\#(Self.claim),"id":\#(id),"track_id":"\#(stored.tag)"}"#, stored, api)
            guard case .delivered(let job) = outcome else { return XCTFail("\(id): \(outcome)") }
            XCTAssertEqual(job.files.map(\.lastPathComponent), ["headshot-\(id)-1.png"])
        }
        try await assertEqual(await api.unfinished(), [])
        let sent = stored.requests.count
        for id in [7, 9] {
            let replayed = #"{\#(Self.claim),"id":\#(id),"track_id":"\#(stored.tag)"}"#
            try await assertEqual(await resume(replayed, stored, api), .notOurs, "\(id)")
        }
        XCTAssertEqual(stored.requests.count, sent)
    }
}
