import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

@testable import headshot

/// All exit codes except 0, which the tests of the commands cover.
final class ExitStatusTests: XCTestCase {
    /// Runs `create me.png` and expects only one error.
    private func expect(
        _ status: Int32,
        _ text: String,
        _ arguments: String...,
        line: UInt = #line,
        configure: (inout SimulatedService.Configuration) -> Void = { _ in },
        change: (inout Tool) -> Void = { _ in }
    ) async throws {
        var tool = try await Tool(configure)
        change(&tool)
        let output = try await tool.start(["create", "me.png"] + arguments).end()
        XCTAssertEqual(output.status, status, line: line)
        XCTAssertEqual(output.out, "", line: line)
        XCTAssertTrue(output.err.contains("error: "), output.err, line: line)
        XCTAssertTrue(output.err.contains(text), output.err, line: line)
        XCTAssertFalse(output.err.contains("HeadshotKitError("), output.err, line: line)
        for secret in ["mhk_live", "signature"] { XCTAssertFalse(output.err.contains(secret), line: line) }
        try await tool.close()
    }

    func testUnusableOutputDirectoryExitsWith1() async throws {
        try await expect(1, "Nothing can be saved in", "--output", "me.png/out")
    }

    func testInvalidUsageExitsWith2() async throws {
        try await expect(2, "error: Unknown option '--frame'", "--frame")
        try await expect(2, "Write 90s, 30m, 2h, or seconds", "--deadline", "soon")
        try await expect(2, "'magic-hour', 'modelslab' or 'modelslab-flux'", "--service", "elsewhere")
        try await expect(
            2,
            "modelslab does not support --name (only with --service magic-hour).",
            "--service",
            "modelslab",
            "--name",
            "Me"
        )
    }

    func testMissingArgumentExitsWith2() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create")
        XCTAssertEqual(output.status, 2)
        XCTAssertEqual(output.out, "")
        XCTAssertTrue(output.err.hasPrefix("error: Missing expected argument '<photo>'\n"), output.err)
        try await tool.close()
    }

    func testInvalidPhotoExitsWith2AndIsNotCharged() async throws {
        let tool = try await Tool()
        try Data("Dear diary".utf8).write(to: tool.directory.appendingPathComponent("text.jpg"))
        try Data().write(to: tool.directory.appendingPathComponent("empty.jpg"))
        let messages = [
            ("text.jpg", "text.jpg is not a photo: it looks like text."),
            ("empty.jpg", "empty.jpg is empty."),
            (".", "is a directory."),
            ("", "PHOTO is empty"),
            ("http://example.com/me.png", "must begin with https://"),
        ]
        for (photo, text) in messages {
            let output = try await tool.run("create", photo)
            XCTAssertEqual(output.status, 2)
            XCTAssertTrue(output.err.contains(text), output.err)
        }
        let piped = try await tool.run("create", "-", input: tool.path("text.jpg"))
        XCTAssertTrue(piped.err.hasPrefix("error: Standard input is not a photo: it looks like text."), piped.err)
        let nothing = try await tool.run("create", "-")
        XCTAssertEqual(nothing.err, "error: Standard input is empty. Pipe a photo into the command.\n")
        XCTAssertEqual(tool.service.requestCounts, [:])
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: tool.path("tmp")), [])
        try await tool.close()
    }

    func testRejectedValueExitsWith2() async throws {
        let fault = SimulatedService.Fault.status(422, body: #"{"message":"The photo is too small."}"#)
        try await expect(2, "“The photo is too small.”") { _ in
        } change: {
            $0.service.inject(fault, on: .createHeadshot)
        }
    }

    func testMissingOrRejectedKeyExitsWith3() async throws {
        try await expect(3, "set MAGIC_HOUR_API_KEY") { _ in
        } change: {
            $0.environment["MAGIC_HOUR_API_KEY"] = nil
        }
        try await expect(3, "set MODELSLAB_API_KEY", "--service", "modelslab") { _ in
        } change: {
            $0.environment["MODELSLAB_API_KEY"] = ""
        }
        try await expect(3, "Magic Hour rejected the API key or token (401)") { _ in
        } change: {
            $0.environment["MAGIC_HOUR_API_KEY"] = "mhk_live_wrong"
        }
    }

    func testTooManyRequestsExitWith4() async throws {
        try await expect(4, "Try again in 3600 s.") { _ in
        } change: {
            $0.service.inject(.tooManyRequests(retryAfter: "3600"), on: .createHeadshot)
        }
    }

    func testUnknownURLExitsWith5() async throws {
        try await expect(5, "Check the id and the base URL.") { _ in
        } change: {
            $0.environment["MAGIC_HOUR_BASE_URL"]? += "/v9"
        }
    }

    func testInsufficientCreditsExitWith6() async throws {
        try await expect(6, "Add credits to the account") { $0.credits = 0 }
        try await expect(6, "Your wallet balance is too low", "--service", "modelslab") { $0.walletCents = 0 }
    }

    func testExceededDeadlineExitsWith7AndKeepsJob() async throws {
        try await expect(7, "The job is not lost", "--deadline", "1s") { $0.jobDuration = .seconds(600) }
    }

    func testFailedJobExitsWith8() async throws {
        try await expect(8, "(no_source_face)") { _ in
        } change: {
            $0.service.inject(.jobFails(code: "no_source_face"), on: .createHeadshot)
        }
    }

    func testUnconfirmedJobExitsWith9AndIsNotCreatedTwice() async throws {
        let tool = try await Tool()
        tool.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let output = try await tool.run("create", "me.png")
        XCTAssertEqual(output.status, 9)
        XCTAssertTrue(output.err.contains("The job may exist and may have been charged"), output.err)
        XCTAssertEqual(tool.service.jobs.count, 1)
        try await tool.close()
    }

    func testUnreachableServiceExitsWith10() async throws {
        try await expect(10, "could not be reached") { _ in
        } change: {
            // No server listens on port 1.
            $0.environment["MAGIC_HOUR_BASE_URL"] = "http://127.0.0.1:1"
        }
    }

    func testEveryLibraryErrorHasExitCode() {
        let numbers: [HeadshotKitError.Code: Int32] = [
            .fileSystem: 1, .jobInUse: 1, .invalidResponse: 1, .linkExpired: 1, "somethingNew": 1,
            .invalidRequest: 2, .invalidMedia: 2, .invalidConfiguration: 2, .noFaceDetected: 2,
            .multipleFacesDetected: 2,
            .missingAPIKey: 3, .unauthorized: 3, .rateLimited: 4, .notFound: 5, .insufficientCredits: 6,
            .planRequired: 6,
            .tooExpensive: 6,
            .deadlineExceeded: 7, .jobFailed: 8, .jobCanceled: 8, .jobDeleted: 8, .submissionUnconfirmed: 9,
            .network: 10, .serverError: 10,
        ]
        for (code, number) in numbers { XCTAssertEqual(ExitStatus(code).rawValue, number, code.rawValue) }
    }
}
