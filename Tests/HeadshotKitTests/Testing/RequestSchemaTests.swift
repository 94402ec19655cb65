import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The simulator's validation of create requests against the documented schemas.
final class RequestSchemaTests: XCTestCase {
    private static var configuration: SimulatedService.Configuration {
        var configuration = SimulatedService.Configuration()
        configuration.credits = 10_000_000
        return configuration
    }

    private func create(_ operation: String, _ body: JSONValue) async throws -> (status: Int, text: String) {
        let service = SimulatedService(configuration: Self.configuration)
        let response = try await service.send(
            TransportRequest(
                method: "POST",
                url: try XCTUnwrap(URL(string: "https://api.magichour.ai/v1/\(operation)")),
                headers: ["Authorization": "Bearer mhk_live_simulated", "Content-Type": "application/json"],
                body: .data(Data("\(body)".utf8))
            ),
            onProgress: nil
        )
        if response.status != 200 { XCTAssertEqual(service.ledger, [], "Only an accepted request is charged.") }
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    func testInvalidFieldIsNamedAndNothingIsCharged() async throws {
        let photo = #""image_file_path":"https://example.com/me.png""#
        let style = #""style":{"prompt":"x"}"#
        let rows: [(operation: String, body: String, status: Int, problem: String)] = [
            ("photo-colorizer", "{}", 400, "'assets' is required"),
            ("photo-colorizer", #"{"assets":{}}"#, 400, "'assets.image_file_path' is required"),
            ("photo-colorizer", #"{"assets":[]}"#, 400, "'assets' must be an object"),
            ("photo-colorizer", #"{"assets":{"image_file_path":1}}"#, 400, "'assets.image_file_path' must be a string"),
            (
                "photo-colorizer", #"{"assets":{"image_file_path":null}}"#, 400,
                "'assets.image_file_path' must be a string"
            ),
            (
                "head-swap", #"{"assets":{"body_file_path":"","head_file_path":"x"}}"#, 422,
                "'assets.body_file_path' must not be empty"
            ),
            (
                "head-swap", #"{"assets":{"body_file_path":"x","head_file_path":"x"},"max_resolution":1.5}"#, 400,
                "'max_resolution' must be an integer"
            ),
            (
                "body-swap", #"{"assets":{"person_file_path":"x","scene_file_path":"x"},"resolution":"8k"}"#, 422,
                "'resolution' must be one of"
            ),
            (
                "ai-face-editor", #"{"assets":{\#(photo)},"style":{"mouth_smile":105}}"#, 422,
                "'style.mouth_smile' must be at most 100"
            ),
            (
                "ai-face-editor", #"{"assets":{\#(photo)},"style":{"head_yaw":-101}}"#, 422,
                "'style.head_yaw' must be at least -100"
            ),
            (
                "ai-face-editor", #"{"assets":{\#(photo)},"style":{"head_yaw":7}}"#, 422,
                "'style.head_yaw' must be a multiple of 5"
            ),
            (
                "ai-face-editor", #"{"assets":{\#(photo)},"style":{"enhance_face":"yes"}}"#, 400,
                "'style.enhance_face' must be a boolean"
            ),
            (
                "ai-image-editor", #"{"assets":{"image_file_paths":["x",2]},\#(style)}"#, 400,
                "'assets.image_file_paths[1]' must be a string"
            ),
            (
                "ai-image-editor",
                #"{"assets":{"image_file_paths":["1","2","3","4","5","6","7","8","9","10","11"]},\#(style)}"#, 422,
                "'assets.image_file_paths' must have at most 10 elements"
            ),
            (
                "ai-image-editor", #"{"assets":{},"image_count":3,\#(style)}"#, 422,
                "'image_count' must be one of 1, 4, 9, 16"
            ),
            ("text-to-video", #"{"end_seconds":"5","style":{"prompt":"x"}}"#, 400, "'end_seconds' must be a number"),
        ]
        for row in rows {
            let body = try JSONDecoder().decode(JSONValue.self, from: Data(row.body.utf8))
            let (status, text) = try await create(row.operation, body)
            XCTAssertEqual(status, row.status, "\(row.operation) \(row.body): \(text)")
            XCTAssertTrue(text.contains(row.problem), "\(row.operation) \(row.body): \(text)")
        }
    }

    func testEveryDocumentedValueIsAccepted() async throws {
        let facts = try Fixture.json("facts/magic-hour-0.90.0.json")
        let ownRules: Set<String> = [
            "ai-headshot-generator", "ai-image-generator", "ai-talking-photo", "face-detection", "files/upload-urls",
        ]
        let samples: [String: JSONValue] = ["image_count": 4].merging(
            Self.faceEditorFields.map { ($0, 50) },
            uniquingKeysWith: { first, _ in first }
        )
        var count = 0
        for fact in facts["operations"]?.elements ?? [] where fact["method"] == "POST" {
            let name = (fact["path"]?.string ?? "").replacingOccurrences(of: "/v1/", with: "")
            guard !ownRules.contains(name), let body = fact["body"] else { continue }
            // The schema of the API has no limits, and 3 is not a valid count or percentage.
            for variant in Schema(body, samples: samples).bodies where !variant.path.hasSuffix(" = 3") {
                let (status, text) = try await create(name, variant.json)
                XCTAssertEqual(status, 200, "\(name)\(variant.path): \(text)")
            }
            count += 1
        }
        XCTAssertEqual(count, 28)
    }

    private static let faceEditorFields = [
        "eyebrow_direction", "eye_gaze_horizontal", "eye_gaze_vertical", "eye_open_ratio", "lip_open_ratio",
        "head_roll",
        "mouth_grim", "mouth_pout", "mouth_purse", "mouth_smile", "mouth_position_horizontal",
        "mouth_position_vertical",
        "head_pitch", "head_yaw",
    ]
}
