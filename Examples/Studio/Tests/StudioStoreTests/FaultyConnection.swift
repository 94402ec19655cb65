#if Postgres
import Foundation
import XCTest

/// A proxy in front of the PostgreSQL server, which loses what a test says. `scripts/tcp-proxy` describes the commands.
final class FaultyConnection {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())
    /// The URL of the database behind the proxy.
    private(set) var url = ""

    init(to url: String) throws {
        let components = try XCTUnwrap(URLComponents(string: url))
        let port = try XCTUnwrap(components.port)
        process.executableURL =
            URL(fileURLWithPath: #filePath)
            .appendingPathComponent("../../../scripts/tcp-proxy").standardizedFileURL
        process.arguments = ["\(port)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.url = url.replacing(":\(port)/", with: ":\(line())/")
    }

    deinit {
        // The id of a process that did not start is 0, which stands for all processes of the group.
        guard process.isRunning else { return }
        // A child process may inherit a mask that blocks SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Sends a command, and waits until it has taken effect.
    func run(_ command: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data((command + "\n").utf8))
        XCTAssertEqual(line(), command.split(separator: " ").first.map { String($0) })
    }

    private func line() -> String { readLine(from: output.fileHandleForReading) }
}
#endif
