import HeadshotKit
import XCTest

/// The documented values of each model, and the requests that are rejected before they are sent.
final class ImageValidationTests: XCTestCase {
    private static let upToFour: Set<Int> = [1, 2, 3, 4]
    private static let squares: Set<Int> = [1, 4, 9, 16]

    private let table: [(models: [String], resolutions: Set<String>, counts: Set<Int>)] = [
        (["flux-2-klein"], ["640px", "1k", "2k"], [1]),
        (["krea-2"], ["640px", "1k"], [1]),
        (["flux-schnell", "z-image-turbo", "qwen-image-2.1", "seedream-v5-pro"], ["640px", "1k", "2k"], upToFour),
        (
            ["gpt-image-2", "gpt-image-2.5-flare", "seedream-v4", "seedream"], ["640px", "1k", "2k", "4k"], upToFour
        ),
        (["nano-banana", "nano-banana-2-lite"], ["640px", "1k"], upToFour),
        (["nano-banana-2", "nano-banana-2.1"], ["640px", "1k", "2k", "4k"], squares),
        (["nano-banana-pro"], ["1k", "2k", "4k"], squares),
    ]

    private func issues(_ model: String?, _ resolution: String?, _ count: Int) throws -> [String] {
        let request = MagicHour.ImageRequest(
            imageCount: count,
            style: .init(prompt: "a lighthouse"),
            model: model.map { MagicHour.ImageModel(rawValue: $0) },
            resolution: resolution.map { MagicHour.ImageResolution(rawValue: $0) }
        )
        return try TestClients().magicHour().images.validationIssues(for: request).map(\.field)
    }

    func testEveryModelAllowsOnlyDocumentedValues() throws {
        var combinations = 0
        for row in table {
            for model in row.models {
                for resolution in [nil, "640px", "1k", "2k", "4k"] as [String?] {
                    for count in 1...16 {
                        var expected: [String] = []
                        if !row.counts.contains(count) { expected.append("image_count") }
                        if let resolution, !row.resolutions.contains(resolution) { expected.append("resolution") }
                        let found = try issues(model, resolution, count)
                        XCTAssertEqual(found, expected, "\(model) \(resolution ?? "-") \(count)")
                        combinations += 1
                    }
                }
            }
        }
        XCTAssertEqual(combinations, 15 * 5 * 16)
    }

    func testEveryDocumentedModelIsTested() throws {
        let operations = try Fixture.json("facts/magic-hour-0.90.0.json")["operations"]?.elements ?? []
        let images = try XCTUnwrap(operations.first { $0["operation"] == .string("ai_image_generator.create") })
        let models = try XCTUnwrap(images["body"].map { Schema($0).enumerations[".model"] } ?? nil)
        XCTAssertEqual(models, Set(table.flatMap(\.models)).union(["default"]))
    }

    func testUnknownValuesAreAllowed() throws {
        for count in 1...16 {
            XCTAssertEqual(try issues(nil, "4k", count), [])
            XCTAssertEqual(try issues("default", "4k", count), [])
            XCTAssertEqual(try issues("flux-9-grande", "640px", count), [])
        }
        for resolution in ["8k", "auto", "1080p"] { XCTAssertEqual(try issues("krea-2", resolution, 1), []) }
    }

    func testEveryModelRejectsZeroAndSeventeenImages() throws {
        for model in [nil, "default", "flux-9-grande", "krea-2", "nano-banana-pro"] as [String?] {
            for count in [-1, 0, 17, 1_000] { XCTAssertEqual(try issues(model, nil, count), ["image_count"]) }
        }
    }

    func testAllIssuesAreReportedWithAllowedValues() throws {
        let request = MagicHour.ImageRequest(
            imageCount: 2,
            style: .init(prompt: " \n\t"),
            model: .nanoBananaPro,
            resolution: .px640
        )
        XCTAssertEqual(
            try TestClients().magicHour().images.validationIssues(for: request),
            [
                ValidationIssue(field: "style.prompt", value: "blank", allowed: "text that is not blank"),
                ValidationIssue(field: "image_count", value: "2", allowed: "1, 4, 9, 16 with nano-banana-pro"),
                ValidationIssue(field: "resolution", value: "640px", allowed: "1k, 2k, 4k with nano-banana-pro"),
            ]
        )
    }
}
