import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Generated responses of the kinds that services and gateways send.
final class GeneratedResponseTests: XCTestCase {
    private var random = SplitMix64(state: 2026)

    private func one<Value>(of values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }

    /// Returns an object with the members in random order between empty values.
    private func object(_ members: [String], blanks: [String] = []) -> String {
        var all = members
        for name in blanks where random.next() % 2 == 0 {
            all.append("\"\(name)\":\(one(of: ["null", #""""#, #"" ""#, "[]", "{}", #""\n\t""#]))")
        }
        return "{\(all.shuffled(using: &random).joined(separator: ","))}"
    }

    func testRejectionMessageIsFoundInEveryField() throws {
        let api = try TestClients().magicHour().api
        let call = APICall(
            context: CallContext(operation: "create"),
            method: "POST",
            path: "/v1/create",
            retrySafety: .nonIdempotent
        )
        let names = ["message", "messege", "error", "detail", "errors"]
        for number in 0..<200 {
            let message = "message \(number)"
            let name = one(of: names)
            let text = one(of: ["\"\(message)\"", "[\"\(message)\"]", "[[\"\(message)\",null]]", "\" \(message) \""])
            let value =
                name == "error"
                ? one(of: [text, #"{"message":\#(text)}"#, #"{"messege":\#(text),"message":""}"#]) : text
            let body = object(["\"\(name)\":\(value)", #""eta":NaN"#], blanks: names.filter { $0 != name })
            let status = one(of: [
                400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 451, 429, 408, 499, 500, 502, 503, 520,
            ])
            let response = TransportResponse(status: status, body: Data(body.utf8))
            let error = try XCTUnwrap(api.classify(response, of: call)).error
            let found = error.serverMessage?.trimmingCharacters(in: .whitespaces)
            XCTAssertEqual(found, message, "\(status) \(body)")
            XCTAssertTrue(error.description.contains(message), error.description)
            let isUnconfirmed = status >= 500 || status == 408 || status == 499
            XCTAssertEqual(error.submission, isUnconfirmed ? .unconfirmed : .rejected, "\(status) \(body)")
            if status == 402 || status == 403 {
                XCTAssertFalse(error.description.contains("API key"), error.description)
            }
        }
    }

    func testJobIDIsDecodedFromMalformedCreateResponses() throws {
        let api = try TestClients().magicHour().api
        let call = APICall(
            context: CallContext(operation: "create"),
            method: "POST",
            path: "/v1/create",
            retrySafety: .nonIdempotent
        )
        let junk = [
            #""eta":Infinity"#, #""a":-Infinity"#, #""b":NaN"#, #""c":[NaN,{"id":"inner"},]"#, #""d":"NaN {\"id\":1}""#,
            #""e":None"#,
            "\"f\":\"line\nbreak\"", #""g":"\x""#, #""h":"\ud800""#, #""i":1e999"#, #""j":{"k":[[]],}"#,
        ]
        let prefixes = [
            "", " \n", "\u{FEFF}", "<br />\n<b>Warning</b>: f() [g] in /a.php on line 3<br />\n", "Notice: {x}\n",
        ]
        for number in 0..<200 {
            let id = one(of: ["\(number + 1)", "\"job-\(number)\"", "\"\(number + 1)\""])
            let extras = Array(junk.shuffled(using: &random).prefix(Int(random.next() % 4)))
            let whole = object(["\"id\":\(id)", #""status":"Processing ""#] + extras)
            var body = one(of: prefixes) + whole
            let isCut = !body.hasPrefix("<") && !body.hasPrefix("N") && random.next() % 3 == 0
            if isCut { body = String(body.dropLast()) + #","output":["https://o.exa"# }
            let response = TransportResponse(status: 200, body: Data(body.utf8))
            let expected = id.replacingOccurrences(of: "\"", with: "")
            XCTAssertEqual(try api.decode(MagicHour.CreatedProject.self, from: response, of: call).id, expected, body)
            let result = try api.decode(ModelsLab.ImageResult.self, from: response, of: call)
            XCTAssertEqual(result.jobID, expected, body)
            XCTAssertEqual(result.status, .processing, body)
        }
    }

    func testMissingOutputsAreCountedInEveryShape() throws {
        for number in 0..<150 {
            var elements: [String] = []
            var missing = 0
            for index in 0...Int(random.next() % 5) {
                if random.next() % 3 == 0 {
                    elements.append(
                        one(of: ["null", #""""#, #"" ""#, "{}", #"{"url":null}"#, "[]", "false", "[null]"])
                    )
                    missing += 1
                } else {
                    let url = "https://o.example/\(number)-\(index).png"
                    elements.append(
                        one(of: ["\"\(url)\"", #"{"url":"\#(url)"}"#, "[\"\(url)\"]", "\"\(url)\\n\""])
                    )
                }
            }
            let count = elements.count - missing
            if count == 0 { missing = 0 }
            let list = "[\(elements.joined(separator: ","))]"
            let members = elements.enumerated().map { "\"\($0.offset)\":\($0.element)" }.shuffled(using: &random)
            let shape = one(of: [list, "{\(members.joined(separator: ","))}", "[\(list)]"])
            let body = Data(#"{"id":"a","status":"complete","output":\#(shape),"downloads":\#(shape)}"#.utf8)
            let result = try JSONDocument(body).decode(ModelsLab.ImageResult.self)
            let project = try JSONDocument(body).decode(MagicHour.VideoProject.self)
            XCTAssertEqual([result.outputs.count, project.downloads.count], [count, count], shape)
            XCTAssertEqual([result.missingOutputs ?? 0, project.missingDownloads ?? 0], [missing, missing], shape)
        }
    }

    func testFailureReasonIsDecodedFromEveryShape() throws {
        for number in 0..<150 {
            let reason = "reason \(number)"
            let code = one(of: [nil, "no_source_face", "content_policy_violation"])
            let name = one(of: ["message", "messege", "error", "detail", "reason"])
            let value = one(of: ["\"\(reason)\"", "[\"\(reason)\"]"])
            let inner = object(["\"\(name)\":\(value)"] + (code.map { ["\"code\":\"\($0)\""] } ?? []))
            let isFlat = code == nil && random.next() % 2 == 0
            let status = one(of: ["error", "Error", " ERROR ", "error\\n"])
            let error = isFlat ? value : inner
            let body = Data(
                object([#""id":"a""#, "\"status\":\"\(status)\"", "\"error\":\(error)"], blanks: ["message"]).utf8
            )
            let project = try JSONDocument(body).decode(MagicHour.ImageProject.self)
            XCTAssertEqual(
                MagicHourBackend.state(of: project),
                .failed(code: code, message: reason),
                String(decoding: body, as: UTF8.self)
            )
        }
    }

    func testGatewayPageIsDistinguishedFromServiceRejection() throws {
        let api = try TestClients().modelsLab().api
        let call = APICall(
            context: CallContext(operation: "create"),
            method: "POST",
            path: "/create",
            retrySafety: .nonIdempotent
        )
        for _ in 0..<150 {
            let page = one(of: [
                "<html>", "<!DOCTYPE html>", "<?xml version=\"1.0\"?>", "error code: 10", "Access denied ",
                "<!-- x -->",
            ])
            let space = one(of: ["", " ", "\n\t", "\u{FEFF}"])
            let filling = String(
                repeating: one(of: ["<p>no</p>", "x ", "{id} ", "\"a\":1, "]),
                count: Int(random.next() % 50) + 1
            )
            let body = space + page + filling
            let error = try XCTUnwrap(api.classify(TransportResponse(status: 403, body: Data(body.utf8)), of: call))
                .error
            XCTAssertEqual(error.code, .network, body)
            XCTAssertEqual(error.submission, .notSent, body)
            XCTAssertFalse(error.description.contains("key") || error.description.contains("plan"), error.description)
        }
    }

    func testUploadURLKeepsPercentEncoding() throws {
        let body = Data(#"{"upload_url":"https://s.example/a%2Fb c.png?cred=K%2F2","file_path":"api-assets/x"}"#.utf8)
        let uploadURL = try JSONDecoder().decode(MagicHour.UploadURL.self, from: body)
        XCTAssertEqual(uploadURL.uploadURL.absoluteString, "https://s.example/a%2Fb%20c.png?cred=K%2F2")
    }

    func testNewTypesAndCodesAreStaticMembers() throws {
        let body = Data(#"{"id":"a","status":"error","type":"UGC_AD","error":{"code":"processing_timeout"}}"#.utf8)
        let project = try JSONDecoder().decode(MagicHour.VideoProject.self, from: body)
        XCTAssertEqual(project.type, .ugcAd)
        XCTAssertEqual(project.error?.code, .processingTimeout)
        let types: [MagicHour.ProjectType] = [.aiHeadshot, .aiImage, .talkingPhoto, .headSwap, .aiGif, .qrCode]
        XCTAssertEqual(
            types.map(\.rawValue),
            ["AI_HEADSHOT", "AI_IMAGE", "TALKING_PHOTO", "HEAD_SWAP", "AI_GIF", "QR_CODE"]
        )
    }
}
