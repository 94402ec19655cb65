import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Every create operation of ModelsLab in the simulator, from its photos to its files.
final class SimulatedModelsLabOperationTests: SimulatorTestCase {
    /// An operation with a body of its required fields. `PHOTO` is the path of a local file.
    private struct Row {
        var path: String
        var body: String
        var photos: [String]
        /// The fields whose removal makes the request invalid.
        var required: [String]
        /// A member of the body that the operation rejects, and the reason.
        var invalid: (member: String, reason: String)
        var needsFace = false
    }

    private let rows = [
        Row(
            path: "/image_editing/head_shot",
            body: #"{"prompt":"x","face_image":"PHOTO"}"#,
            photos: ["face_image"],
            required: ["prompt", "face_image"],
            invalid: (#""guidance_scale":11"#, "The guidance_scale field must be between 1 and 10."),
            needsFace: true
        ),
        Row(
            path: "/image_editing/flux_headshot",
            body: #"{"prompt":"x","face_image":"PHOTO","seed":7}"#,
            photos: ["face_image"],
            required: ["prompt", "face_image", "seed"],
            invalid: (#""num_inference_steps":27"#, "The num_inference_steps field must be between 1 and 26."),
            needsFace: true
        ),
        Row(
            path: "/image_editing/face_gen",
            body: #"{"prompt":"x","face_image":"PHOTO","guidance_scale":20}"#,
            photos: ["face_image"],
            required: ["prompt", "face_image"],
            invalid: (#""num_inference_steps":22"#, "The num_inference_steps field must be one of 21, 31, 41."),
            needsFace: true
        ),
        Row(
            path: "/image_editing/super_resolution",
            body: #"{"init_image":"PHOTO","face_enhance":true}"#,
            photos: ["init_image"],
            required: ["init_image"],
            invalid: (#""scale":9"#, "The scale field must be between 1 and 8.")
        ),
        Row(
            path: "/image_editing/removebg_mask",
            body: #"{"image":"PHOTO","base64":true}"#,
            photos: ["image"],
            required: ["image"],
            invalid: (#""alpha_matting_erode_size":6"#, "The alpha_matting_erode_size field must be between 0 and 5.")
        ),
        Row(
            path: "/image_editing/qwen_edit",
            body: #"{"prompt":"x","init_image":["PHOTO","PHOTO"]}"#,
            photos: ["init_image"],
            required: ["prompt", "init_image"],
            invalid: (#""model_id":"m""#, "The model_id field must be one of qwen-edit-2509, qwen-edit-2511.")
        ),
        Row(
            path: "/image_editing/fashion",
            body: #"{"init_image":"PHOTO","cloth_image":"PHOTO","cloth_type":"dresses"}"#,
            photos: ["init_image", "cloth_image"],
            required: ["init_image", "cloth_image", "cloth_type"],
            invalid: (#""temp":"maybe""#, "The temp field must be one of yes, no.")
        ),
        Row(
            path: "/image_editing/outpaint",
            body: #"{"image":"PHOTO"}"#,
            photos: ["image"],
            required: ["image"],
            invalid: (#""overlap_width":43"#, "The overlap_width field must be between 0 and 42.")
        ),
        Row(
            path: "/faceswap/single_face_swap",
            body: #"{"init_image":"PHOTO","target_image":"PHOTO","reference_image":"PHOTO"}"#,
            photos: ["init_image", "target_image", "reference_image"],
            required: ["init_image", "target_image", "reference_image"],
            invalid: (#""watermark":"on""#, "The watermark field must be a boolean."),
            needsFace: true
        ),
        Row(
            path: "/faceswap/multiple_face_swap",
            body: #"{"init_image":"PHOTO","target_image":"PHOTO"}"#,
            photos: ["init_image", "target_image"],
            required: ["init_image", "target_image"],
            invalid: (#""base64":1"#, "The base64 field must be a boolean."),
            needsFace: true
        ),
    ]

    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "modelslab-operations-\(UUID().uuidString)"
    )

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try SampleMedia.portraitPNG(width: 32, height: 32).write(to: directory.appendingPathComponent("me.png"))
        try SampleMedia.landscapePNG(width: 32, height: 32).write(to: directory.appendingPathComponent("hills.png"))
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: directory) }

    private func generate(
        _ row: Row,
        _ imageTransfer: ModelsLab.ImageTransfer,
        photo: String = "me.png"
    ) async throws -> (service: SimulatedService, files: [URL]) {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        let service = SimulatedService(clock: clock)
        let configuration = ClientConfiguration(
            transport: service,
            clock: clock,
            jobStore: try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        )
        let modelsLab = try ModelsLab(
            apiKey: "modelslab-simulated",
            imageTransfer: imageTransfer,
            configuration: configuration
        )
        let name = row.path.components(separatedBy: "/").last ?? ""
        let endpoint = Endpoint<JSONValue>(name, path: row.path, media: row.photos.map { .init($0) })
        let path = directory.appendingPathComponent(photo).path
        let body = Data(row.body.replacingOccurrences(of: "PHOTO", with: path).utf8)
        do {
            let result = try await modelsLab.operation(endpoint).generate(
                try JSONDecoder().decode(JSONValue.self, from: body),
                options: GenerationOptions(downloadDirectory: directory.appendingPathComponent("outputs"))
            )
            return (service, result.files)
        } catch {
            XCTAssertEqual(service.ledger.map(\.kind), [.charge, .refund], row.path)
            throw error
        }
    }

    func testEveryOperationIsRunFromItsPhotosToItsFile() async throws {
        for row in rows {
            let local = row.body.components(separatedBy: "PHOTO").count - 1
            for transfer in [ModelsLab.ImageTransfer.base64ToURL, .base64] {
                let (service, files) = try await generate(row, transfer)
                XCTAssertEqual(files.map(\.pathExtension), ["png"], row.path)
                let file = try Data(contentsOf: try XCTUnwrap(files.first))
                XCTAssertEqual(file.prefix(4), Data([0x89, 0x50, 0x4E, 0x47]), row.path)
                XCTAssertEqual(service.ledger.map(\.kind), [.charge], row.path)
                let isHosted = transfer == .base64ToURL
                XCTAssertEqual(service.requestCounts[.uploadModelsLabImage], isHosted ? local : nil, row.path)
                XCTAssertEqual(service.jobs.first?.media.count, isHosted ? local : 0, row.path)
                XCTAssertNil(service.requestCounts[.unknown], row.path)
            }
        }
        let store = try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        try await assertEqual(await store.records(), [], "No job is left.")
    }

    func testPhotoWithoutAFaceFailsTheOperationsThatNeedOne() async throws {
        for row in rows {
            guard row.needsFace else {
                let files = try await generate(row, .base64ToURL, photo: "hills.png").files
                XCTAssertEqual(files.count, 1, row.path)
                continue
            }
            let error = try await failure { try await generate(row, .base64ToURL, photo: "hills.png") }
            XCTAssertEqual(error.code, .jobFailed, row.path)
        }
    }

    func testInvalidAndMissingFieldsAreErrorsAndFree() async throws {
        let service = makeService()
        let client = SimulatorClient(service: service)
        func message(_ row: Row, _ body: String) async throws -> String {
            let response = try await client.modelsLab("/v6\(row.path)", String(body.dropFirst().dropLast()))
            XCTAssertEqual(response.status, 200, row.path)
            return response.text
        }
        for row in rows {
            let body = row.body.replacingOccurrences(of: "PHOTO", with: "https://example.com/me.png")
            let field = try XCTUnwrap(row.invalid.member.split(separator: "\"").first)
            let invalid = try await message(row, body.dropLast() + "," + row.invalid.member + "}")
            XCTAssertEqual(invalid, #"{"message":{"\#(field)":["\#(row.invalid.reason)"]},"status":"error"}"#)
            for field in row.required {
                guard
                    case .object(var members) = try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8))
                else { return XCTFail(body) }
                members[field] = nil
                let rest = String(decoding: try JSONEncoder().encode(members), as: UTF8.self)
                let missing = try await message(row, rest)
                XCTAssertEqual(
                    missing,
                    #"{"message":{"\#(field)":["The \#(field) field is required."]},"status":"error"}"#
                )
            }
        }
        XCTAssertEqual(service.ledger, [])
    }

    func testListWithMorePhotosThanAllowedIsAnError() async throws {
        let client = SimulatorClient(service: makeService())
        let photos = Array(repeating: #""https://example.com/me.png""#, count: 5).joined(separator: ",")
        for (field, text) in [
            ("[\(photos)]", "must have at most 4 items"), ("[1]", "must be a string or an array of strings"),
            ("7", "must be a string or an array of strings"), ("[]", "is required"),
        ] {
            let response = try await client.modelsLab(
                "/v6/image_editing/qwen_edit",
                #""prompt":"x","init_image":\#(field)"#
            )
            XCTAssertEqual(
                response.text,
                #"{"message":{"init_image":["The init_image field \#(text)."]},"status":"error"}"#
            )
        }
        let one = try await client.modelsLab(
            "/v6/image_editing/qwen_edit",
            #""prompt":"x","init_image":"https://example.com/me.png""#
        )
        XCTAssertEqual(try one.string("status"), "processing")
    }

    func testJobIsKnownInItsOwnCollectionOnly() async throws {
        let client = SimulatorClient(service: makeService())
        let created = try await client.modelsLab(
            "/v6/faceswap/multiple_face_swap",
            #""init_image":"https://example.com/a.png","target_image":"https://example.com/b.png""#
        )
        let id = try created.integer("id")
        XCTAssertEqual(
            try created.string("fetch_result"),
            "https://simulator.invalid/api/v6/faceswap/fetch/\(id)"
        )
        clock.advance(by: .seconds(4))
        let other = try await client.modelsLab("/v6/image_editing/fetch/\(id)")
        XCTAssertEqual(other.text, #"{"message":"Request not found","status":"error"}"#)
        let own = try await client.modelsLab("/v6/faceswap/fetch/\(id)")
        XCTAssertEqual(try own.string("status"), "success")
    }

    func testRequestsInProcessAreCounted() async throws {
        let client = SimulatorClient(service: makeService())
        func count() async throws -> Int {
            try await client.modelsLab("/v6/processing/request_count").integer("processing_count")
        }
        try await assertEqual(await count(), 0)
        for _ in 0..<2 {
            _ = try await client.modelsLab("/v6/image_editing/outpaint", #""image":"https://example.com/a.png""#)
        }
        try await assertEqual(await count(), 2)
        clock.advance(by: .seconds(4))
        try await assertEqual(await count(), 0)
    }

    func testUnknownOperationIsNotFound() async throws {
        let client = SimulatorClient(service: makeService())
        let response = try await client.modelsLab("/v6/image_editing/teleport", #""image":"https://example.com/a.png""#)
        XCTAssertEqual(response.status, 404)
    }
}
