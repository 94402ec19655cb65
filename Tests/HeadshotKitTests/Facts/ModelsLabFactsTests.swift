import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Sends and decodes every operation, field and enumeration value that ModelsLab documents.
final class ModelsLabFactsTests: MockTestCase {
    private static let processing = JSONValue.object(["status": .string("processing"), "id": .number(7)])

    private static let creates: [String: DocumentedOperation.Call] = [
        "/image_editing/head_shot": create(\.headshots),
        "/image_editing/flux_headshot": create(\.fluxHeadshots),
        "/image_editing/face_gen": create(\.facePortraits),
        "/image_editing/super_resolution": create(\.imageUpscales),
        "/image_editing/removebg_mask": create(\.backgroundRemovals),
        "/image_editing/qwen_edit": create(\.qwenEdits),
        "/image_editing/fashion": create(\.fashionTryOns),
        "/image_editing/outpaint": create(\.outpaintings),
        "/faceswap/single_face_swap": create(\.singleFaceSwaps),
        "/faceswap/multiple_face_swap": create(\.multipleFaceSwaps),
        "/image_editing/fetch/{id}": { clients, _ in
            .init(response: try await clients.modelsLab().images.fetch("an-id"))
        },
        "/faceswap/fetch/{id}": { clients, _ in
            .init(response: try await clients.modelsLab().images.fetch("an-id", in: "faceswap"))
        },
    ]

    /// The operations that describe no job.
    private static let others: Set<String> = [
        "/image_editing/base64_to_url", "/assets_generated", "/processing/request_count",
    ]

    private typealias Operation<Request: Encodable & Sendable> = GenerationOperation<
        Request, ModelsLab.ImageResult, ModelsLab.ImageResult
    >

    private static func create<Request: Codable & Sendable>(
        _ operation: any KeyPath<ModelsLab, Operation<Request>> & Sendable
    ) -> DocumentedOperation.Call {
        { clients, body in
            let request = try body.read(as: Request.self)
            return .init(request: request, response: try await clients.modelsLab()[keyPath: operation].create(request))
        }
    }

    private struct Documented {
        var path: String
        var request: Schema
        var responses: [(name: String, schema: Schema)]
    }

    private func documented() throws -> [Documented] {
        let facts = try Fixture.json("facts/modelslab-v6.json")
        let schemas = try XCTUnwrap(facts["schemas"])
        let paths = try XCTUnwrap(facts["paths"]).members.sorted { $0.key < $1.key }
        return try paths.map { path, item in
            let post = try XCTUnwrap(item["post"])
            let content: (JSONValue?) -> JSONValue? = { $0?["content"]?["application/json"]?["schema"] }
            let response = try XCTUnwrap(content(post["responses"]?["200"]))
            let responses = (response["oneOf"]?.elements ?? [response]).map { reference in
                (
                    reference["$ref"]?.string?.split(separator: "/").last.map(String.init) ?? path,
                    // The schemas require no field, but a job needs a status and an ID.
                    Schema(reference, definitions: schemas, alwaysSent: ["status", "id"])
                )
            }
            let request = Schema(
                try XCTUnwrap(content(post["requestBody"])),
                definitions: schemas,
                samples: ["key": .string("ml-secret")]
            )
            return Documented(path: path, request: request, responses: responses)
        }
    }

    func testEveryOperationIsTested() throws {
        XCTAssertEqual(Set(try documented().map(\.path)), Self.others.union(Self.creates.keys))
    }

    func testEveryFieldAndValueIsSentWithKey() async throws {
        for operation in try documented() {
            guard let call = Self.creates[operation.path] else { continue }
            let faults = await DocumentedOperation(
                name: operation.path,
                method: "POST",
                path: "/api/v6" + operation.path.replacingOccurrences(of: "{id}", with: "an-id"),
                request: operation.request,
                goodResponse: Self.processing,
                call: call
            ).faults()
            XCTAssertTrue(faults.isEmpty, faults.joined(separator: "\n"))
        }
    }

    func testEveryFieldAndValueOfResponseIsDecoded() async throws {
        // The response with the URL of a photo has the format of a job.
        let jobs = Set(Self.creates.keys).union(["/image_editing/base64_to_url"])
        for operation in try documented() where jobs.contains(operation.path) {
            for response in operation.responses {
                let isError = response.name == "ImageEditingErrorResponse"
                // A create throws the error of its response, so a fetch decodes the error schema.
                let path = isError || Self.creates[operation.path] == nil ? "/image_editing/fetch/{id}" : operation.path
                let call = try XCTUnwrap(Self.creates[path])
                let body = try XCTUnwrap(documented().first { $0.path == path }).request
                let faults = await DocumentedOperation(
                    name: "\(operation.path) \(response.name)",
                    method: "POST",
                    path: "/api/v6" + path.replacingOccurrences(of: "{id}", with: "an-id"),
                    request: body,
                    response: response.schema,
                    goodResponse: Self.processing,
                    isTolerant: true,
                    call: call
                ).faults()
                XCTAssertTrue(faults.isEmpty, faults.joined(separator: "\n"))
            }
        }
    }

    func testFieldsOutsideSchemaAreSent() throws {
        let base: [String: JSONValue] = ["prompt": .string("p"), "face_image": .string("https://a.example/f.png")]
        let more: [(String, JSONValue)] = [
            ("negative_prompt", .string("hats")), ("seed", .number(9)), ("seed", .null),
            ("guidance_scale", .number(7.5)),
            ("style", .string("anime")), ("style", .string("one that is new")),
        ]
        for (field, value) in more {
            let body = JSONValue.object(base.merging([field: value]) { _, new in new })
            let request = try body.read(as: ModelsLab.HeadshotRequest.self)
            XCTAssertEqual(body.differences(to: try JSONValue(encoding: request)), [])
        }
    }

    func testFieldsOfFashionExampleAreSent() throws {
        let fashion: [String: JSONValue] = [
            "init_image": "https://a.example/p.png", "cloth_image": "https://a.example/c.png", "cloth_type": "dresses",
        ]
        let more: [(String, JSONValue)] = [("guidance_scale", .number(7.5)), ("seed", .number(9)), ("seed", .null)]
        for (field, value) in more {
            let body = JSONValue.object(fashion.merging([field: value]) { $1 })
            let request = try body.read(as: ModelsLab.FashionTryOnRequest.self)
            XCTAssertEqual(body.differences(to: try JSONValue(encoding: request)), [])
        }
    }

    func testRequestCountIsRequestedAsDocumented() async throws {
        let operation = try XCTUnwrap(documented().first { $0.path == "/processing/request_count" })
        XCTAssertEqual(Set(operation.request.full.members.keys), ["key"])
        let response = operation.responses[0].schema.full
        clients.mock.on("POST", "/api/v6/processing/request_count", response: .json(try response.text))
        let count = try await clients.modelsLab().processing.requestCount()
        XCTAssertEqual(clients.body(0), #"{"key":"ml-secret"}"#)
        XCTAssertEqual(response["processing_count"], .number(Double(count)))
    }

    func testLocalPhotoIsConvertedToURLAsDocumented() async throws {
        let clients = makeClients()
        let operation = try XCTUnwrap(documented().first { $0.path == "/image_editing/base64_to_url" })
        XCTAssertEqual(Set(operation.request.full.members.keys), ["key", "init_image"])
        clients.mock.on(
            "POST",
            "/api/v6/image_editing/base64_to_url",
            response: .json(try operation.responses[0].schema.full.text)
        )
        let url = try await clients.modelsLab().images.base64ToURL(.data(pngBytes))
        XCTAssertEqual(url, "https://files.example/output.png")
        XCTAssertEqual(
            clients.body(0),
            #"{"init_image":"data:image/png;base64,\#(pngBytes.base64EncodedString())","key":"ml-secret"}"#
        )
    }

    func testAssetsAreListedAsDocumented() async throws {
        let operation = try XCTUnwrap(documented().first { $0.path == "/assets_generated" })
        let response = operation.responses[0].schema.full
        let pages = JSONValue.object(response.members.filter { $0.key != "status" })
        for type in try XCTUnwrap(operation.request.enumerations[".type"]).sorted() {
            let clients = makeClients()
            clients.mock.on("POST", "/api/v6/assets_generated", response: .json(try response.text))
            let page = try await clients.modelsLab().assets.list(type: .init(rawValue: type), page: 2, perPage: 30)
            XCTAssertEqual(clients.body(0), #"{"key":"ml-secret","page":2,"per_page":30,"type":"\#(type)"}"#)
            XCTAssertEqual(pages.differences(to: try JSONValue(encoding: page), isTolerant: true), [])
            let pagination = JSONValue(reflecting: page)["pagination"]
            XCTAssertEqual(pages["pagination"]?.differences(to: try XCTUnwrap(pagination)), [])
        }
        XCTAssertEqual(Set(operation.request.full.members.keys), ["key", "page", "per_page", "type"])
    }

    func testWalletIsRequestedAsDocumented() async throws {
        let wallet = try XCTUnwrap(Fixture.json("facts/modelslab-v6.json")["wallet"])
        let url = try XCTUnwrap(wallet["url"]?.string.flatMap { URL(string: $0) })
        let response = try XCTUnwrap(wallet["response_200"])
        let clients = makeClients()
        clients.mock.on(
            try XCTUnwrap(wallet["method"]?.string),
            "//\(try XCTUnwrap(url.host))\(url.path)",
            response: .json(try response.text)
        )
        let balance = try await clients.modelsLab().wallet.balance()
        XCTAssertEqual(clients.body(0), #"{"key":"ml-secret"}"#)
        XCTAssertEqual(try XCTUnwrap(response["data"]).differences(to: try JSONValue(encoding: balance)), [])
        XCTAssertEqual(balance.balance, 43.6)
        XCTAssertEqual(balance.currency, "USD")
    }
}
