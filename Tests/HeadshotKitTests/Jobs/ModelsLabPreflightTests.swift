import HeadshotKit
import XCTest

/// What is refused of a request to ModelsLab, before money is spent.
final class ModelsLabPreflightTests: XCTestCase {
    private typealias Head = ModelsLab.HeadshotRequest
    private typealias Flux = ModelsLab.FluxHeadshotRequest

    private func check<Value: Numeric>(
        _ field: String,
        right: [Value],
        wrong: [Value],
        line: UInt = #line,
        problems: (Value) throws -> [ValidationIssue]
    ) throws {
        for value in right { XCTAssertEqual(try problems(value), [], "\(field) \(value)", line: line) }
        for value in wrong {
            let found = try problems(value)
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

    func testAHeadshotKeepsToItsLimits() throws {
        try check("width", right: [8, 256, 504, 512], wrong: [-8, 0, 4, 511, 513, 520, 1024]) { value in
            try head { $0.width = value }
        }
        try check("height", right: [8, 512, 760, 768], wrong: [-8, 0, 4, 767, 769, 776, 1024]) { value in
            try head { $0.height = value }
        }
        try check("samples", right: [1, 2], wrong: [-1, 0, 3]) { value in try head { $0.samples = value } }
        try check("num_inference_steps", right: [21, 31, 41], wrong: [0, 20, 22, 30, 50]) { value in
            try head { $0.numInferenceSteps = value }
        }
        try check("guidance_scale", right: [1, 5, 7.5, 10], wrong: [0.5, 10.5]) { value in
            try head { $0.guidanceScale = value }
        }
        try check("s_scale", right: [0, 0.5, 1, 2], wrong: [-0.5, 2.5]) { value in try head { $0.sScale = value } }
        XCTAssertEqual(try head { $0.prompt = " " }.map(\.field), ["prompt"])
        XCTAssertEqual(try head { $0.style = "one that is new" }, [])
        XCTAssertEqual(try head { $0.safetyCheckerType = "one that is new" }, [])
    }

    func testAFluxHeadshotKeepsToItsLimits() throws {
        try check("width", right: [8, 512, 1024], wrong: [0, 1023, 1032]) { value in try flux { $0.width = value } }
        try check("height", right: [8, 768, 1024], wrong: [0, 1023, 1032]) { value in try flux { $0.height = value } }
        try check("num_inference_steps", right: [1, 20, 26], wrong: [0, 27]) { value in
            try flux { $0.numInferenceSteps = value }
        }
        try check("guidance_scale", right: [1, 3.5, 10], wrong: [0.5, 10.5]) { value in
            try flux { $0.guidanceScale = value }
        }
        XCTAssertEqual(try flux { $0.prompt = "" }.map(\.field), ["prompt"])
    }

    func testAllProblemsAreToldAtOnceWithWhatIsAllowed() throws {
        let problems = try head {
            $0.prompt = "\n"
            $0.width = 1_024
            $0.height = 769
            $0.samples = 3
            $0.numInferenceSteps = 20
            $0.guidanceScale = 11
            $0.sScale = 2.5
        }
        XCTAssertEqual(
            problems,
            [
                ValidationIssue(field: "prompt", value: "blank", allowed: "a text"),
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
