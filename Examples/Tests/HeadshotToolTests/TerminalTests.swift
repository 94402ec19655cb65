import Foundation
import HeadshotKitTesting
import XCTest

/// The output on a terminal.
final class TerminalTests: XCTestCase {
    private let erase = "\r\u{1B}[K"

    /// Runs `create me.png` with standard error on a terminal, and returns the output of the terminal.
    private func show(_ variables: [String: String], columns: UInt16 = 80) async throws -> (text: String, id: String) {
        var tool = try await Tool { $0.jobDuration = .milliseconds(500) }
        tool.environment.merge(variables) { $1 }
        let terminal = try PseudoTerminal(columns: columns)
        let output = try await tool.start(["create", "me.png"], errors: terminal.secondary).end()
        let id = try tool.jobID
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(output.out, tool.path("headshot-\(id)-1.png") + "\n")
        try await tool.close()
        return (try terminal.readOutput(), id)
    }

    func testProgressLineIsRedrawnAndRemovedAtEnd() async throws {
        let (text, id) = try await show(["TERM": "xterm"])
        XCTAssertTrue(text.contains(erase + "\u{1B}[1mCreated\u{1B}[0m \u{1B}[32m[####-----"), text)
        XCTAssertTrue(text.hasSuffix(erase), text)
        // Only the line with the job's ID remains.
        let lines = text.components(separatedBy: "\r\n").map { $0.components(separatedBy: erase).last ?? "" }
        XCTAssertEqual(lines, ["Created job \(id) (magic-hour, 50 credits)", ""])
    }

    func testColorsCanBeDisabled() async throws {
        let (text, _) = try await show(["TERM": "xterm", "NO_COLOR": "1"])
        XCTAssertTrue(text.contains(erase + "Created [####-----"), text)
        XCTAssertFalse(text.contains("\u{1B}[1m"), text)
    }

    func testProgressFitsNarrowTerminal() async throws {
        let (text, _) = try await show(["TERM": "xterm", "NO_COLOR": "1"], columns: 16)
        XCTAssertTrue(text.contains(erase + "Created 0 s"), text)
        XCTAssertFalse(text.replacingOccurrences(of: erase, with: "").contains("["), text)
    }

    func testLineAboutBatchFitsNarrowTerminal() async throws {
        var tool = try await Tool { $0.jobDuration = .milliseconds(500) }
        tool.environment.merge(["TERM": "xterm", "NO_COLOR": "1"]) { $1 }
        try tool.addPhotos(["ada.png"])
        for (columns, line) in [(40, "\nAll: 0 of 1 made"), (14, "\n0 of 1 made"), (10, "\n0 of 1 m…")] {
            let terminal = try PseudoTerminal(columns: UInt16(columns))
            // Another prompt is another order.
            let output = try await tool.start(["batch", "team", "--prompt", "\(columns)"], errors: terminal.secondary)
                .end()
            XCTAssertEqual(output.status, 0)
            XCTAssertTrue(try terminal.readOutput().contains(line), line)
        }
        try await tool.close()
    }

    func testDumbTerminalGetsSeparateLines() async throws {
        let (text, id) = try await show(["TERM": "dumb"])
        XCTAssertFalse(text.contains("\u{1B}"), text)
        XCTAssertTrue(text.contains("Created job \(id) (magic-hour, 50 credits)\r\n"), text)
        XCTAssertTrue(text.contains("\r\nDownloading: "), text)
    }

    func testTableOfJobsFitsTerminal() async throws {
        var tool = try await Tool { $0.jobDuration = .seconds(600) }
        tool.environment["TERM"] = "xterm"
        _ = try await tool.run("create", "me.png", "--no-wait", "--output", "headshots-of-the-whole-team")
        let id = try tool.jobID
        for columns in [60, 90, 400] as [UInt16] {
            let terminal = try PseudoTerminal(columns: columns)
            let output = try await tool.start(["jobs"], output: terminal.secondary).end()
            XCTAssertEqual(output.status, 0, output.err)
            let line = try terminal.readOutput().replacingOccurrences(of: "\r\n", with: "")
            XCTAssertTrue(line.contains("  ai-headshot-generator  \(id)  "), line)
            switch columns {
            case 60: XCTAssertFalse(line.contains("team"), line)
            case 90:
                XCTAssertLessThan(line.count, 90, line)
                XCTAssertTrue(line.contains("…") && line.hasSuffix("team"), line)
            default: XCTAssertTrue(line.hasSuffix("  " + tool.path("headshots-of-the-whole-team")), line)
            }
        }
        try await tool.close()
    }
}
