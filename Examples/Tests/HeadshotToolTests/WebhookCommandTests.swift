import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The `webhook verify` command.
final class WebhookCommandTests: XCTestCase {
    private let body = #"""
        {"type":"image.completed","payload":{"id":"cm1","name":"Me\u001b[2J","status":"complete","credits_charged":50,
        "downloads":[{"url":"https://o.example/1.png?signature=s","expires_at":"2030-01-01T00:00:00Z"}],"error":null}}
        """#
    // The signature of `body` at 1700000000 with the secret whsec_test, by `openssl dgst -sha256 -hmac`.
    private let signature = "653390593af4205554b2f2cdf5fe1d81fcc5700bbb22ed4342c7f938a30bfe8b"

    private func tool(secret: String? = "whsec_test") async throws -> Tool {
        var tool = try await Tool { $0.jobDuration = .seconds(600) }
        tool.environment["MAGIC_HOUR_API_KEY"] = nil
        tool.environment["MAGIC_HOUR_WEBHOOK_SECRET"] = secret
        try Data(body.utf8).write(to: tool.directory.appendingPathComponent("body"))
        return tool
    }

    private func verify(
        _ tool: Tool,
        _ file: String = "body",
        signature: String? = nil,
        now: String = "1700000299",
        options: String...
    ) async throws -> Tool.Output {
        let arguments = [
            "webhook", "verify", file, "--signature", signature ?? self.signature, "--timestamp", "1700000000", "--now",
            now,
        ]
        return try await tool.start(arguments + options, input: tool.path("body")).end()
    }

    /// Replaces the body in the tool's directory, and returns its signature.
    private func sign(_ body: Data, in tool: Tool) throws -> String? {
        try body.write(to: tool.directory.appendingPathComponent("body"))
        let date = Date(timeIntervalSince1970: 1_700_000_000)
        return WebhookSigner(secret: "whsec_test").headers(for: body, at: date)["magic-hour-event-signature"]
    }

    func testVerifiedEventIsPrinted() async throws {
        for secret in ["whsec_test", "whsec_new, whsec_test"] {
            let tool = try await tool(secret: secret)
            for file in ["body", "-"] {
                let output = try await verify(tool, file)
                XCTAssertEqual(output.status, 0, output.err)
                XCTAssertEqual(output.out, "image.completed  cm1  complete  Me [2J\n")
                XCTAssertEqual(output.err, "The event is not about a job in headshot jobs.\n")
            }
            XCTAssertFalse(FileManager.default.fileExists(atPath: tool.path("store")))
            try await tool.close()
        }
    }

    func testJSONContainsTheOutputs() async throws {
        let tool = try await tool()
        let output = try await verify(tool, options: "--json")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(
            output.out,
            #"{"id":"cm1","local_id":null,"name":"Me\u001b[2J","outputs":[{"url":"https://o.example/1.png?signature=s"}],"#
                + #""status":"complete","type":"image.completed"}"# + "\n"
        )
        try await tool.close()
    }

    func testJobOfTheEventIsNamed() async throws {
        var tool = try await tool()
        tool.environment["MAGIC_HOUR_API_KEY"] = "mhk_live_simulated"
        let created = try await tool.run("create", "me.png", "--no-wait")
        XCTAssertEqual(created.status, 0, created.err)
        let id = try tool.jobID
        let body = Data(#"{"type":"image.started","payload":{"id":"\#(id)","status":"rendering","downloads":[]}}"#.utf8)
        let output = try await verify(tool, signature: try sign(body, in: tool))
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(output.out, "image.started  \(id)  rendering\n")
        XCTAssertEqual(output.err, "The event is about a stored job. To continue: headshot resume \(id)\n")
        try await tool.close()
    }

    func testRequestThatIsNotVerifiedExitsWith3() async throws {
        let tool = try await tool()
        let forged = String(repeating: "0", count: 64)
        for (output, text) in [
            (try await verify(tool, signature: forged), "The signature of the webhook request does not match"),
            (
                try await verify(tool, signature: "zz"),
                "magic-hour-event-signature of the webhook request is not 64 hexadecimal"
            ),
            (try await verify(tool, now: "1700000301"), "was sent 301 s ago"),
            (try await verify(tool, now: "0"), "1700000000 s in the future"),
            (try await verify(tool, now: "9223372036854775807"), "s ago"),
            (try await verify(tool, "me.png"), "The signature of the webhook request does not match"),
        ] {
            XCTAssertEqual(output.status, 3, output.err)
            XCTAssertEqual(output.out, "")
            XCTAssertTrue(output.err.contains(text), output.err)
            XCTAssertFalse(output.err.contains("whsec"), output.err)
        }
        try await tool.close()
    }

    func testMissingSecretExitsWith3() async throws {
        for secret in [nil, "", " , "] {
            let tool = try await tool(secret: secret)
            let output = try await verify(tool)
            XCTAssertEqual(output.status, 3, output.err)
            XCTAssertTrue(output.err.contains("MAGIC_HOUR_WEBHOOK_SECRET is not set"), output.err)
            try await tool.close()
        }
    }

    func testUnreadableFilesAndBodies() async throws {
        let tool = try await tool()
        for file in ["missing", "store", ".", ""] {
            let output = try await verify(tool, file)
            XCTAssertEqual(output.status, 2, output.err)
            XCTAssertTrue(output.err.contains("cannot be read"), output.err)
        }
        // Only the start of an endless file is read.
        let endless = try await verify(tool, "/dev/zero")
        XCTAssertEqual(endless.status, 3, endless.err)
        XCTAssertTrue(endless.err.contains("1048577 bytes"), endless.err)
        let body = Data("[]".utf8)
        let output = try await verify(tool, signature: try sign(body, in: tool))
        XCTAssertEqual(output.status, 1, output.err)
        XCTAssertTrue(output.err.contains("its body cannot be read"), output.err)
        try await tool.close()
    }
}
