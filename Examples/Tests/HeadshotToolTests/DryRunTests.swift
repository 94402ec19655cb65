import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// `--dry-run` prints the price, needs no key, sends nothing, and stores nothing.
final class DryRunTests: XCTestCase {
    private func withoutKeys() async throws -> Tool {
        var tool = try await Tool()
        for name in ["MAGIC_HOUR_API_KEY", "MODELSLAB_API_KEY"] { tool.environment[name] = nil }
        return tool
    }

    func testEveryCommandThatSpendsPrintsItsPrice() async throws {
        let tool = try await withoutKeys()
        try SampleMedia.speechWAV(seconds: 3).write(to: tool.directory.appendingPathComponent("hello.wav"))
        try Data(#"{"assets": {"image_file_path": "@me.png"}}"#.utf8)
            .write(to: tool.directory.appendingPathComponent("body.json"))
        let cases: [([String], String)] = [
            (["create", "me.png"], "50 credits"),
            (["create", "me.png", "--service", "modelslab"], "an amount that is not known in advance"),
            (["create", "me.png", "--service", "modelslab-flux"], "an amount that is not known in advance"),
            (["image", "a red door", "--count", "2"], "at least 10 credits"),
            (["talk", "me.png", "hello.wav"], "at least "),
            (["run", "photo-colorizer", "--body", "body.json"], "an amount that is not known in advance"),
            (["batch", "me.png", "--output", "made"], "1 to make for 50 credits"),
        ]
        for (arguments, price) in cases {
            let output = try await tool.start(arguments + ["--dry-run"]).end()
            XCTAssertEqual(output.status, 0, output.err)
            XCTAssertEqual(output.out, "")
            XCTAssertTrue(output.err.contains(price), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testPriceIsObjectWithJSON() async throws {
        let tool = try await withoutKeys()
        let headshot = try await tool.run("create", "me.png", "--dry-run", "--json")
        XCTAssertEqual(
            headshot.out,
            #"{"credits":50,"dry_run":true,"is_minimum":false,"service":"magic-hour"}"# + "\n"
        )
        let unknown = try await tool.run("create", "me.png", "--service", "modelslab", "--dry-run", "--format", "json")
        XCTAssertEqual(
            unknown.out,
            #"{"credits":null,"dry_run":true,"is_minimum":false,"service":"modelslab"}"# + "\n"
        )
        let batch = try await tool.run("batch", "me.png", "--output", "made", "--dry-run", "--json")
        XCTAssertEqual(batch.out, headshot.out)
        try await tool.close()
    }

    func testWhatIsKnownToBeWrongIsReported() async throws {
        let tool = try await withoutKeys()
        try Data("no photo".utf8).write(to: tool.directory.appendingPathComponent("text.png"))
        let cases: [([String], Int32, String)] = [
            (["create", "text.png"], 2, "text.png"),
            (["create", "missing.png"], 2, "missing.png"),
            (["create", "me.png", "--prompt", " "], 2, "the prompt is blank"),
            (["create", "me.png", "--max-credits", "49"], 6, "it costs 50 credits, and --max-credits is 49."),
            (["batch", "me.png", "--output", "made", "--max-credits", "49"], 6, "it costs 50 credits"),
        ]
        for (arguments, status, message) in cases {
            let output = try await tool.start(arguments + ["--dry-run"]).end()
            XCTAssertEqual(output.status, status, output.err)
            XCTAssertTrue(output.err.contains(message), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }
}
