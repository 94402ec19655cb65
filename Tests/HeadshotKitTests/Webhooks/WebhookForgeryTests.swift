import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Requests that Magic Hour did not send, sent long ago, or sent with other bytes. None of them may change a record or cause a
/// request.
final class WebhookForgeryTests: MockTestCase {
    private typealias Samples = WebhookSamples

    /// A change of a genuine request and a part of the message of its rejection.
    private struct Forgery {
        let name: String
        let message: String
        let change: (inout WebhookRequest) throws -> Void

        init(_ name: String, _ message: String, _ change: @escaping (inout WebhookRequest) throws -> Void) {
            self.name = name
            self.message = message
            self.change = change
        }
    }

    private let create = "/v1/ai-headshot-generator"

    private func completed(_ id: String, name: String) -> String {
        #"{"type":"image.completed","payload":{"id":"\#(id)","name":\#(name),"status":"complete","#
            + #""type":"AI_HEADSHOT","created_at":"2024-10-19T05:10:19.027Z","enabled":true,"image_count":1,"#
            + #""credits_charged":50,"error":null,"downloads":[{"url":"https://videos.magichour.ai/id/output.png","#
            + #""expires_at":"2024-10-19T05:16:19.027Z"}]}}"#
    }

    private func makeJobs() async throws -> (stored: StoredJobs, api: JobsAPI) {
        var stored = try StoredJobs(makeClients())
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: stored.configuration)
        let response = MockTransport.Response.json(#"{"id":"cuid-example","credits_charged":50}"#)
        try await stored.submit(.name, to: create, response: response, magicHour.jobs) { options in
            try await magicHour.headshots.submit(.init(photo: "api-assets/me.png"), options: options)
        }
        return (stored, magicHour.jobs)
    }

    /// Returns the genuine requests for the unfinished job and for the unconfirmed record.
    private func genuineRequests(_ stored: StoredJobs) -> [WebhookRequest] {
        [completed("cuid-example", name: "null"), completed("cuid-other", name: #""Ana \#(stored.tag)""#)]
            .map(WebhookRequest.init)
    }

    /// Verifies a request and resumes its job, as the handler and the worker of `docs/webhooks.md` do.
    private func handle(
        _ request: WebhookRequest,
        _ stored: StoredJobs,
        _ api: JobsAPI,
        secrets: [String] = [Samples.secret]
    ) async throws -> WebhookOutcome {
        let verifier = try Samples.verifier(secrets: secrets, secondsLater: request.secondsLater)
        let event = try verifier.event(body: request.body, headers: request.headers)
        return try await api.resume(event, options: stored.clients.options)
    }

    private func assertRejected(
        _ forgeries: [Forgery],
        code: HeadshotKitError.Code = .invalidWebhook,
        line: UInt = #line
    ) async throws {
        XCTAssertEqual(Set(forgeries.map(\.name)).count, forgeries.count, line: line)
        for forgery in forgeries {
            let (stored, api) = try await makeJobs()
            for genuine in genuineRequests(stored) {
                var request = genuine
                try forgery.change(&request)
                XCTAssertNotEqual(request, genuine, forgery.name, line: line)
                let error = try await failure(of: { try await handle(request, stored, api) }, line: line)
                XCTAssertEqual(error.code, code, forgery.name, line: line)
                let message = error.message
                XCTAssertTrue(message.contains(forgery.message), "\(forgery.name): \(message)", line: line)
            }
            try stored.assertUnchanged(forgery.name, line: line)
            XCTAssertEqual(stored.requests, [], forgery.name, line: line)
        }
    }

    // MARK: Headers

    func testRequestWithForgedSignatureHeaderChangesNothing() async throws {
        let notDigits = "magic-hour-event-signature of the webhook request is not 64 hexadecimal digits"
        let twice = "magic-hour-event-signature of the webhook request occurs more than once"
        let empty = "magic-hour-event-signature of the webhook request is empty"
        try await assertRejected([
            Forgery("missing", "no header field magic-hour-event-signature") { $0.signature = nil },
            Forgery("empty", empty) { $0.signature = "" },
            Forgery("only spaces", empty) { $0.signature = " \t " },
            Forgery("twice, the same", twice) { $0.headers["Magic-Hour-Event-Signature"] = $0.signature },
            Forgery("twice, forged and genuine", twice) {
                $0.headers["MAGIC-HOUR-EVENT-SIGNATURE"] = String(repeating: "0", count: 64)
            },
            Forgery("two values in one field", notDigits) {
                $0.signature = "\($0.signature ?? ""),\($0.signature ?? "")"
            },
            Forgery("63 digits", notDigits) { $0.signature?.removeLast() },
            Forgery("62 digits", notDigits) { $0.signature?.removeLast(2) },
            Forgery("65 digits", notDigits) { $0.signature?.append("0") },
            Forgery("66 digits", notDigits) { $0.signature?.append("00") },
            Forgery("128 digits", notDigits) { $0.signature = ($0.signature ?? "") + ($0.signature ?? "") },
            Forgery("a letter after f", notDigits) { $0.signature = "g" + ($0.signature?.dropFirst() ?? "") },
            Forgery("full-width digits", notDigits) { $0.signature = String(repeating: "０", count: 64) },
            Forgery("prefix sha256=", notDigits) { $0.signature = "sha256=\($0.signature ?? "")" },
            Forgery("prefix v1=", notDigits) { $0.signature = "v1=\($0.signature ?? "")" },
            Forgery("prefix 0x, 64 characters", notDigits) { $0.signature = "0x" + ($0.signature?.dropFirst(2) ?? "") },
            Forgery("base64", notDigits) { request in
                let message = Data("\(Samples.timestamp).".utf8) + request.body
                let code = HMACSHA256.code(of: [message], key: Data(Samples.secret.utf8))
                request.signature = Data(code).base64EncodedString()
            },
            Forgery("line feed at the end", notDigits) { $0.signature?.append("\n") },
            Forgery("zero byte at the end", notDigits) { $0.signature?.append("\0") },
            Forgery("space in the middle", notDigits) {
                $0.signature = ($0.signature?.prefix(32) ?? "") + " " + ($0.signature?.suffix(32) ?? "")
            },
            Forgery("257 bytes", "is longer than 256 bytes") {
                $0.signature = ($0.signature ?? "") + String(repeating: " ", count: 193)
            },
        ])
    }

    func testRequestWithSignatureOfAnotherMessageOrSecretChangesNothing() async throws {
        let mismatch = "signature of the webhook request does not match its body and timestamp"
        try await assertRejected([
            Forgery("all zeros", mismatch) { $0.signature = String(repeating: "0", count: 64) },
            Forgery("last digit changed", mismatch) { request in
                let last = request.signature?.popLast()
                request.signature?.append(last == "0" ? "1" : "0")
            },
            Forgery("reversed", mismatch) { $0.signature = $0.signature.map { String($0.reversed()) } },
            Forgery("of another body", mismatch) { $0.signature = WebhookRequest(Samples.video).signature },
            Forgery("of another secret", mismatch) { $0.sign(secret: "whsec_attacker") },
            Forgery("of an empty secret", mismatch) { $0.sign(secret: "") },
            Forgery("of the secret in another case", mismatch) { $0.sign(secret: Samples.secret.uppercased()) },
            Forgery("of the secret with its line feed", mismatch) { $0.sign(secret: Samples.secret + "\n") },
            Forgery("of the hexadecimal digits of the secret", mismatch) {
                $0.sign(secret: $0.hexadecimal(Array(Samples.secret.utf8)))
            },
            Forgery("of an earlier timestamp", mismatch) {
                $0.sign(timestamp: "1729314983")
                $0.timestamp = Samples.timestamp
            },
            Forgery("of the body alone", mismatch) { $0.sign(message: $0.body) },
            Forgery("of the timestamp alone", mismatch) { $0.sign(message: Data(Samples.timestamp.utf8)) },
            Forgery("of the body before the timestamp", mismatch) {
                $0.sign(message: $0.body + Data(".\(Samples.timestamp)".utf8))
            },
            Forgery("of the message without the dot", mismatch) {
                $0.sign(message: Data(Samples.timestamp.utf8) + $0.body)
            },
            Forgery("of the message with another separator", mismatch) {
                $0.sign(message: Data("\(Samples.timestamp):".utf8) + $0.body)
            },
            Forgery("hash without a secret", mismatch) {
                $0.signature = $0.hexadecimal(SHA256.hash(Data("\(Samples.timestamp).".utf8) + $0.body))
            },
        ])
    }

    func testSignatureOfTheOldSecretChangesNothingAfterRotation() async throws {
        let (stored, api) = try await makeJobs()
        let requests = genuineRequests(stored)
        for request in requests {
            let error = try await failure { try await handle(request, stored, api, secrets: ["whsec_test_new"]) }
            XCTAssertEqual(error.code, .invalidWebhook)
            XCTAssertTrue(error.message.contains("Another secret signed the request"), error.message)
        }
        try stored.assertUnchanged("rotated")
        XCTAssertEqual(stored.requests, [])
        // The old secret is valid during the rotation.
        stored.clients.mock.on("GET", "/id/output.png", response: .data(pngBytes))
        let outcome = try await handle(requests[0], stored, api, secrets: ["whsec_test_new", Samples.secret])
        guard case .delivered = outcome else { return XCTFail("\(outcome)") }
    }

    func testRequestWithForgedOrOldTimestampChangesNothing() async throws {
        let malformed = "magic-hour-event-timestamp of the webhook request is not a number of whole seconds since 1970"
        let mismatch = "signature of the webhook request does not match"
        // The signature covers the malformed text, so that only the check of the timestamp can reject the request.
        let texts = [
            "now", "NaN", "inf", "-1729314984", "+1729314984", "17293 14984", "1729314984.0", "1729314984,1729314984",
            "1.729314984e9", "1e300", "9223372036854775808", "99999999999999999999", String(repeating: "9", count: 256),
            "0x67134b68", "2024-10-19T05:16:24Z", "١٧٢٩٣١٤٩٨٤", "1729314984\0", "\n1729314984",
        ]
        try await assertRejected(
            texts.map { text in
                Forgery("timestamp \(text.prefix(30).debugDescription)", malformed) { $0.sign(timestamp: text) }
            }
        )
        try await assertRejected([
            Forgery("missing", "no header field magic-hour-event-timestamp") { $0.timestamp = nil },
            Forgery("empty", "magic-hour-event-timestamp of the webhook request is empty") { $0.sign(timestamp: "") },
            Forgery("twice", "magic-hour-event-timestamp of the webhook request occurs more than once") {
                $0.headers["Magic-Hour-Event-Timestamp"] = "1729314985"
            },
            Forgery("257 digits", "is longer than 256 bytes") {
                $0.sign(timestamp: String(repeating: "9", count: 257))
            },
            Forgery("5 min 1 s old", "sent 301 s ago") { $0.sign(timestamp: "1729314683") },
            Forgery("5 min 1 s in the future", "sent 301 s in the future") { $0.sign(timestamp: "1729315285") },
            Forgery("1 ms more than 5 min old", "sent 301 s ago") { $0.secondsLater = 300.001 },
            Forgery("zero", "sent 1729314984 s ago") { $0.sign(timestamp: "0") },
            Forgery("milliseconds", "in the future") { $0.sign(timestamp: "1729314984000") },
            Forgery("largest Int64", "in the future") { $0.sign(timestamp: "9223372036854775807") },
            Forgery("replayed after ten minutes", "sent 600 s ago") { $0.secondsLater = 600 },
            Forgery("replayed after ten minutes with a new timestamp", mismatch) {
                $0.secondsLater = 600
                $0.timestamp = "1729315584"
            },
            Forgery("leading zero", mismatch) { $0.timestamp = "0\(Samples.timestamp)" },
            Forgery("one second later", mismatch) { $0.timestamp = "1729314985" },
        ])
    }

    // MARK: Bodies

    func testRequestWithChangedBodyChangesNothing() async throws {
        let mismatch = "signature of the webhook request does not match its body and timestamp"
        func reencode(_ request: inout WebhookRequest, _ options: JSONSerialization.WritingOptions) throws {
            let value = try JSONSerialization.jsonObject(with: request.body)
            request.body = try JSONSerialization.data(withJSONObject: value, options: options)
        }
        try await assertRejected([
            Forgery("last byte removed", mismatch) { $0.body.removeLast() },
            Forgery("first byte removed", mismatch) { $0.body.removeFirst() },
            Forgery("one bit of the first byte", mismatch) { $0.body[0] ^= 0x80 },
            Forgery("one bit in the middle", mismatch) { $0.body[$0.body.count / 2] ^= 1 },
            Forgery("one bit of the last byte", mismatch) { $0.body[$0.body.count - 1] ^= 0x20 },
            Forgery("another id", mismatch) { $0.text.replace(#""id":"cuid-"#, with: #""id":"CUID-"#) },
            Forgery("another type", mismatch) { $0.text.replace("image.completed", with: "image.errored") },
            Forgery("another output", mismatch) { $0.text.replace("videos.magichour.ai", with: "evil.example") },
            Forgery("sorted keys", mismatch) { try reencode(&$0, [.sortedKeys, .withoutEscapingSlashes]) },
            Forgery("indented", mismatch) {
                try reencode(&$0, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
            },
            Forgery("space after a colon", mismatch) { $0.text.replace(":{", with: ": {") },
            Forgery("escaped slashes", mismatch) { $0.text.replace("/", with: "\\/") },
            Forgery("escaped letter", mismatch) { $0.text.replace("image.", with: "\\u0069mage.") },
            Forgery("another number with the same value", mismatch) { $0.text.replace(":50,", with: ":50.0,") },
            Forgery("byte order mark", mismatch) { $0.body = Data([0xEF, 0xBB, 0xBF]) + $0.body },
            Forgery("trailing newline", mismatch) { $0.body.append(0x0A) },
            Forgery("trailing zero byte", mismatch) { $0.body.append(0) },
            Forgery("empty", mismatch) { $0.body = Data() },
            Forgery("UTF-16", mismatch) { $0.body = try XCTUnwrap($0.text.data(using: .utf16)) },
            Forgery("base64", mismatch) { $0.text = $0.body.base64EncodedString() },
            Forgery("gzip", mismatch) { $0.body = $0.gzipped },
            Forgery("two bodies", mismatch) { $0.body += $0.body },
            Forgery("the body after its signed message", mismatch) { $0.text = "\(Samples.timestamp).\($0.text)" },
            Forgery("1 MiB and 1 byte", "has 1048577 bytes, and at most 1048576 are read") {
                $0.body += Data(repeating: 0x20, count: (1 << 20) + 1 - $0.body.count)
            },
            Forgery("1 MiB and 1 byte, signed", "has 1048577 bytes, and at most 1048576 are read") {
                $0.body += Data(repeating: 0x20, count: (1 << 20) + 1 - $0.body.count)
                $0.sign()
            },
        ])
    }

    func testSignedBodyThatIsNoEventChangesNothing() async throws {
        let noEvent = "is valid, but its body cannot be read. It is not an object with a type."
        let notJSON = "is valid, but its body cannot be read. It is not JSON"
        let noProject = "is valid, but its body cannot be read. The payload is not a project."
        func signed(
            _ name: String,
            _ message: String,
            _ change: @escaping (inout WebhookRequest) throws -> Void
        ) -> Forgery {
            Forgery(name, message) { request in
                try change(&request)
                request.sign()
            }
        }
        try await assertRejected(
            [
                signed("empty", notJSON) { $0.text = "" },
                signed("truncated", notJSON) { $0.body.removeLast() },
                signed("two events", notJSON) { $0.body += $0.body },
                signed("gzip", notJSON) { $0.body = $0.gzipped },
                signed("UTF-16", notJSON) { $0.body = try XCTUnwrap($0.text.data(using: .utf16)) },
                signed("nested too deeply", notJSON) { $0.text = String(repeating: "[", count: 100_000) },
                signed("array with the event", noEvent) { $0.text = "[\($0.text)]" },
                signed("number", noEvent) { $0.text = "7" },
                signed("null", noEvent) { $0.text = "null" },
                signed("event as a string", noEvent) { $0.text = $0.text.debugDescription },
                signed("empty object", noEvent) { $0.text = "{}" },
                signed("event in an object", noEvent) { $0.text = #"{"event":\#($0.text)}"# },
                signed("no type", noEvent) { $0.text.replace(#""type":"image.completed","#, with: "") },
                signed("type in another case", noEvent) { $0.text.replace(#"{"type""#, with: #"{"Type""#) },
                signed("type null", noEvent) { $0.text.replace(#""image.completed""#, with: "null") },
                signed("type number", noEvent) { $0.text.replace(#""image.completed""#, with: "7") },
                signed("type array", noEvent) { $0.text.replace(#""image.completed""#, with: #"["image.completed"]"#) },
                signed("type blank", "The type is empty.") { $0.text.replace("image.completed", with: " ") },
                signed("no payload", noProject) { $0.text = #"{"type":"image.completed"}"# },
                signed("payload null", noProject) { $0.text = #"{"type":"image.completed","payload":null}"# },
                signed("payload string", noProject) { $0.text = #"{"type":"image.errored","payload":"cuid-example"}"# },
                signed("payload array", noProject) {
                    $0.text.replace(#""payload":{"#, with: #""payload":[{"#)
                    $0.text.replace("}]}}", with: "}]}]}")
                },
            ],
            code: .unreadableWebhook
        )
    }

    func testSignedEventWithoutIDOrAboutAnotherProjectChangesNothing() async throws {
        typealias Change = (inout WebhookRequest) -> Void
        func member(_ json: String) -> Change {
            {
                $0.text.replace(#""id":"cuid-example""#, with: json)
                $0.text.replace(#""id":"cuid-other""#, with: json)
            }
        }
        let rows: [(name: String, change: Change)] = [
            ("id missing", member(#""uid":"cuid-example""#)), ("id empty", member(#""id":"""#)),
            ("id blank", member(#""id":" \t""#)), ("id null", member(#""id":null"#)),
            ("id object", member(#""id":{}"#)),
            ("id array", member(#""id":["cuid-example"]"#)), ("id true", member(#""id":true"#)),
            ("name of the id in another case", member(#""ID":"cuid-example""#)),
            ("id in a nested object", member(#""project":{"id":"cuid-example"}"#)),
            (
                "id of a stranger without the tag",
                {
                    $0.text.replace("cuid-example", with: "cuid-stranger")
                    $0.text.replace("Ana hk-", with: "Ana hk_")
                }
            ),
            (
                "text after the tag and id in another case",
                {
                    $0.text.replace("cuid-example", with: "CUID-example")
                    $0.text.replace(#"","status""#, with: #" copy","status""#)
                }
            ),
            ("unknown type without a project", { $0.text = #"{"type":"account.updated","payload":"cuid-example"}"# }),
        ]
        for row in rows {
            let (stored, api) = try await makeJobs()
            for genuine in genuineRequests(stored) {
                var request = genuine
                row.change(&request)
                request.sign()
                XCTAssertNotEqual(request, genuine, row.name)
                let outcome = try await handle(request, stored, api)
                XCTAssertEqual(outcome, .notOurs, row.name)
            }
            try stored.assertUnchanged(row.name)
            XCTAssertEqual(stored.requests, [], row.name)
        }
    }

    func testSignedEventAboutAnotherKindOfProjectWithTheTagChangesNothing() async throws {
        for type in ["video.started", "video.completed", "audio.completed", "account.updated", "IMAGE.COMPLETED"] {
            let (stored, api) = try await makeJobs()
            var request = genuineRequests(stored)[1]
            request.text.replace("image.completed", with: type)
            request.sign()
            let outcome = try await handle(request, stored, api)
            XCTAssertEqual(outcome, .notOurs, type)
            try stored.assertUnchanged(type)
            XCTAssertEqual(stored.requests, [], type)
        }
    }

    // MARK: Genuine requests

    func testGenuineRequestDeliversTheJobs() async throws {
        let rows: [(name: String, change: (inout WebhookRequest) -> Void)] = [
            ("unchanged", { _ in }),
            ("signature in upper case", { $0.signature = $0.signature?.uppercased() }),
            ("spaces around the signature", { $0.signature = " \($0.signature ?? "")\t" }),
            ("spaces around the timestamp", { $0.timestamp = " \(Samples.timestamp) " }),
            (
                "names in upper case",
                { $0.headers = Dictionary(uniqueKeysWithValues: $0.headers.map { ($0.uppercased(), $1) }) }
            ),
            ("5 min old", { $0.secondsLater = 300 }),
            ("5 min in the future", { $0.secondsLater = -300 }),
        ]
        for row in rows {
            let (stored, api) = try await makeJobs()
            stored.clients.mock.on("GET", "/id/output.png", times: 2, response: .data(pngBytes))
            for genuine in genuineRequests(stored) {
                var request = genuine
                row.change(&request)
                let outcome = try await handle(request, stored, api)
                guard case .delivered(let job) = outcome else { return XCTFail("\(row.name): \(outcome)") }
                XCTAssertEqual(job.files.count, 1, row.name)
            }
            try await assertEqual(await api.unfinished(), [], row.name)
        }
    }

    func testRequestReplayedAfterDeliveryWithinFiveMinutesChangesNothing() async throws {
        let (stored, api) = try await makeJobs()
        stored.clients.mock.on("GET", "/id/output.png", response: .data(pngBytes))
        var request = genuineRequests(stored)[0]
        _ = try await handle(request, stored, api)
        let records = try await api.unfinished()
        XCTAssertEqual(records.map(\.state), [.unconfirmed])
        request.secondsLater = 299
        try await assertEqual(await handle(request, stored, api), .notOurs)
        try await assertEqual(await api.unfinished(), records)
        XCTAssertEqual(stored.requests.count, 1)
    }
}
