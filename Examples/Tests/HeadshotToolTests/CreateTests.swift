import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class CreateTests: XCTestCase {
    func testMagicHourHeadshotIsSavedAndOnlyItsPathIsPrinted() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--name", "Me", "--prompt", "navy suit")
        let id = try tool.jobID
        XCTAssertEqual(output.out, tool.path("headshot-\(id)-1.png") + "\n")
        XCTAssertEqual(
            output.err,
            """
            Uploading: 100 % of 12 kB
            Created job \(id) (magic-hour, 50 credits)
            Downloading: 100 % of 197 kB

            """
        )
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(try tool.newFiles, ["headshot-\(id)-1.png"])
        XCTAssertEqual(tool.service.jobs.first?.name, "Me")
        XCTAssertEqual(tool.service.jobs.first?.prompt, "navy suit")
        XCTAssertEqual(tool.service.ledger.map(\.amount), [50])
        try await tool.close()
    }

    func testModelsLabHeadshotUsesDefaultPrompt() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--service", "modelslab", "--output", "out")
        let id = try tool.jobID
        XCTAssertEqual(output.out, tool.path("out/headshot-\(id)-1.png") + "\n")
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(
            tool.service.jobs.first?.prompt,
            "professional headshot, business attire, soft studio light, plain background"
        )
        try await tool.close()
    }

    func testPhotoIsReadFromStandardInputAndTemporaryFileIsRemoved() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "-", input: tool.path("me.png"))
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(tool.service.uploads.map(\.contents), [Tool.photoData])
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: tool.path("tmp")), [])
        try await tool.close()
    }

    func testStandardInputDeviceIsReadIfItIsAFile() async throws {
        let tool = try await Tool { $0.jobDuration = .zero }
        func shell(_ line: String) async throws -> Tool.Output {
            try await tool.start(["-c", line, Tool.executable.path], executable: "/bin/sh").end()
        }
        let file = try await shell(#"exec "$0" create /dev/stdin < me.png"#)
        XCTAssertEqual(file.status, 0, file.err)
        XCTAssertEqual(tool.service.uploads.map(\.contents), [Tool.photoData])
        let pipe = try await shell(#"cat me.png | "$0" create /dev/stdin"#)
        XCTAssertEqual(pipe.status, 2, pipe.err)
        XCTAssertTrue(pipe.err.contains("is not a regular file"), pipe.err)
        XCTAssertEqual(tool.service.jobs.count, 1)
        try await tool.close()
    }

    func testURLIsSentWithoutUpload() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "https://example.com/me.png", "--no-wait")
        XCTAssertEqual(output.out, try tool.jobID + "\n")
        XCTAssertEqual(tool.service.jobs.first?.media, ["https://example.com/me.png"])
        XCTAssertEqual(tool.service.uploads, [])
        try await tool.close()
    }

    func testNoWaitPrintsIDWhileJobIsRunning() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let output = try await tool.run("create", "me.png", "--no-wait")
        XCTAssertEqual(output.out, try tool.jobID + "\n")
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(try tool.newFiles, [])
        try await tool.close()
    }

    func testNoWaitPrintsIDWhenFirstPollFails() async throws {
        let tool = try await Tool()
        tool.service.inject(.status(401), on: .getImageProject)
        let output = try await tool.run("create", "me.png", "--no-wait")
        XCTAssertEqual(output.out, try tool.jobID + "\n")
        XCTAssertEqual(output.status, 3)
        XCTAssertTrue(output.err.contains("headshot resume \(try tool.jobID)\n"), output.err)
        try await tool.close()
    }

    func testNoDownloadPrintsURLs() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--no-download")
        let urls = output.out.split(separator: "\n")
        XCTAssertEqual(urls.count, 1, output.out)
        XCTAssertTrue(urls.allSatisfy { $0.hasPrefix("http://127.0.0.1:") && $0.contains("/outputs/") }, output.out)
        XCTAssertFalse(output.err.contains("/outputs/"), "A log must not contain secret URLs.")
        XCTAssertEqual(try tool.newFiles, [])
        try await tool.close()
    }

    func testNeitherKeysNorURLsArePrinted() async throws {
        let tool = try await Tool()
        tool.service.inject(.badGateway, on: .download)
        tool.service.inject(.broken(afterBytes: 1_000), on: .download)
        for service in ["magic-hour", "modelslab"] {
            let output = try await tool.run("create", "me.png", "--service", service)
            XCTAssertEqual(output.status, 0)
            for secret in ["mhk_live", "modelslab-simulated", "/outputs/", "/upload/", "signature", "http"] {
                XCTAssertFalse((output.out + output.err).contains(secret), secret)
            }
        }
        try await tool.close()
    }

    func testClosedPipeIsNotError() async throws {
        let tool = try await Tool()
        let pipe = Pipe()
        try pipe.fileHandleForReading.close()
        let output = try await tool.start(["create", "me.png"], output: pipe.fileHandleForWriting).end()
        XCTAssertEqual(output.status, 0)
        XCTAssertFalse(output.err.contains("error"))
        XCTAssertEqual(try tool.newFiles, ["headshot-\(try tool.jobID)-1.png"])
        try await tool.close()
    }

    func testBlankPromptIsRejectedBeforeRequest() async throws {
        let tool = try await Tool()
        for prompt in ["", " "] {
            for service in ["magic-hour", "modelslab", "modelslab-flux"] {
                let output = try await tool.run("create", "me.png", "--prompt", prompt, "--service", service)
                XCTAssertEqual(output.status, 2, output.err)
                XCTAssertTrue(output.err.contains("the prompt is \(prompt.isEmpty ? "empty" : "blank")"), output.err)
            }
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    func testClosedStandardOutputIsNotError() async throws {
        let tool = try await Tool()
        let shell = "\"$0\" create me.png >&-"
        let output = try await tool.start(["-c", shell, Tool.executable.path], executable: "/bin/sh").end()
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(try tool.newFiles, ["headshot-\(try tool.jobID)-1.png"])
        try await tool.close()
    }
}
