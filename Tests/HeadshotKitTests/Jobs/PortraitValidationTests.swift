import XCTest

@testable import HeadshotKit

/// Requests of the portrait family at their limits, with prices and durations.
final class PortraitValidationTests: XCTestCase {
    private let clients = TestClients()

    // MARK: Limits

    func testUpscaleIsTwofoldOrFourfold() throws {
        let upscales = try clients.magicHour().imageUpscales
        func issues(_ factor: Double, _ prompt: String? = nil) -> [ValidationIssue] {
            upscales.validationIssues(for: .init(photo: "api-assets/a.png", scaleFactor: factor, prompt: prompt))
        }
        for factor in [2.0, 4] { XCTAssertEqual(issues(factor), []) }
        for factor in [0, 1, 3, 8, -2, .nan, .infinity] {
            XCTAssertEqual(issues(factor).map(\.field), ["scale_factor"])
        }
        XCTAssertEqual(issues(3), [ValidationIssue(field: "scale_factor", value: "3", allowed: "2, 4")])
        XCTAssertEqual(issues(2, " ").map(\.field), ["style.prompt"])
    }

    func testEditHasOneToTenImages() throws {
        let edits = try clients.magicHour().imageEdits
        func issues(_ count: Int, _ model: MagicHour.ImageEditModel? = nil) -> [ValidationIssue] {
            let photos = [MediaSource](repeating: "api-assets/a.png", count: count)
            return edits.validationIssues(for: .init(photos: photos, prompt: "p", model: model))
        }
        for count in 1...10 { XCTAssertEqual(issues(count), []) }
        for count in [0, 11] {
            let issue = ValidationIssue(
                field: "assets.image_file_paths",
                value: "\(count) images",
                allowed: "1 to 10 images"
            )
            XCTAssertEqual(issues(count), [issue])
            XCTAssertEqual(issues(count, .krea2), [issue])
        }
        XCTAssertEqual(
            issues(3, .krea2),
            [
                ValidationIssue(
                    field: "assets.image_file_paths",
                    value: "3 images",
                    allowed: "at most 2 images with krea-2"
                )
            ]
        )
        var older = MagicHour.ImageEditRequest(photos: [], prompt: "p")
        older.assets.imageFilePaths = nil
        XCTAssertEqual(edits.validationIssues(for: older).map(\.field), ["assets.image_file_paths"])
        older.assets.imageFilePath = "api-assets/a.png"
        XCTAssertEqual(edits.validationIssues(for: older), [])
    }

    func testEveryEditModelHasItsDocumentedLimitsAndPrice() throws {
        let edits = try clients.magicHour().imageEdits
        let models = try XCTUnwrap(Fixture.json("facts/magic-hour-prices.json")["image_editor_models"]?.members)
        XCTAssertEqual(models.count, 15)
        for (name, facts) in models where name != "fields" {
            let resolutions = facts.elements[1].elements.compactMap(\.string)
            let maximum = try XCTUnwrap(facts.elements[3].number.map { Int($0) + 1 })
            for count in 1...10 {
                let photos = [MediaSource](repeating: "api-assets/a.png", count: count)
                var request = MagicHour.ImageEditRequest(photos: photos, prompt: "p", imageCount: 4)
                request.model = .init(rawValue: name)
                for resolution in ["640px", "1k", "2k", "4k", "8k"] {
                    request.resolution = .init(rawValue: resolution)
                    let expected =
                        (count <= maximum ? [] : ["assets.image_file_paths"])
                        + (resolutions.contains(resolution) || resolution == "8k" ? [] : ["resolution"])
                    XCTAssertEqual(edits.validationIssues(for: request).map(\.field), expected, "\(name) \(resolution)")
                }
                let credits = try XCTUnwrap(facts.elements[0].number.map { Int($0) })
                XCTAssertEqual(edits.estimatedCost(of: request), .atLeast(credits * 4), name)
            }
        }
    }

    func testEditPromptAndCountAreLimited() throws {
        let edits = try clients.magicHour().imageEdits
        func fields(_ prompt: String, _ count: Int? = nil) -> [String] {
            edits.validationIssues(for: .init(photos: ["api-assets/a.png"], prompt: prompt, imageCount: count))
                .map(\.field)
        }
        XCTAssertEqual(fields(String(repeating: "p", count: 15_000)), [])
        XCTAssertEqual(fields(String(repeating: "p", count: 15_001)), ["style.prompt"])
        XCTAssertEqual(fields(" "), ["style.prompt"])
        for count in [1, 4, 9, 16] { XCTAssertEqual(fields("p", count), []) }
        for count in [0, 2, 17, .max, .min] {
            XCTAssertEqual(fields("p", count), ["image_count"])
            let request = MagicHour.ImageEditRequest(photos: [], prompt: "p", imageCount: count, model: .nanoBananaPro)
            XCTAssertNotNil(edits.estimatedCost(of: request), "No count overflows.")
        }
    }

    func testFaceSwapHasAFaceOrOneToFiveMappings() throws {
        let swaps = try clients.magicHour().photoFaceSwaps
        typealias Request = MagicHour.PhotoFaceSwapRequest
        let mapping = Request.FaceMapping(originalFace: "0-0.png", newFace: "api-assets/b.png")
        for count in 0...7 {
            let request = Request(photo: "api-assets/a.png", faceMappings: Array(repeating: mapping, count: count))
            let isRight = (1...5).contains(count)
            let issue = ValidationIssue(
                field: "assets.face_mappings",
                value: "\(count) faces",
                allowed: "1 to 5 faces with individual-faces"
            )
            XCTAssertEqual(swaps.validationIssues(for: request), isRight ? [] : [issue])
        }
        func fields(_ mode: Request.FaceSwapMode?, face: MediaSource?, mappings: Int) -> [String] {
            let assets = Request.Assets(
                targetFilePath: "api-assets/a.png",
                sourceFilePath: face,
                faceMappings: Array(repeating: mapping, count: mappings),
                faceSwapMode: mode
            )
            return swaps.validationIssues(for: .init(assets: assets)).map(\.field)
        }
        for mode in [nil, .allFaces] as [Request.FaceSwapMode?] {
            XCTAssertEqual(fields(mode, face: "api-assets/b.png", mappings: 0), [])
            XCTAssertEqual(fields(mode, face: "api-assets/b.png", mappings: 5), [])
            XCTAssertEqual(fields(mode, face: "api-assets/b.png", mappings: 6), ["assets.face_mappings"])
            XCTAssertEqual(fields(mode, face: nil, mappings: 1), ["assets.source_file_path"])
        }
        XCTAssertEqual(fields("one that is new", face: nil, mappings: 0), [])
    }

    func testHeadSwapHasAPositiveResolution() throws {
        let swaps = try clients.magicHour().headSwaps
        for (pixels, fields) in [(nil, []), (1, []), (9_000, []), (0, ["max_resolution"]), (-1, ["max_resolution"])]
            as [(Int?, [String])]
        {
            let request = MagicHour.HeadSwapRequest(
                head: "api-assets/a.png",
                body: "api-assets/b.png",
                maxResolution: pixels
            )
            XCTAssertEqual(swaps.validationIssues(for: request).map(\.field), fields)
        }
    }

    func testEveryNumberOfAFaceEditIsAMultipleOfFive() throws {
        let edits = try clients.magicHour().faceEdits
        typealias Style = MagicHour.FaceEditRequest.Style
        let facts = try Fixture.json("facts/magic-hour-0.90.0.json")["operations"]?.elements ?? []
        let body = try XCTUnwrap(facts.first { $0["operation"] == .string("ai_face_editor.create") }?["body"])
        let numbers = Schema(body).full["style"]?.members.keys.filter { $0 != "enhance_face" } ?? []
        XCTAssertEqual(numbers.count, 14)
        for name in numbers {
            for (value, isRight) in [
                (-100, true), (-5, true), (0, true), (5, true), (100, true), (-105, false), (-100.5, false), (1, false),
                (2.5, false), (101, false), (105, false),
            ] {
                let style = try JSONValue.object([name: .number(value)]).read(as: Style.self)
                let issues = edits.validationIssues(for: .init(photo: "api-assets/a.png", style: style))
                XCTAssertEqual(issues.map(\.field), isRight ? [] : ["style.\(name)"], "\(value)")
            }
        }
        var style = Style()
        style.headRoll = .nan
        style.mouthSmile = .infinity
        XCTAssertEqual(edits.validationIssues(for: .init(photo: "api-assets/a.png", style: style)).count, 2)
    }

    func testVideoHasALengthAndResolutionOfItsModel() throws {
        let videos = try clients.magicHour().imageToVideo
        func issues(_ seconds: Double, _ model: String?, _ resolution: String? = nil) -> [ValidationIssue] {
            videos.validationIssues(
                for: .init(
                    photo: "api-assets/a.png",
                    endSeconds: seconds,
                    model: model.map { .init(rawValue: $0) },
                    resolution: resolution.map { .init(rawValue: $0) }
                )
            )
        }
        let table: [(model: String, seconds: [Int], resolutions: [String])] = [
            ("gemini-omni-1.1", Array(3...10), ["360p", "720p", "1080p", "4k"]),
            ("kling-2.6", [5, 10], ["720p", "1080p"]),
            ("kling-3.0", Array(3...15), ["720p", "1080p", "4k"]),
            ("ltx-2.5", Array(1...60), ["480p", "720p", "1080p"]),
            ("minimax-h3", Array(1...30), ["480p", "720p", "1080p"]),
            ("seedance-1.5", Array(4...12), ["480p", "720p", "1080p"]),
            ("seedance-2.0", Array(4...15), ["480p", "720p", "1080p", "4k"]),
            ("seedance-2.0-fast", Array(4...15), ["480p", "720p"]),
            ("seedance-2.0-mini", Array(4...15), ["480p", "720p"]),
            ("seedance-2.5", Array(4...30), ["480p", "720p", "1080p"]),
            ("veo3.1", [4, 6, 8, 16, 24, 32, 40, 48, 56], ["720p", "1080p"]),
            ("veo3.1-lite", [4, 6, 8, 16, 24, 32, 40, 48, 56], ["720p", "1080p"]),
            ("wan-2.2", [3, 4, 5, 6, 7, 8, 9, 10, 15], ["480p", "720p", "1080p"]),
            ("wan-3.0", [2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30], ["480p", "720p", "1080p"]),
        ]
        for row in table {
            for seconds in 1...61 {
                let fields = issues(Double(seconds), row.model).map(\.field)
                XCTAssertEqual(fields, row.seconds.contains(seconds) ? [] : ["end_seconds"], "\(row.model) \(seconds)")
            }
            for resolution in ["360p", "480p", "720p", "1080p", "4k", "8k"] {
                let fields = issues(Double(row.seconds[0]), row.model, resolution).map(\.field)
                let isRight = row.resolutions.contains(resolution) || resolution == "8k"
                XCTAssertEqual(fields, isRight ? [] : ["resolution"], "\(row.model) \(resolution)")
            }
        }
        XCTAssertEqual(
            issues(11, "wan-2.2", "4k").map(\.description),
            [
                "end_seconds is 11; allowed: 3 to 10, 15 with wan-2.2",
                "resolution is 4k; allowed: 480p, 720p, 1080p with wan-2.2",
            ]
        )
        for model in [nil, "default", "sora-2", "one-that-is-new"] as [String?] {
            XCTAssertEqual(issues(7.5, model, "4k"), [])
            for seconds in [0, -1, .nan, .infinity] {
                XCTAssertEqual(issues(seconds, model).map(\.field), ["end_seconds"])
            }
        }
    }

    func testSpeechHasATextAndAVoice() throws {
        let speech = try clients.magicHour().speech
        func fields(_ text: String, _ voice: MagicHour.Voice) -> [String] {
            speech.validationIssues(for: .init(text: text, voice: voice)).map(\.field)
        }
        XCTAssertEqual(fields("Hello", "one that is new"), [])
        XCTAssertEqual(fields(" ", ""), ["style.prompt", "style.voice_name"])
    }

    // MARK: Prices and durations

    func testUpscalePriceDependsOnModeAndFactor() throws {
        let upscales = try clients.magicHour().imageUpscales
        typealias Mode = MagicHour.ImageUpscaleRequest.Mode
        func cost(_ factor: Double, _ mode: Mode?) -> CreditEstimate? {
            upscales.estimatedCost(of: .init(photo: "api-assets/a.png", scaleFactor: factor, mode: mode))
        }
        for mode in [.preserve, .pro] as [Mode] {
            XCTAssertEqual([cost(2, mode), cost(4, mode)], [.exactly(25), .exactly(100)])
        }
        for mode in [nil, .balanced, .creative] as [Mode?] {
            XCTAssertEqual([cost(2, mode), cost(4, mode)], [.exactly(50), .exactly(200)])
        }
        XCTAssertEqual(
            [cost(2, "new"), cost(4, "new"), cost(8, .preserve)],
            [.atLeast(25), .atLeast(100), .atLeast(25)]
        )
        for (enhancement, credits) in [("Resemblance", 25), ("Balanced", 50), ("Creative", 50)] {
            var request = MagicHour.ImageUpscaleRequest(photo: "api-assets/a.png")
            request.style = .init()
            request.style?.enhancement = .init(rawValue: enhancement)
            XCTAssertEqual(upscales.estimatedCost(of: request), .exactly(credits))
        }
    }

    func testSpeechCostsATenthOfACreditPerCharacter() throws {
        let speech = try clients.magicHour().speech
        for (length, credits) in [(0, 0), (1, 1), (10, 1), (11, 2), (100, 10), (101, 11), (100_000, 10_000)] {
            let text = String(repeating: "a", count: length)
            XCTAssertEqual(speech.estimatedCost(of: .init(text: text, voice: "Batman")), .atLeast(credits))
        }
    }

    func testEveryOperationIsPolledByItsDocumentedMedian() throws {
        let medians = try XCTUnwrap(Fixture.json("facts/magic-hour-prices.json")["median_seconds"])
        let magicHour = try clients.magicHour()
        let traits: [(String, JobTraits)] = [
            ("ai-headshot-generator", magicHour.headshots.traits), ("ai-image-generator", magicHour.images.traits),
            ("ai-talking-photo", magicHour.talkingPhotos.traits), ("ai-image-editor", magicHour.imageEdits.traits),
            ("ai-image-upscaler", magicHour.imageUpscales.traits),
            ("image-background-remover", magicHour.backgroundRemovals.traits),
            ("face-swap-photo", magicHour.photoFaceSwaps.traits), ("head-swap", magicHour.headSwaps.traits),
            ("body-swap", magicHour.bodySwaps.traits), ("ai-clothes-changer", magicHour.clothesChanges.traits),
            ("ai-face-editor", magicHour.faceEdits.traits), ("photo-colorizer", magicHour.photoColorizations.traits),
            ("ai-voice-generator", magicHour.speech.traits), ("image-to-video", magicHour.imageToVideo.traits),
        ]
        for (name, traits) in traits {
            XCTAssertEqual(traits.polling.median?.seconds, medians[name]?.number, name)
        }
    }
}
