import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The `run` command.
final class RunCommandTests: XCTestCase {
    private func run(_ tool: Tool, _ body: String, _ arguments: String...) async throws -> Tool.Output {
        try Data(body.utf8).write(to: tool.directory.appendingPathComponent("body.json"))
        return try await tool.start(["run"] + arguments + ["--body", "body.json"], input: tool.path("body.json")).end()
    }

    func testLocalFilesOfTheBodyAreUploaded() async throws {
        let tool = try await Tool()
        try Tool.photoData.write(to: tool.directory.appendingPathComponent("my face #1%.png"))
        let body =
            #"{"name":"@@me","assets":{"image_file_paths":["@me.png","@my face #1%.png","https://example.com/a.png"]},"#
        let output = try await run(tool, body + #""style":{"prompt":"wear a hat"}}"#, "ai-image-editor")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(output.out, tool.path("ai-image-editor-\(try tool.jobID)-1.png") + "\n")
        XCTAssertEqual(tool.service.uploads.map(\.byteCount), [Tool.photoData.count, Tool.photoData.count])
        let job = try XCTUnwrap(tool.service.jobs.first)
        XCTAssertEqual(job.name, "@me")
        XCTAssertEqual(Set(job.media), Set(tool.service.uploads.map(\.filePath)))
        XCTAssertEqual(tool.service.ledger.map(\.amount), [5])
        try await tool.close()
    }

    func testBodyComesFromStandardInputAndOutputMayBeARecording() async throws {
        let tool = try await Tool()
        try Data(#"{"style":{"prompt":"Hello","voice_name":"21 Savage"}}"#.utf8)
            .write(to: tool.directory.appendingPathComponent("body.json"))
        let output = try await tool.start(
            ["run", "ai-voice-generator", "--kind", "audio", "--body", "-"],
            input: tool.path("body.json")
        ).end()
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(output.out, tool.path("ai-voice-generator-\(try tool.jobID)-1.wav") + "\n")
        try await tool.close()
    }

    func testInterruptedJobIsResumedByItsRecord() async throws {
        let tool = try await Tool()
        let created = try await run(
            tool,
            #"{"end_seconds":5,"style":{"prompt":"x"}}"#,
            "text-to-video",
            "--kind",
            "video",
            "--no-wait"
        )
        XCTAssertEqual(created.status, 0, created.err)
        let resumed = try await tool.run("resume")
        XCTAssertEqual(resumed.status, 0, resumed.err)
        XCTAssertEqual(resumed.out, tool.path("text-to-video-\(try tool.jobID)-1.mp4") + "\n")
        XCTAssertEqual(tool.service.ledger.map(\.kind), [.charge])
        try await tool.close()
    }

    func testOperationsOfModelsLabAreRun() async throws {
        let tool = try await Tool()
        let edit = try await run(
            tool,
            #"{"prompt":"wear a hat","init_image":["@me.png","https://example.com/a.png"]}"#,
            "qwen_edit",
            "--service",
            "modelslab"
        )
        XCTAssertEqual(edit.status, 0, edit.err)
        XCTAssertEqual(edit.out, tool.path("qwen_edit-\(try tool.jobID)-1.png") + "\n")
        let swap = try await run(
            tool,
            #"{"init_image":"@me.png","target_image":"https://example.com/a.png"}"#,
            "faceswap/multiple_face_swap",
            "--service",
            "modelslab",
            "--no-wait"
        )
        XCTAssertEqual(swap.status, 0, swap.err)
        let resumed = try await tool.run("resume")
        XCTAssertEqual(resumed.status, 0, resumed.err)
        let id = try XCTUnwrap(tool.service.jobs.last?.id)
        XCTAssertEqual(resumed.out, tool.path("multiple_face_swap-\(id)-1.png") + "\n")
        XCTAssertEqual(tool.service.requestCounts[.uploadModelsLabImage], 2)
        XCTAssertEqual(tool.service.ledger.map(\.kind), [.charge, .charge])
        try await tool.close()
    }

    func testMistakesWithServicesCostNothing() async throws {
        let tool = try await Tool()
        for (arguments, text) in [
            (["faceswap/multiple_face_swap"], "is not an operation of magic-hour"),
            (["a/b/c", "--service", "modelslab"], "is not an operation of modelslab"),
            (["/b", "--service", "modelslab"], "is not an operation of modelslab"),
            (["../b", "--service", "modelslab"], "is not an operation of modelslab"),
            (["qwen_edit", "--service", "modelslab", "--kind", "video"], "--kind is only for --service magic-hour"),
            (["flux_headshot", "--service", "modelslab-flux"], "Write --service modelslab, and run flux_headshot"),
        ] {
            let output = try await tool.start(["run"] + arguments + ["--body", "me.png"], input: tool.path("me.png"))
                .end()
            XCTAssertEqual(output.status, 2, output.err)
            XCTAssertTrue(output.err.contains(text), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    func testMistakesCostNothing() async throws {
        let tool = try await Tool()
        let photo = #"{"assets":{"image_file_path":"@me.png"}}"#
        for (body, operation, text) in [
            (#"{"assets":{"image_file_path":"@none.png"}}"#, "photo-colorizer", "none.png"),
            ("{", "photo-colorizer", "body.json is not JSON"),
            (String(repeating: "[", count: 100_000), "photo-colorizer", "body.json is not JSON"),
            (#"{"a":["@me.png","me.png"]}"#, "photo-colorizer", "contains local files and other text"),
            (#"{"a":["@me.png","@me.mp3"]}"#, "photo-colorizer", "a contains files of different kinds"),
            (#"{"a.b":"@me.png"}"#, "photo-colorizer", "cannot contain a local file"),
            (#""@me.png""#, "photo-colorizer", "The request body must be an object"),
            (photo, "../account", "is not an operation"),
            (photo, "", "is not an operation"),
        ] {
            let output = try await run(tool, body, operation)
            XCTAssertNotEqual(output.status, 0, body)
            XCTAssertTrue(output.err.contains(text), "\(body): \(output.err)")
            XCTAssertEqual(output.out, "", body)
        }
        let unknown = try await run(tool, photo, "ai-teleporter")
        XCTAssertEqual(unknown.status, 5, unknown.err)
        XCTAssertTrue(unknown.err.contains("Check the operation's name"), unknown.err)
        XCTAssertFalse(unknown.err.contains("base URL"), unknown.err)
        let missing = try await tool.run("run", "photo-colorizer", "--body", "none.json")
        XCTAssertEqual(missing.status, 2, missing.err)
        let endless = try await tool.run("run", "photo-colorizer", "--body", "/dev/zero")
        XCTAssertEqual(endless.status, 2, endless.err)
        XCTAssertTrue(endless.err.contains("larger than 1 MiB"), endless.err)
        XCTAssertEqual(tool.service.ledger, [])
        try await tool.close()
    }
}
