import HeadshotKit
import HeadshotKitTesting
import XCTest

final class ModelsLabResponseTests: MockTestCase {
    private typealias Result = ModelsLab.ImageResult

    private static let outputURL = "https://pub-3626123a908346a7a8be8d9295f44e26.r2.dev/generations/0-1b5a1a1d.png"

    private let rows = [
        ResponseRow(
            "modelslab/success.json",
            Result.self,
            #"""
            {"status":"success","id":"12345","generationTime":3.42,"output":["\#(outputURL)"],"message":null,"eta":null,
            "proxy_links":["https://cdn2.stablediffusionapi.com/generations/0-1b5a1a1d.png"],
            "meta":{"H":768,"W":512,"guidance_scale":7.5,"negative_prompt":null,"safety_checker":true}}
            """#
        ),
        ResponseRow(
            "modelslab/processing.json",
            Result.self,
            #"""
            {"status":"processing","id":"12345","eta":20,"output":[],"message":"Try to fetch request after seconds estimated",
            "fetch_result":"https://modelslab.com/api/v6/image_editing/fetch/12345",
            "tip":"Get image faster by using the enterprise plan"}
            """#
        ),
        ResponseRow(
            "modelslab/processing-future-links.json",
            Result.self,
            #"""
            {"status":"processing","id":"12345","eta":7.5,"output":[],"future_links":["\#(outputURL)"],
            "message":"Try to fetch request after seconds estimated"}
            """#
        ),
        ResponseRow(
            "modelslab/processing-numbers-as-text.json",
            Result.self,
            #"{"status":"processing","id":"12345","eta":12,"generationTime":0,"output":[]}"#
        ),
        ResponseRow("modelslab/error.json", Result.self, #"{"status":"error","id":null,"message":"Invalid model"}"#),
        ResponseRow(
            "modelslab/error-messege.json",
            Result.self,
            #"{"status":"error","message":"Invalid API Key","tip":"1. Check the key"}"#
        ),
        ResponseRow(
            "modelslab/error-object-message.json",
            Result.self,
            #"""
            {"status":"error","message":"face_image: The face image field is required.; width: The width must be at most 512.; \#
            The width must be a multiple of 8."}
            """#
        ),
        ResponseRow(
            "modelslab/error-try-again.json",
            Result.self,
            #"{"status":"error","id":"12345","message":"Try to fetch request again after 10 seconds"}"#
        ),
        ResponseRow(
            "modelslab/failed.json",
            Result.self,
            #"{"status":"failed","id":"12345","message":"No face found in the image","output":[]}"#
        ),
        ResponseRow(
            "modelslab/success-one-output.json",
            Result.self,
            #"{"status":"success","output":["\#(outputURL)"]}"#
        ),
        ResponseRow("modelslab/success-empty-output.json", Result.self, #"{"status":"success","output":[]}"#),
        ResponseRow(
            "modelslab/success-numbers-as-text.json",
            Result.self,
            #"{"id":"12345","generationTime":3.42,"output":["\#(outputURL)"]}"#
        ),
        ResponseRow(
            "modelslab/success-without-status.json",
            Result.self,
            #"{"status":"success","id":"12345","output":["\#(outputURL)"]}"#
        ),
        ResponseRow(
            "modelslab/success-base64.json",
            Result.self,
            #"{"output":["iVBORw0KGgoBAgME"],"generationTime":1}"#
        ),
        ResponseRow(
            "modelslab/success-base64-link.json",
            Result.self,
            #"{"output":["https://pub-3626123a908346a7a8be8d9295f44e26.r2.dev/generations/0-1b5a1a1d.base64"]}"#
        ),
        ResponseRow(
            "modelslab/success-nulls.json",
            Result.self,
            #"""
            {"status":"success","id":null,"output":["\#(outputURL)"],"proxy_links":[],"future_links":[],"eta":null,
            "fetch_result":null,"generationTime":null,"message":null,"tip":null,"meta":null}
            """#
        ),
        ResponseRow(
            "modelslab/fetch-processing.json",
            Result.self,
            #"{"status":"processing","id":null,"output":[],"tip":"Your image is being processed"}"#
        ),
        ResponseRow(
            "modelslab/fetch-success.json",
            Result.self,
            #"{"status":"success","id":"12345","output":["\#(outputURL)"]}"#
        ),
        ResponseRow(
            "modelslab/new-status.json",
            Result.self,
            #"{"status":"in_queue","id":"12345","eta":null,"output":[]}"#
        ),
        ResponseRow(
            "modelslab/other-types.json",
            Result.self,
            #"""
            {"status":"processing","id":"12345","eta":null,"fetch_result":null,"output":["x"],"future_links":[],"tip":"7",
            "meta":"none","message":"one; two"}
            """#
        ),
        ResponseRow(
            "modelslab/base64-to-url.json",
            Result.self,
            #"{"id":"7","output":["https://assets.modelslab.com/generations/face.png"]}"#
        ),
        ResponseRow(
            "modelslab/wallet.json",
            [String: JSONValue].self,
            #"{"status":"success","data":{"balance":43.6,"currency":"USD"}}"#
        ),
        ResponseRow(
            "modelslab/wallet-text.json",
            [String: JSONValue].self,
            #"{"data":{"balance":"43.60","currency":"USD","held":0}}"#
        ),
    ]

    func testEveryResponseIsDecodedAndEncoded() throws {
        for row in rows {
            do { try row.check() } catch { XCTFail("\(row.file): \(error)") }
        }
    }

    func testEveryFixtureIsTested() throws {
        let files = try Fixture.names(in: "responses/modelslab").map { "modelslab/\($0)" }
        XCTAssertEqual(Set(rows.map(\.file)), Set(files))
    }

    func testBalanceIsDecodedFromNumberAndString() async throws {
        for (file, balance) in [("wallet.json", 43.6), ("wallet-text.json", 43.6)] {
            let clients = makeClients()
            let text = String(decoding: try Fixture.data("responses/modelslab/\(file)"), as: UTF8.self)
            clients.mock.on("POST", "/api/wallet_balance", response: .json(text))
            let read = try await clients.modelsLab().wallet.balance()
            XCTAssertEqual(read.balance, balance, file)
            XCTAssertEqual(read.currency, "USD", file)
        }
    }
}
