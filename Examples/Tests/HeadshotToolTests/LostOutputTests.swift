import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

@testable import headshot

/// Paid outputs that the tool could not print or did not store.
final class LostOutputTests: XCTestCase {
    /// Runs a shell command in which `$0` is the tool.
    private func shell(_ tool: Tool, _ line: String) async throws -> Tool.Output {
        try await tool.start(["-c", line, Tool.executable.path], executable: "/bin/sh").end()
    }

    func testUnprintablePathIsWrittenToStandardError() async throws {
        for json in ["", "--json"] {
            let tool = try await Tool { $0.jobDuration = .zero }
            let output = try await shell(tool, "exec \"$0\" create me.png \(json) > /dev/full")
            XCTAssertEqual(output.status, 1, output.err)
            let file = tool.path("headshot-\(try tool.jobID)-1.png")
            XCTAssertTrue(FileManager.default.fileExists(atPath: file))
            XCTAssertTrue(output.err.contains("Not written to standard output: "), output.err)
            XCTAssertEqual(output.err.components(separatedBy: file).count, 2, output.err)
            XCTAssertTrue(output.err.contains("error: Standard output cannot be written: No space left"), output.err)
            try await tool.close()
        }
    }

    func testEveryUnprintablePathIsReportedAndEveryJobIsDelivered() async throws {
        let tool = try await Tool { $0.jobDuration = .zero }
        for _ in 0..<3 { _ = try await tool.run("create", "me.png", "--no-wait") }
        let output = try await shell(tool, "exec \"$0\" resume --all > /dev/full")
        XCTAssertEqual(output.status, 1, output.err)
        for job in tool.service.jobs {
            let file = tool.path("headshot-\(job.id)-1.png")
            XCTAssertTrue(output.err.contains("Not written to standard output: \(file)\n"), output.err)
        }
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testUnprintableIDIsReportedAndJobIsStored() async throws {
        let tool = try await Tool()
        let output = try await shell(tool, "exec \"$0\" create me.png --no-wait > /dev/full")
        XCTAssertEqual(output.status, 1, output.err)
        XCTAssertTrue(output.err.contains("Not written to standard output: \(try tool.jobID)\n"), output.err)
        XCTAssertEqual(try tool.storedRecords.count, 1)
        try await tool.close()
    }

    func testFileNameThatIsNotUTF8IsRejected() async throws {
        let tool = try await Tool()
        for name in [#"caf\351.png"#, #"\377"#, #"a\300\200.png"#, #"\355\240\200.png"#] {
            for command in ["create", "faces", "talk me.png", "create me.png -o"] {
                let line = "n=$(printf '\(name)'); cp me.png \"$n\"; exec \"$0\" \(command) \"$n\""
                let output = try await shell(tool, line)
                XCTAssertEqual(output.status, 2, output.err)
                XCTAssertTrue(output.err.contains("is not UTF-8, so this name cannot be read"), output.err)
            }
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    func testUnicodeFileNameIsOpened() async throws {
        let tool = try await Tool { $0.jobDuration = .zero }
        for name in ["日本.png", "e\u{301}.png", "👩🏽.png", "\u{FFFD}.png"] {
            try Tool.photoData.write(to: tool.directory.appendingPathComponent(name))
            let output = try await tool.run("create", name, "-o", "out")
            XCTAssertEqual(output.status, 0, output.err)
        }
        try await tool.close()
    }

    func testJobWithoutRecordIsResumedByID() async throws {
        let rows: [(create: [String], resume: [String])] = [
            (["create", "me.png"], ["--service", "magic-hour"]),
            (["create", "me.png"], ["--service", "magic-hour", "--kind", "headshot"]),
            (["image", "A man", "--count", "1"], ["--service", "magic-hour", "--kind", "image"]),
            (["create", "me.png", "--service", "modelslab"], ["--service", "modelslab"]),
            (["create", "me.png", "--service", "modelslab-flux"], ["--service", "modelslab-flux"]),
        ]
        for (create, resume) in rows {
            let tool = try await Tool { $0.jobDuration = .zero }
            let created = try await tool.start(create + ["--no-wait", "--no-store"]).end()
            XCTAssertEqual(created.status, 0, created.err)
            XCTAssertEqual(try tool.storedRecords, [])
            let output = try await tool.start(["resume", try tool.jobID] + resume + ["-o", "out"]).end()
            XCTAssertEqual(output.status, 0, output.err)
            XCTAssertTrue(output.out.hasPrefix(tool.path("out/")), output.out)
            XCTAssertTrue(output.out.contains(try tool.jobID), output.out)
            XCTAssertEqual(tool.service.jobs.count, 1)
            try await tool.close()
        }
    }

    func testJobIsResumedByIDWhenStoreCannotBeOpened() async throws {
        var tool = try await Tool { $0.jobDuration = .zero }
        _ = try await tool.run("create", "me.png", "--no-wait", "--no-store")
        tool.environment["HEADSHOT_STORE"] = "/dev/null/store"
        let output = try await tool.run("resume", try tool.jobID, "--service", "magic-hour")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertTrue(output.err.contains("warning: "), output.err)
        try await tool.close()
    }

    func testJobWithRecordIsResumedFromRecordWhenServiceIsGiven() async throws {
        let tool = try await Tool { $0.jobDuration = .zero }
        _ = try await tool.run("create", "me.png", "--no-wait", "--output", "out")
        let output = try await tool.run("resume", try tool.jobID, "--service", "magic-hour")
        XCTAssertEqual(output.out, tool.path("out/headshot-\(try tool.jobID)-1.png") + "\n", output.err)
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testAdviceForJobWithoutRecordNamesService() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let output = try await tool.run("create", "me.png", "--no-store", "--deadline", "1")
        XCTAssertEqual(output.status, 7, output.err)
        let advice = "To continue: headshot resume \(try tool.jobID) --service magic-hour\n"
        XCTAssertTrue(output.err.hasSuffix(advice), output.err)
        try await tool.close()
    }

    func testIncompleteResumeOptionsAreRejected() async throws {
        let tool = try await Tool()
        let rows = [
            ["resume", "--service", "magic-hour"], ["resume", "abcd", "--kind", "image"],
            ["resume", "abcd", "--service", "modelslab", "--kind", "talk"],
        ]
        for arguments in rows {
            let output = try await tool.start(arguments).end()
            XCTAssertEqual(output.status, 2, output.err)
        }
        try await tool.close()
    }
}
