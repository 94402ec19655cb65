import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

@testable import headshot

final class DemoAndSimulateTests: XCTestCase {
    func testDemoPrintsPathsOfThreeImages() async throws {
        var tool = try await Tool()
        // The demo must work without a setup and must not use a real account.
        tool.environment = [
            "PATH": "/usr/bin:/bin", "http_proxy": "http://127.0.0.1:1",
            "MAGIC_HOUR_BASE_URL": tool.server.magicHourURL.absoluteString, "MAGIC_HOUR_API_KEY": "mhk_live_real",
        ]
        let output = try await tool.run("demo", "--output", "shown")
        XCTAssertEqual(output.status, 0, output.err)
        let paths = output.out.split(separator: "\n").map(String.init)
        XCTAssertEqual(paths.count, 3)
        for path in paths {
            XCTAssertTrue(path.hasPrefix(tool.path("shown/")), path)
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            XCTAssertEqual(data.prefix(4), Data([0x89, 0x50, 0x4e, 0x47]))
            XCTAssertEqual(data.suffix(8).prefix(4), Data("IEND".utf8))
        }
        XCTAssertTrue(output.err.contains("Magic Hour creates a headshot:"), output.err)
        XCTAssertTrue(output.err.contains("ModelsLab creates a headshot:"), output.err)
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    func testSimulatorPrintsEnvironmentForCreate() async throws {
        let tool = try await Tool()
        let simulator = try tool.start(["simulate", "--port", "0", "--job-seconds", "0.1"])
        try await simulator.wait(for: "HEADSHOT_JOB_TIME", inResults: true)

        var client = try await Tool()
        let lines = try String(contentsOfFile: tool.path("stdout"), encoding: .utf8).split(separator: "\n")
        client.environment = ["PATH": "/usr/bin:/bin", "HEADSHOT_STORE": client.path("store")]
        for line in lines where line.hasPrefix("export ") {
            let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1).map(String.init)
            client.environment[parts[0]] = parts[1]
        }
        XCTAssertEqual(client.environment.count, 7)
        XCTAssertEqual(client.environment["HEADSHOT_JOB_TIME"], "0.6s")
        for service in ["magic-hour", "modelslab"] {
            let output = try await client.run("create", "me.png", "--service", service)
            XCTAssertEqual(output.status, 0, output.err)
        }
        simulator.interrupt()
        let end = try await simulator.end()
        XCTAssertEqual(end.status, 0, end.err)
        try await client.close()
        try await tool.close()
    }

    func testSimulatorSendsWebhooks() async throws {
        let tool = try await Tool()
        // Another simulator counts the webhook requests, which it rejects.
        let handler = tool.server.magicHourURL.absoluteString + "/v1/ai-headshot-generator"
        let simulator = try tool.start(["simulate", "--port", "0", "--job-seconds", "0.1", "--webhook", handler])
        try await simulator.wait(for: "export MAGIC_HOUR_WEBHOOK_SECRET=whsec_simulated", inResults: true)
        var client = try await Tool()
        let lines = try String(contentsOfFile: tool.path("stdout"), encoding: .utf8).split(separator: "\n")
        for line in lines where line.hasPrefix("export MAGIC_HOUR_") {
            let parts = line.dropFirst("export ".count).split(separator: "=", maxSplits: 1).map(String.init)
            client.environment[parts[0]] = parts[1]
        }
        let created = try await client.run("create", "me.png")
        XCTAssertEqual(created.status, 0, created.err)
        try await simulator.wait { tool.service.requestCounts[.createHeadshot] ?? 0 > 0 }
        try await client.close()
        simulator.interrupt()
        let end = try await simulator.end()
        XCTAssertEqual(end.status, 0, end.err)
        for url in ["ftp://example.com", "example.com", "https://", ""] {
            let output = try await tool.run("simulate", "--webhook", url)
            XCTAssertEqual(output.status, 2, output.err)
            XCTAssertTrue(output.err.contains("is not an http or https URL"), output.err)
        }
        try await tool.close()
    }

    func testPortInUseIsReported() async throws {
        let tool = try await Tool()
        let port = try XCTUnwrap(tool.server.baseURL.port)
        let output = try await tool.run("simulate", "--port", "\(port)")
        XCTAssertEqual(output.status, 1)
        XCTAssertEqual(output.out, "")
        XCTAssertTrue(output.err.hasPrefix("error: Port \(port) is in use"), output.err)
        try await tool.close()
    }

    func testVersionIsThatOfLibrary() async throws {
        let tool = try await Tool()
        let output = try await tool.run("--version")
        XCTAssertEqual(output, Tool.Output(status: 0, out: HeadshotKitVersion.current + "\n", err: ""))
        try await tool.close()
    }

    func testHelpTopicsContainExitCodesAndEvents() async throws {
        let tool = try await Tool()
        let texts = [
            "exit-codes": ["\n  130  interrupted\n", "\n  9    a job may have been created and charged"],
            "output": ["\n  submitted        ", "\n  result           "],
            "store": ["HEADSHOT_STORE"],
        ]
        for (topic, parts) in texts {
            let output = try await tool.run("help", topic)
            XCTAssertEqual(output.status, 0)
            XCTAssertEqual(output.err, "")
            for part in parts { XCTAssertTrue(output.out.contains(part), output.out) }
        }
        try await tool.close()
    }

    func testHelpOfEveryCommandHasExamplesAndNamesTopics() async throws {
        let tool = try await Tool()
        for command in ["create", "batch", "image", "talk", "faces", "run", "resume"] {
            let output = try await tool.run(command, "--help")
            XCTAssertEqual(output.status, 0)
            XCTAssertTrue(output.out.contains("EXAMPLE"), output.out)
            XCTAssertTrue(output.out.contains("\n  headshot \(command) "), output.out)
            XCTAssertTrue(output.out.contains("headshot help exit-codes"), output.out)
            XCTAssertFalse(output.out.contains("  130  interrupted"), output.out)
        }
        let root = try await tool.run("--help")
        XCTAssertFalse(root.out.contains("exit-codes  "), root.out)
        try await tool.close()
    }

    func testUnknownCommandIsNamedWithSuggestion() async throws {
        let tool = try await Tool()
        let typo = try await tool.run("craete", "me.png")
        XCTAssertEqual(
            typo,
            Tool.Output(status: 2, out: "", err: "error: There is no command “craete”. Did you mean create?\n")
        )
        let help = try await tool.run("help", "batc")
        XCTAssertEqual(help.err, "error: There is no command “batc”. Did you mean batch?\n")
        let other = try await tool.run("portrait")
        XCTAssertEqual(other.status, 2)
        XCTAssertTrue(other.err.hasSuffix("“portrait”. To list the commands, run: headshot --help\n"), other.err)
        let seconds = try await tool.run("simulate", "--job-seconds", "-1")
        XCTAssertEqual(seconds.status, 2)
        XCTAssertTrue(seconds.err.contains("--job-seconds is -1.0; allowed: 0 to 86400."), seconds.err)
        try await tool.close()
    }

    func testAdviceNamesToolAsTyped() throws {
        XCTAssertEqual(Program.name(of: "headshot", path: "/usr/bin"), "headshot")
        let file = Tool.executable.path
        let directory = Tool.executable.deletingLastPathComponent().path
        XCTAssertEqual(Program.name(of: file, path: "/usr/bin:\(directory)"), "headshot")
        XCTAssertEqual(Program.name(of: file, path: "/usr/bin"), file)
        XCTAssertEqual(Program.name(of: "./my tools/headshot", path: ""), "'./my tools/headshot'")
        XCTAssertEqual(Program.name(of: "./o'neil/headshot", path: ""), "'./o'\\''neil/headshot'")
    }

    func testInvalidJobTimeIsNamed() async throws {
        var tool = try await Tool()
        tool.environment["HEADSHOT_JOB_TIME"] = "soon"
        let output = try await tool.run("create", "me.png")
        XCTAssertEqual(output.status, 2)
        XCTAssertTrue(output.err.hasPrefix("error: HEADSHOT_JOB_TIME: “soon” is not a duration."), output.err)
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }
}
