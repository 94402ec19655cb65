import HeadshotKit
import HeadshotKitTesting
import XCTest

final class ModelsLabAssetsTests: MockTestCase {
    private let path = "/api/v6/assets_generated"

    private func list(_ response: String) async throws -> ModelsLab.AssetPage {
        mock.on("POST", path, response: .json(response))
        return try await clients.modelsLab().assets.list()
    }

    private func urls(_ texts: [String]) -> [URL?] { texts.map { URL(string: $0) } }

    func testDocumentedResponseIsDecoded() async throws {
        let page = try await list(
            #"""
            {"status":"success","type":"image","data":[{"id":123,"output":["https://o.example/1.png","https://o.example/2.png"]},
            {"id":122,"output":["https://o.example/3.png"]}],
            "pagination":{"current_page":2,"per_page":15,"total":53,"last_page":4,"from":16,"to":30}}
            """#
        )
        XCTAssertEqual(page.type, .image)
        XCTAssertEqual(page.assets.map(\.id), ["123", "122"])
        XCTAssertEqual(page.assets.map(\.outputs.count), [2, 1])
        XCTAssertEqual(
            page.assets.flatMap(\.outputs),
            urls(["https://o.example/1.png", "https://o.example/2.png", "https://o.example/3.png"])
        )
        XCTAssertEqual(page.pagination?.currentPage, 2)
        XCTAssertEqual(page.pagination?.perPage, 15)
        XCTAssertEqual(page.pagination?.total, 53)
        XCTAssertEqual(page.pagination?.lastPage, 4)
        XCTAssertEqual(page.pagination?.from, 16)
        XCTAssertEqual(page.pagination?.to, 30)
    }

    func testRequestContainsTypeAndPage() async throws {
        let empty = MockTransport.Response.json(#"{"status":"success","data":[]}"#)
        mock.on("POST", "//modelslab.com\(path)", times: 2, response: empty)
        let assets = try clients.modelsLab().assets
        _ = try await assets.list()
        _ = try await assets.list(type: .threeD, page: 7, perPage: 30)
        XCTAssertEqual(clients.body(0), #"{"key":"ml-secret","page":1,"per_page":10,"type":"image"}"#)
        XCTAssertEqual(clients.body(1), #"{"key":"ml-secret","page":7,"per_page":30,"type":"3d"}"#)
    }

    func testEnterpriseAccountUsesDocumentedPath() async throws {
        mock.on("POST", "//modelslab.com\(path)", response: .json(#"{"status":"success","data":[]}"#))
        let enterprise = try ModelsLab(
            apiKey: "k",
            baseURL: URL(string: "https://modelslab.com/api/v1/enterprise"),
            configuration: clients.configuration
        )
        let page = try await enterprise.assets.list()
        XCTAssertEqual(page.assets, [])
    }

    func testEmptyPageHasNoAssets() async throws {
        let page = try await list(
            #"""
            {"status":"success","type":"video","data":[],
            "pagination":{"current_page":9,"per_page":10,"total":3,"last_page":1,"from":null,"to":null}}
            """#
        )
        XCTAssertEqual(page.assets, [])
        XCTAssertEqual(page.type, .video)
        XCTAssertEqual(page.pagination?.total, 3)
        XCTAssertNil(page.pagination?.from)
        XCTAssertNil(page.pagination?.to)
    }

    func testAssetsWithUnusualOutputsAreDecoded() async throws {
        let cases: [(asset: String, id: String, outputs: [String])] = [
            (#"{"id":"a-1","output":["https://o.example/1.png"]}"#, "a-1", ["https://o.example/1.png"]),
            (#"{"id":9007199254740993,"output":[]}"#, "9007199254740993", []),
            (#"{"id":1,"output":"https://o.example/1.png"}"#, "1", ["https://o.example/1.png"]),
            (#"{"id":1,"output":"[\"https://o.example/1.png\"]"}"#, "1", ["https://o.example/1.png"]),
            (#"{"id":1,"output":[null,"https://o.example/2.png"," "]}"#, "1", ["https://o.example/2.png"]),
            (#"{"id":1,"output":["pending"],"prompt":"a suit"}"#, "1", []),
            (#"{"id":1,"output":null}"#, "1", []),
            (#"{"id":1,"output":""}"#, "1", []),
            (#"{"id":1}"#, "1", []),
        ]
        for (asset, id, outputs) in cases {
            let page = try await list(#"{"status":"success","data":[\#(asset)]}"#)
            XCTAssertEqual(page.assets.map(\.id), [id], asset)
            XCTAssertEqual(page.assets.first?.outputs, urls(outputs), asset)
            let again = try JSONDecoder().decode(ModelsLab.AssetPage.self, from: JSONEncoder().encode(page))
            XCTAssertEqual(again, page, asset)
        }
    }

    func testPageWithoutStatusAndWithOddPaginationIsDecoded() async throws {
        let page = try await list(
            #"{"type":"avatar","data":[{"id":1,"output":[]}],"pagination":{"total":"53","last_page":{},"per_page":10.0}}"#
        )
        XCTAssertEqual(page.type, "avatar")
        XCTAssertEqual(page.assets.map(\.id), ["1"])
        XCTAssertEqual(page.pagination?.total, 53)
        XCTAssertEqual(page.pagination?.perPage, 10)
        XCTAssertNil(page.pagination?.lastPage)
        let bare = try await list(#"{"status":"success","data":[],"pagination":[]}"#)
        XCTAssertNil(bare.pagination)
    }

    func testErrorStatusIsThrown() async throws {
        let cases: [(String, HeadshotKitError.Code)] = [
            (#"{"status":"error","message":"Invalid API key"}"#, .unauthorized),
            (#"{"status":"error","messege":"This feature requires a premium subscription"}"#, .planRequired),
            (#"{"status":"Failed","message":"Internal server error","data":[]}"#, .serverError),
            (#"{"status":"error","message":{"type":["The type field is required."]}}"#, .invalidRequest),
        ]
        for (response, code) in cases {
            let error = try await failure { try await list(response) }
            XCTAssertEqual(error.code, code, response)
            XCTAssertEqual(error.operation, "assets_generated", response)
            XCTAssertEqual(error.submission, .rejected, response)
            XCTAssertFalse(error.debugDescription.contains("ml-secret"), response)
        }
    }

    func testResponseThatMayLackJobsIsRetriedAndThenRejected() async throws {
        for response in [
            #"{"status":"success"}"#, #"{"status":"success","data":null}"#, #"{"status":"success","data":"none"}"#,
            #"{"status":"success","data":[{"id":1,"output":[]},{"id":null,"output":["https://o.example/1.png"]}]}"#,
            #"{"status":"success","data":[{"output":[]}]}"#, #"{"status":"success","data":[{"id":" "}]}"#,
            #"{"status":"success","data":[null]}"#, "<html>",
        ] {
            let clients = makeClients()
            clients.mock.on("POST", path, times: 2...20, response: .json(response))
            let error = try await failure { try await clients.modelsLab().assets.list() }
            XCTAssertEqual(error.code, .invalidResponse, response)
            XCTAssertEqual(error.submission, .notSent, response)
        }
    }

    func testListIsRetriedAfterTransientFailures() async throws {
        mock.on("POST", path, response: .status(500))
        mock.on("POST", path, response: .status(429))
        mock.on("POST", path, response: .json(#"{"status":"success","data":[{"id":1,"output":[]}]}"#))
        let page = try await clients.modelsLab().assets.list()
        XCTAssertEqual(page.assets.map(\.id), ["1"])
        XCTAssertEqual(clients.delays.count, 2)
    }

    func testPageOutOfRangeIsRejectedBeforeRequest() async throws {
        let assets = try clients.modelsLab().assets
        for (page, perPage, issues) in [
            (0, 10, ["page is 0; allowed: 1 or more"]), (-1, 10, ["page is -1; allowed: 1 or more"]),
            (1, 0, ["per_page is 0; allowed: 1 to 30"]), (1, 31, ["per_page is 31; allowed: 1 to 30"]),
            (.min, .max, ["page is \(Int.min); allowed: 1 or more", "per_page is \(Int.max); allowed: 1 to 30"]),
        ] {
            let error = try await failure { try await assets.list(page: page, perPage: perPage) }
            XCTAssertEqual(error.code, .invalidRequest)
            XCTAssertEqual(error.validationIssues.map(\.description), issues)
            XCTAssertEqual(
                error.message,
                "The request for assets_generated was not sent: \(issues.joined(separator: "; "))."
            )
            XCTAssertEqual(error.submission, .notSent)
        }
        XCTAssertEqual(mock.requests, [])
    }

    func testUnconfirmedJobIsFoundInListAndResumed() async throws {
        let service = SimulatedService(clock: clients.clock)
        let configuration = ClientConfiguration(
            transport: service,
            clock: clients.clock,
            random: { 0 },
            durations: DurationHistory()
        )
        let modelsLab = try ModelsLab(apiKey: "modelslab-simulated", configuration: configuration)
        let request = ModelsLab.HeadshotRequest(prompt: "a suit", faceImage: "https://a.example/f.png", samples: 2)
        service.inject(.connectionLost, on: .createModelsLabHeadshot, afterProcessing: true)
        let lost = try await failure { try await modelsLab.headshots.submit(request) }
        XCTAssertEqual(lost.submission, .unconfirmed)
        let running = try await modelsLab.assets.list()
        XCTAssertEqual(running.assets, [])

        clients.clock.advance(by: .seconds(10))
        let page = try await modelsLab.assets.list()
        let asset = try XCTUnwrap(page.assets.first)
        XCTAssertEqual(page.assets.map(\.id), service.jobs.map(\.id))
        XCTAssertEqual(asset.outputs.count, 2)
        XCTAssertEqual(page.pagination?.total, 1)
        let job = JobHandle(service: .modelsLab, operation: "head_shot", id: asset.id)
        let result = try await modelsLab.headshots.resume(job, options: clients.options)
        XCTAssertEqual(result.files.count, 2)
        XCTAssertEqual(result.project.output, asset.outputs.map(\.absoluteString))
        XCTAssertEqual(service.ledger.map(\.kind), [.charge])
        XCTAssertEqual(service.requestCounts[.listModelsLabAssets], 2)
    }
}
