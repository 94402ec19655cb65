import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// The error code and the advice of each rejection.
final class RejectionTests: MockTestCase {
    private let create = APICall(
        context: CallContext(operation: "ai-headshot-generator"),
        method: "POST",
        path: "/v1/create",
        retrySafety: .nonIdempotent
    )

    private func classify(
        _ status: Int,
        _ body: String = "",
        headers: TransportHeaders = [:],
        of call: APICall? = nil
    ) throws -> HeadshotKitError {
        let response = TransportResponse(status: status, headers: headers, body: Data(body.utf8))
        return try XCTUnwrap(try TestClients().magicHour().api.classify(response, of: call ?? create)).error
    }

    func test402IsClassifiedByItsCode() throws {
        let bodies: [(String, HeadshotKitError.Code)] = [
            (#"{"code":"insufficient_credits","message":"Need 50"}"#, .insufficientCredits),
            (#"{"code":"subscription_required","message":"Subscribe"}"#, .planRequired),
            (#"{"code":"plan_upgrade_required","message":"Upgrade"}"#, .planRequired),
            (#"{"error":{"code":"PLAN_UPGRADE_REQUIRED"}}"#, .planRequired),
            (#"{"message":"This feature requires a premium subscription"}"#, .planRequired),
            (#"{"message":"Payment required"}"#, .insufficientCredits), ("", .insufficientCredits),
        ]
        for (body, code) in bodies {
            let error = try classify(402, body)
            XCTAssertEqual(error.code, code, body)
            XCTAssertEqual(error.submission, .rejected, body)
        }
        let advice = try classify(402, bodies[1].0).description
        XCTAssertTrue(advice.contains("upgrade the plan"), advice)
        XCTAssertFalse(advice.contains("credits"), advice)
    }

    func test403IsAboutPlanAndNotKey() throws {
        for body in [#"{"message":"Not in your plan"}"#, #"{"code":"forbidden","message":"No"}"#, "", "{}"] {
            let error = try classify(403, body)
            XCTAssertEqual(error.code, .planRequired, body)
            XCTAssertFalse(error.description.contains("API key"), error.description)
        }
        XCTAssertTrue(try classify(403, #"{"message":"Not in your plan"}"#).message.contains("“Not in your plan”"))
        XCTAssertEqual(try classify(401, #"{"message":"x"}"#).code, .unauthorized)
    }

    func testGateway403BlamesNeitherKeyNorPlan() throws {
        let pages = [
            "<!DOCTYPE html><html><title>Just a moment...</title></html>", "error code: 1010", "error code: 1020\n",
            "Forbidden",
            "<html><h1>403 Forbidden</h1><center>nginx</center></html>", "  <HTML>Access Denied</HTML>",
            #"{"cloudflare_error":true,"title":"Error 1010: Access denied"}"#, "<?xml version=\"1.0\"?><Error/>",
            String(repeating: "<p>", count: 100_000),
        ]
        for page in pages {
            let error = try classify(403, page)
            XCTAssertEqual(error.code, .network, page.prefix(40).description)
            XCTAssertEqual(error.submission, .notSent, page.prefix(40).description)
            XCTAssertTrue(error.message.contains("in front of Magic Hour"), error.message)
            XCTAssertTrue(error.description.contains("Nothing was charged"), error.description)
            for word in ["key", "plan "] { XCTAssertFalse(error.description.contains(word), error.description) }
        }
        XCTAssertEqual(try classify(403, "", headers: ["cf-mitigated": "challenge"]).code, .network)
    }

    func testProxyStatusCodesLeaveCreateUnconfirmed() throws {
        for status in [408, 444, 460, 499, 500, 502, 504, 520, 521, 522, 523, 524, 525, 527, 530, 561, 598, 599] {
            for body in ["", "<html>", #"{"message":"m"}"#] {
                XCTAssertEqual(try classify(status, body).submission, .unconfirmed, "\(status)")
            }
        }
    }

    func testCreateIsRejectedBy503OnlyWithRetryAfter() throws {
        XCTAssertEqual(try classify(503, #"{"message":"m"}"#).submission, .unconfirmed)
        XCTAssertEqual(try classify(503, headers: ["Retry-After": "soon"]).submission, .unconfirmed)
        XCTAssertEqual(try classify(503, headers: ["Retry-After": "3"]).submission, .rejected)
        XCTAssertEqual(try classify(503, #"{"retry_after":"4"}"#).submission, .rejected)
        XCTAssertEqual(
            try classify(503, headers: ["Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"]).submission,
            .rejected
        )
    }

    func testCreateIsRetriedAfter503OnlyWithRetryAfter() async throws {
        let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "api-assets/a.png"))
        for (headers, count) in [(["Retry-After": "2"], 2), ([:] as TransportHeaders, 1)] {
            let clients = makeClients()
            clients.mock.on("POST", "/v1/ai-headshot-generator", response: .status(503, headers: headers))
            clients.mock.on("POST", "/v1/ai-headshot-generator", times: 0...1, response: .json(#"{"id":"x"}"#))
            do {
                let created = try await clients.magicHour().headshots.create(request)
                XCTAssertEqual(created.id, "x")
            } catch let error as HeadshotKitError {
                XCTAssertEqual(error.code, .submissionUnconfirmed)
            }
            XCTAssertEqual(clients.mock.requests.count, count)
        }
    }

    func testAdviceDependsOnStatus() throws {
        let advice = [
            400: "Change the value", 405: "Check the base URL", 409: "Wait for the other request, then try again.",
            411: "smaller file",
            413: "smaller file", 414: "shorter text", 415: "another format", 421: "Check the base URL",
            422: "Change the value",
            431: "shorter text", 451: "available to you", 410: "a replacement", 423: "Wait", 426: "base URL",
        ]
        for (status, text) in advice {
            let error = try classify(status, "<html>")
            XCTAssertTrue(error.description.contains(text), error.description)
            XCTAssertEqual(error.submission, .rejected, "\(status)")
        }
    }

    func testFirstTextThatIsNotBlankIsQuoted() throws {
        let bodies = [
            #"{"message":"","messege":"words"}"#, #"{"message":" \n","messege":"words"}"#,
            #"{"message":null,"error":"words"}"#,
            #"{"message":[],"detail":"words"}"#, #"{"message":{},"errors":["words"]}"#,
            #"{"error":{"message":"","messege":"words"}}"#,
            #"{"error":"","errors":"words"}"#, #"{"detail":[{"":"words"}]}"#, "\u{FEFF}{\"message\":\"words\"}",
            #"{"message":"words","eta":NaN}"#, #"{"message":"words","more":"#,
            "<b>Warning</b>: x\n{\"message\":\"words\"}",
            #""words""#, #"{"error_description":"words","error":" "}"#,
        ]
        for body in bodies {
            let message = try classify(422, body).serverMessage
            XCTAssertEqual(message?.replacingOccurrences(of: ": ", with: ""), "words", body)
        }
    }

    func testErrorMessagesNameURLAndHost() throws {
        let base = try XCTUnwrap(URL(string: "https://api.example:8443/v1"))
        let mock = MockTransport()
        let configuration = ClientConfiguration(transport: mock)
        let api = try MagicHour(apiKey: "k", baseURL: base, configuration: configuration).api
        let call = APICall(context: CallContext(operation: "account"), path: "/v1/account")
        let missing = try XCTUnwrap(api.classify(TransportResponse(status: 404), of: call)).error
        XCTAssertTrue(missing.message.contains("https://api.example:8443/v1/v1/account"), missing.message)
        let lost = api.classify(TransportError(.notConnected, "refused (-1004)", mayHaveBeenReceived: false), of: call)
            .error
        XCTAssertTrue(lost.message.contains("could not be reached at https://api.example:8443"), lost.message)
    }

    func testEveryServerTextIsRedactedAndTruncated() throws {
        let long = String(repeating: "mhk_live_secret ", count: 6_250)
        let error = try classify(
            422,
            #"{"code":"\#(long)","message":"\#(long)"}"#,
            headers: ["x-request-id": long, "cf-ray": long]
        )
        var text = ""
        dump(error, to: &text)
        text += "\(error) \(String(reflecting: error))"
        XCTAssertFalse(text.contains("mhk_live"), String(text.prefix(500)))
        XCTAssertLessThan(text.count, 10_000)
        XCTAssertLessThan(error.requestID?.count ?? 0, 200)
        let lost = TransportError(
            .connectionLost,
            "lost mhk_live_secret",
            mayHaveBeenReceived: true,
            responseHead: TransportResponse(
                status: 200,
                headers: ["x-request-id": long, "set-cookie": "mhk_live_secret"]
            )
        )
        XCTAssertFalse(
            "\(try TestClients().magicHour().api.classify(lost, of: create).error)".contains("mhk_live_secret")
        )
        text = ""
        dump(lost.responseHead, to: &text)
        XCTAssertFalse(text.contains("mhk_live"), text)
    }
}
