import HeadshotKit
import XCTest

/// Requests for headshots, talking photos and faces that are rejected before they are sent.
final class RequestValidationTests: XCTestCase {
    private let clients = TestClients()

    private func talking(
        _ mode: String?,
        from start: Double = 0,
        to end: Double,
        prompt: String? = nil,
        intensity: Double? = nil
    ) throws -> [ValidationIssue] {
        let request = MagicHour.TalkingPhotoRequest(
            assets: .init(imageFilePath: "api-assets/a.png", audioFilePath: "api-assets/a.mp3"),
            startSeconds: start,
            endSeconds: end,
            style: .init(
                generationMode: mode.map { .init(rawValue: $0) },
                prompt: prompt,
                intensity: intensity
            )
        )
        return try clients.magicHour().talkingPhotos.validationIssues(for: request)
    }

    func testClipLengthIsLimitedByMode() throws {
        let length = "end_seconds - start_seconds"
        let limits: [(modes: [String?], limit: Double)] = [
            (["realistic", "pro", "stable", nil], 300), (["prompted", "standard", "expressive"], 45),
        ]
        for (modes, limit) in limits {
            for mode in modes {
                XCTAssertEqual(try talking(mode, to: 0.1), [])
                XCTAssertEqual(try talking(mode, to: limit), [])
                XCTAssertEqual(try talking(mode, from: 1_000, to: 1_000 + limit), [])
                XCTAssertEqual(try talking(mode, to: limit + 0.5).map(\.field), [length], mode ?? "-")
                XCTAssertEqual(try talking(mode, from: 1_000, to: 1_001 + limit).map(\.field), [length], mode ?? "-")
            }
        }
        XCTAssertEqual(try talking("one that is new", to: 10_000), [])
        XCTAssertEqual(
            try talking("prompted", from: 5, to: 60),
            [ValidationIssue(field: length, value: "55", allowed: "at most 45 s with prompted")]
        )
        XCTAssertEqual(
            try talking(nil, to: 301),
            [ValidationIssue(field: length, value: "301", allowed: "at most 300 s")]
        )
    }

    func testClipLiesWithinRecording() throws {
        XCTAssertEqual(try talking(nil, from: -0.1, to: 1).map(\.field), ["start_seconds"])
        XCTAssertEqual(try talking(nil, to: 0.05).map(\.field), ["end_seconds"])
        XCTAssertEqual(try talking(nil, from: 3, to: 3).map(\.field), ["end_seconds"])
        XCTAssertEqual(try talking(nil, from: 3, to: 2).map(\.field), ["end_seconds"])
        XCTAssertFalse(try talking(nil, from: .nan, to: 2).isEmpty)
        XCTAssertFalse(try talking(nil, to: .infinity).isEmpty)
    }

    func testAllIssuesOfTalkingPhotoAreReported() throws {
        XCTAssertEqual(
            try talking("expressive", from: -1, to: -1.5, prompt: "", intensity: 0.333),
            [
                ValidationIssue(field: "start_seconds", value: "-1", allowed: "0 or more"),
                ValidationIssue(field: "end_seconds", value: "-1.5", allowed: "0.1 or more"),
                ValidationIssue(field: "end_seconds", value: "-1.5", allowed: "more than start_seconds"),
                ValidationIssue(field: "style.prompt", value: "empty", allowed: "text that is not blank"),
                ValidationIssue(field: "style.intensity", value: "0.333", allowed: "at most two decimals"),
            ]
        )
    }

    func testIntensityHasAtMostTwoDecimals() throws {
        for intensity in [0, 1, 0.1, 0.29, 0.57, 1.15, 2.5] {
            XCTAssertEqual(try talking("expressive", to: 5, intensity: intensity), [], "\(intensity)")
        }
        for intensity in [0.001, 0.295, 1.0 / 3] {
            XCTAssertEqual(try talking("expressive", to: 5, intensity: intensity).map(\.field), ["style.intensity"])
        }
    }

    func testBlankPromptIsRejected() throws {
        let headshots = try clients.magicHour().headshots
        func fields(_ prompt: String?) -> [String] {
            headshots.validationIssues(
                for: .init(assets: .init(imageFilePath: "api-assets/a.png"), style: .init(prompt: prompt))
            ).map(\.field)
        }
        for prompt in ["", " ", "\n\t ", "\u{00a0}"] { XCTAssertEqual(fields(prompt), ["style.prompt"]) }
        for prompt in [nil, "a", " a "] { XCTAssertEqual(fields(prompt), []) }
        XCTAssertEqual(headshots.validationIssues(for: .init(assets: .init(imageFilePath: "api-assets/a.png"))), [])
    }

    func testConfidenceOutsideZeroToOneIsRejected() throws {
        let faces = try clients.magicHour().faceDetection
        for (score, isValid) in [(nil, true), (0, true), (0.5, true), (1, true), (-0.1, false), (1.1, false)] {
            let request = MagicHour.FaceDetectionRequest(
                assets: .init(targetFilePath: "api-assets/a.png"),
                confidenceScore: score
            )
            XCTAssertEqual(faces.validationIssues(for: request).isEmpty, isValid, "\(score ?? -1)")
        }
    }
}
