import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

@testable import headshot

/// `headshot image`, `faces` and `account`.
final class OtherCommandTests: XCTestCase {
    // MARK: Images

    func testImagesAreCreatedFromPrompt() async throws {
        let tool = try await Tool()
        let output = try await tool.run(
            "image",
            "a red door",
            "--count",
            "2",
            "--model",
            "z-image-turbo",
            "--output",
            "out"
        )
        XCTAssertEqual(output.status, 0, output.err)
        let id = try tool.jobID
        XCTAssertEqual(output.out, (1...2).map { tool.path("out/image-\(id)-\($0).png") + "\n" }.joined())
        XCTAssertEqual(tool.service.ledger.map(\.amount), [10])
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testEveryImageOptionIsSent() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let arguments = """
            image door --no-wait --json --model nano-banana-2 --count 4 --aspect-ratio 16:9 --resolution 2k \
            --tool ai-photo-generator --name Door
            """
        let output = try await tool.start(arguments.split(separator: " ").map(String.init)).end()
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertTrue(output.out.contains(#""credits_charged":400,"id":"\#(try tool.jobID)""#), output.out)
        XCTAssertEqual(
            try tool.storedRequests,
            [
                #"{"aspect_ratio":"16:9","image_count":4,"model":"nano-banana-2","name":"Door","resolution":"2k","#
                    + #""style":{"prompt":"door","tool":"ai-photo-generator"}}"#
            ]
        )
        try await tool.close()
    }

    func testInvalidOrTooExpensiveImageIsNotSent() async throws {
        let tool = try await Tool()
        let count = try await tool.run("image", "door", "--model", "krea-2", "--count", "2")
        XCTAssertEqual(count.status, 2)
        XCTAssertTrue(count.err.contains("--count is 2; allowed: 1 with krea-2"), count.err)
        let blank = try await tool.run("image", " ")
        XCTAssertEqual(blank.status, 2)
        XCTAssertTrue(blank.err.contains("the prompt is blank; allowed: text that is not blank"), blank.err)
        let expensive = try await tool.run("image", "door", "--count", "4", "--max-credits", "19")
        XCTAssertEqual(expensive.status, 6)
        XCTAssertTrue(expensive.err.contains("it costs at least 20 credits, and --max-credits is 19"), expensive.err)
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    // MARK: Faces

    func testFacesAreSavedAndNotCharged() async throws {
        let tool = try await Tool()
        let output = try await tool.run("faces", "me.png", "--confidence", "0.8", "--output", "faces")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(output.out, tool.path("faces/face-\(try tool.jobID)-1.png") + "\n")
        XCTAssertEqual(tool.service.ledger, [])
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testPhotoWithoutFaceIsErrorOnlyIfFaceIsRequired() async throws {
        let tool = try await Tool()
        try (Tool.photoData + Data("no-face".utf8)).write(to: tool.directory.appendingPathComponent("wall.png"))
        let output = try await tool.run("faces", "wall.png")
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(output.out, "")
        XCTAssertTrue(output.err.hasSuffix("No face was found in the photo.\n"), output.err)
        let required = try await tool.run("faces", "wall.png", "--require", "--json")
        XCTAssertEqual(required.status, 2)
        XCTAssertTrue(
            required.out.hasSuffix(#""outputs":[],"refunded":false,"service":"magic-hour","status":"complete"}"# + "\n")
        )
        XCTAssertEqual(required.out.split(separator: "\n").count, 1)
        XCTAssertTrue(required.err.hasSuffix("error: No face was found in the photo.\n"), required.err)
        try await tool.close()
    }

    func testInterruptedFaceDetectionSaysThatNothingWasCharged() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["faces", "me.png"])
        try await running.wait(for: "Status: rendering")
        running.interrupt()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertTrue(output.err.hasSuffix("error: Interrupted. Nothing was charged.\n"), output.err)
        try await tool.close()
    }

    // MARK: Account

    func testAccountOfEachServiceIsPrintedAsOneLine() async throws {
        let tool = try await Tool { $0.startDate = Date(timeIntervalSince1970: 1_800_000_000) }
        let output = try await tool.run("account")
        XCTAssertEqual(
            output,
            Tool.Output(
                status: 0,
                out: """
                    magic-hour: 1000 credits, tier pro, subscription Pro (active, 49.00 usd a month, paid until 2027-02-14)
                    modelslab: 10.00 USD

                    """,
                err: ""
            )
        )
        let json = try await tool.run("account", "--json")
        let lines = json.out.split(separator: "\n")
        XCTAssertTrue(
            lines.first?.hasPrefix(#"{"credits":1000,"service":"magic-hour","subscription":{"#) ?? false,
            json.out
        )
        XCTAssertEqual(lines.last, #"{"balance":10,"currency":"USD","service":"modelslab"}"#)
        try await tool.close()
    }

    func testOnlyServicesWithKeyAreQueriedAndOneFailureHidesNoResult() async throws {
        var tool = try await Tool()
        tool.environment["MAGIC_HOUR_API_KEY"] = "mhk_live_wrong"
        let output = try await tool.run("account", "--json")
        XCTAssertEqual(output.status, 3)
        XCTAssertTrue(output.out.contains(#""service":"modelslab""#), output.out)
        XCTAssertTrue(output.out.hasPrefix(#"{"error":{"code":"unauthorized","#), output.out)
        XCTAssertTrue(output.err.hasPrefix("error: Magic Hour rejected the API key"), output.err)
        XCTAssertFalse((output.out + output.err).contains("mhk_live_wrong"))

        tool.environment["MAGIC_HOUR_API_KEY"] = " "
        let one = try await tool.run("account")
        XCTAssertEqual(one.status, 0)
        XCTAssertEqual(one.out, "modelslab: 10.00 USD\n")
        tool.environment["MODELSLAB_API_KEY"] = nil
        let none = try await tool.run("account")
        XCTAssertEqual(none.status, 3)
        XCTAssertEqual(none.err, "error: No API key is set. Set MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY.\n")
        try await tool.close()
    }
}
