import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// `--format json` prints one object for each event and one for the result.
final class EventLineTests: XCTestCase {
    private func lines(_ output: Tool.Output) throws -> [[String: Any]] {
        try output.out.split(separator: "\n").map {
            try XCTUnwrap(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func events(_ lines: [[String: Any]]) -> [String] {
        lines.compactMap { $0["event"] as? String }.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }

    private func assertNoSecrets(_ output: Tool.Output, _ tool: Tool) {
        for secret in [tool.service.configuration.magicHourKey, "http://", "https://", "signature"] {
            XCTAssertFalse(output.out.contains(secret), output.out)
        }
    }

    func testEventsOfJobEndWithResultAndContainNoSecrets() async throws {
        let tool = try await Tool()
        tool.service.inject(.badGateway, on: .getImageProject)
        let output = try await tool.run("create", "me.png", "--format", "json")
        XCTAssertEqual(output.status, 0, output.err)
        let lines = try lines(output)
        XCTAssertEqual(
            events(lines.filter { $0["event"] as? String != "status" }),
            ["uploading", "submitted", "retrying", "downloading", "saved", "result"]
        )
        let id = try tool.jobID
        for line in lines {
            XCTAssertEqual((line["time"] as? String)?.hasSuffix("Z"), true)
            XCTAssertEqual(line["id"] as? String, line["event"] as? String == "uploading" ? nil : id)
            XCTAssertTrue(line.keys.contains("id"))
        }
        let submitted = try XCTUnwrap(lines.first { $0["event"] as? String == "submitted" })
        XCTAssertEqual(submitted["service"] as? String, "magic-hour")
        XCTAssertEqual(submitted["operation"] as? String, "ai-headshot-generator")
        XCTAssertEqual(submitted["credits_charged"] as? Int, 50)
        let result = try XCTUnwrap(lines.last)
        XCTAssertEqual(result["status"] as? String, "complete")
        let outputs = try XCTUnwrap(result["outputs"] as? [[String: Any]])
        XCTAssertEqual(outputs.map { $0["path"] as? String }, [tool.path("headshot-\(id)-1.png")])
        XCTAssertEqual(outputs.map { $0.keys.sorted() }, [["path"]])
        assertNoSecrets(output, tool)
        try await tool.close()
    }

    func testFailureIsLastLine() async throws {
        let tool = try await Tool()
        tool.service.inject(.jobFails(code: "bad_photo", message: "The photo is dark."), on: .createHeadshot)
        let output = try await tool.run("create", "me.png", "--format", "json")
        XCTAssertEqual(output.status, 8, output.err)
        let result = try XCTUnwrap(try lines(output).last)
        XCTAssertEqual(result["event"] as? String, "result")
        XCTAssertEqual((result["error"] as? [String: Any])?["code"] as? String, "jobFailed")
        try await tool.close()
    }

    func testLinesOfBatchNameTheirPhotos() async throws {
        let tool = try await Tool()
        try FileManager.default.createDirectory(atPath: tool.path("team"), withIntermediateDirectories: true)
        for seed in 1...3 {
            try SampleMedia.portraitPNG(width: 64, height: 64, seed: UInt64(seed))
                .write(to: tool.directory.appendingPathComponent("team/\(seed).png"))
        }
        let output = try await tool.run("batch", "team", "--output", "made", "--format", "json")
        XCTAssertEqual(output.status, 0, output.err)
        let lines = try Dictionary(grouping: lines(output)) { $0["photo"] as? String ?? "" }
        XCTAssertEqual(lines.keys.sorted(), ["team/1.png", "team/2.png", "team/3.png"])
        for lines in lines.values {
            XCTAssertEqual(events(lines).first, "uploading")
            XCTAssertEqual(events(lines).last, "result")
        }
        assertNoSecrets(output, tool)
        try await tool.close()
    }

    func testResumedJobsPrintEvents() async throws {
        let tool = try await Tool()
        for _ in 1...2 { _ = try await tool.run("create", "me.png", "--no-wait") }
        let output = try await tool.run("resume", "--all", "--format", "json")
        XCTAssertEqual(output.status, 0, output.err)
        let lines = try Dictionary(grouping: lines(output)) { $0["id"] as? String ?? "" }
        XCTAssertEqual(Set(lines.keys), Set(tool.service.jobs.map(\.id)))
        for lines in lines.values {
            XCTAssertEqual(events(lines).first, "resumed")
            XCTAssertEqual(events(lines).last, "result")
        }
        assertNoSecrets(output, tool)
        try await tool.close()
    }

    func testUnusableCombinationsAreRejected() async throws {
        let tool = try await Tool()
        for (arguments, message) in [
            (["--json", "--format", "json"], "Use --json or --format json, not both."),
            (["--no-download", "--format", "json"], "--format json prints no URLs."),
            (["--format", "xml"], "xml"),
        ] {
            let output = try await tool.start(["create", "me.png"] + arguments).end()
            XCTAssertEqual(output.status, 2, output.err)
            XCTAssertTrue(output.err.contains(message), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }
}
