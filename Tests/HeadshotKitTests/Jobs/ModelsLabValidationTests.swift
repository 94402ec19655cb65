import HeadshotKit
import XCTest

/// Requests to ModelsLab that are rejected before they are sent.
final class ModelsLabValidationTests: XCTestCase {
    private typealias Head = ModelsLab.HeadshotRequest
    private typealias Flux = ModelsLab.FluxHeadshotRequest

    private let photo: MediaSource = "https://a.example/f.png"

    private func check<Value: Numeric>(
        _ field: String,
        valid: [Value],
        invalid: [Value],
        line: UInt = #line,
        issues: (Value) throws -> [ValidationIssue]
    ) throws {
        for value in valid { XCTAssertEqual(try issues(value), [], "\(field) \(value)", line: line) }
        for value in invalid {
            let found = try issues(value)
            XCTAssertEqual(found.map(\.field), [field], "\(field) \(value)", line: line)
            XCTAssertEqual(found.first?.value, "\(value)", line: line)
        }
    }

    private func head(_ change: (inout Head) -> Void) throws -> [ValidationIssue] {
        var request = Head(prompt: "p", faceImage: "https://a.example/f.png")
        change(&request)
        return try TestClients().modelsLab().headshots.validationIssues(for: request)
    }

    private func flux(_ change: (inout Flux) -> Void) throws -> [ValidationIssue] {
        var request = Flux(prompt: "p", faceImage: "https://a.example/f.png", seed: 1)
        change(&request)
        return try TestClients().modelsLab().fluxHeadshots.validationIssues(for: request)
    }

    func testHeadshotOutsideLimitsIsRejected() throws {
        try check("width", valid: [8, 256, 504, 512], invalid: [-8, 0, 4, 511, 513, 520, 1024]) { value in
            try head { $0.width = value }
        }
        try check("height", valid: [8, 512, 760, 768], invalid: [-8, 0, 4, 767, 769, 776, 1024]) { value in
            try head { $0.height = value }
        }
        try check("samples", valid: [1, 2], invalid: [-1, 0, 3]) { value in try head { $0.samples = value } }
        try check("num_inference_steps", valid: [21, 31, 41], invalid: [0, 20, 22, 30, 50]) { value in
            try head { $0.numInferenceSteps = value }
        }
        try check("guidance_scale", valid: [1, 5, 7.5, 10], invalid: [0.5, 10.5]) { value in
            try head { $0.guidanceScale = value }
        }
        try check("s_scale", valid: [0, 0.5, 1, 2], invalid: [-0.5, 2.5]) { value in try head { $0.sScale = value } }
        XCTAssertEqual(try head { $0.prompt = " " }.map(\.field), ["prompt"])
        XCTAssertEqual(try head { $0.style = "one that is new" }, [])
        XCTAssertEqual(try head { $0.safetyCheckerType = "one that is new" }, [])
    }

    func testFluxHeadshotOutsideLimitsIsRejected() throws {
        try check("width", valid: [8, 512, 1024], invalid: [0, 1023, 1032]) { value in try flux { $0.width = value } }
        try check("height", valid: [8, 768, 1024], invalid: [0, 1023, 1032]) { value in try flux { $0.height = value } }
        try check("num_inference_steps", valid: [1, 20, 26], invalid: [0, 27]) { value in
            try flux { $0.numInferenceSteps = value }
        }
        try check("guidance_scale", valid: [1, 3.5, 10], invalid: [0.5, 10.5]) { value in
            try flux { $0.guidanceScale = value }
        }
        XCTAssertEqual(try flux { $0.prompt = "" }.map(\.field), ["prompt"])
    }

    /// Returns the issues of a request of an operation after a change.
    private func issues<Request>(
        _ operation: (ModelsLab) -> GenerationOperation<Request, ModelsLab.ImageResult, ModelsLab.ImageResult>,
        _ request: Request,
        _ change: (inout Request) -> Void
    ) throws -> [ValidationIssue] {
        var request = request
        change(&request)
        return try operation(TestClients().modelsLab()).validationIssues(for: request)
    }

    func testFacePortraitOutsideLimitsIsRejected() throws {
        let request = Head(prompt: "p", faceImage: photo)
        try check("guidance_scale", valid: [1, 10.5, 20], invalid: [0.5, 20.5]) { value in
            try issues(\.facePortraits, request) { $0.guidanceScale = value }
        }
        try check("width", valid: [8, 512], invalid: [0, 500, 520]) { value in
            try issues(\.facePortraits, request) { $0.width = value }
        }
    }

    func testUpscaleOutsideLimitsIsRejected() throws {
        try check("scale", valid: [1, 3, 8, 16], invalid: [-1, 0]) { value in
            try issues(\.imageUpscales, .init(initImage: photo)) { $0.scale = value }
        }
    }

    func testBackgroundRemovalOutsideLimitsIsRejected() throws {
        let request = ModelsLab.BackgroundRemovalRequest(image: photo)
        try check("alpha_matting_foreground_threshold", valid: [0, 240], invalid: [-1, 241]) { value in
            try issues(\.backgroundRemovals, request) { $0.alphaMattingForegroundThreshold = value }
        }
        try check("alpha_matting_background_threshold", valid: [0, 20], invalid: [-1, 21]) { value in
            try issues(\.backgroundRemovals, request) { $0.alphaMattingBackgroundThreshold = value }
        }
        try check("alpha_matting_erode_size", valid: [0, 5], invalid: [-1, 6]) { value in
            try issues(\.backgroundRemovals, request) { $0.alphaMattingErodeSize = value }
        }
    }

    func testQwenEditOutsideLimitsIsRejected() throws {
        for (count, isValid) in [(0, false), (1, true), (4, true), (5, false)] {
            let request = ModelsLab.QwenEditRequest(
                prompt: "p",
                initImages: Array(repeating: photo, count: count)
            )
            let found = try issues(\.qwenEdits, request) { _ in }
            let issue = ValidationIssue(field: "init_image", value: "\(count) photos", allowed: "1 to 4 photos")
            XCTAssertEqual(found, isValid ? [] : [issue])
        }
        let blank = try issues(\.qwenEdits, .init(prompt: " ", initImages: [photo])) { _ in }
        XCTAssertEqual(blank.map(\.field), ["prompt"])
    }

    func testFashionTryOnOutsideLimitsIsRejected() throws {
        let request = ModelsLab.FashionTryOnRequest(initImage: photo, clothImage: photo, clothType: "new")
        try check("num_inference_steps", valid: [21, 31, 41], invalid: [0, 20, 42]) { value in
            try issues(\.fashionTryOns, request) { $0.numInferenceSteps = value }
        }
        try check("guidance_scale", valid: [1, 7.5, 20], invalid: [0.5, 20.5]) { value in
            try issues(\.fashionTryOns, request) { $0.guidanceScale = value }
        }
    }

    func testOutpaintingOutsideLimitsIsRejected() throws {
        let request = ModelsLab.OutpaintingRequest(image: photo)
        try check("width", valid: [1, 1_280, 1_440], invalid: [-1, 0, 1_441]) { value in
            try issues(\.outpaintings, request) { $0.width = value }
        }
        try check("height", valid: [1, 720, 1_440], invalid: [-1, 0, 1_441]) { value in
            try issues(\.outpaintings, request) { $0.height = value }
        }
        try check("overlap_width", valid: [0, 10, 42], invalid: [-1, 43]) { value in
            try issues(\.outpaintings, request) { $0.overlapWidth = value }
        }
        try check("num_inference_steps", valid: [1, 10, 30], invalid: [0, 31]) { value in
            try issues(\.outpaintings, request) { $0.numInferenceSteps = value }
        }
    }

    func testAllIssuesAreReportedWithAllowedValues() throws {
        let issues = try head {
            $0.prompt = "\n"
            $0.width = 1_024
            $0.height = 769
            $0.samples = 3
            $0.numInferenceSteps = 20
            $0.guidanceScale = 11
            $0.sScale = 2.5
        }
        XCTAssertEqual(
            issues,
            [
                ValidationIssue(field: "prompt", value: "blank", allowed: "text that is not blank"),
                ValidationIssue(field: "width", value: "1024", allowed: "8 to 512, a multiple of 8"),
                ValidationIssue(field: "height", value: "769", allowed: "8 to 768, a multiple of 8"),
                ValidationIssue(field: "samples", value: "3", allowed: "1 to 2"),
                ValidationIssue(field: "num_inference_steps", value: "20", allowed: "21, 31, 41"),
                ValidationIssue(field: "guidance_scale", value: "11", allowed: "1 to 10"),
                ValidationIssue(field: "s_scale", value: "2.5", allowed: "0 to 2"),
            ]
        )
    }
}
