import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class InterruptionTests: XCTestCase {
    func testCtrlCNamesTheJobThatGoesOn() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png"])
        try await running.wait(for: "Status: rendering")
        running.interrupt()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertEqual(output.out, "")
        let words =
            "error: Interrupted. Job \(try tool.jobID) (magic-hour, ai-headshot-generator) goes on at the service. "
            + "It is paid for, and is not paid again. Keep the id: the outputs can still be had by it.\n"
        XCTAssertTrue(output.err.hasSuffix(words), output.err)
        try await tool.close()
    }

    func testTheSignalToTerminateDoesTheSame() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png", "--service", "modelslab"])
        try await running.wait(for: "Status: processing")
        running.terminate()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertTrue(output.err.hasSuffix("the outputs can still be had by it for 24 hours.\n"), output.err)
        try await tool.close()
    }

    func testBeforeTheCreateRequestItIsCertainThatNothingWasCharged() async throws {
        let tool = try await Tool()
        tool.service.inject(.slow(.seconds(30)), on: .createUploadURLs)
        let running = try tool.start(["create", "me.png"])
        try await running.wait { tool.service.requestCounts[.createUploadURLs] == 1 }
        running.interrupt()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertEqual(output.err, "error: Interrupted. No job was created, and nothing was charged.\n")
        try await tool.close()
    }

    func testDuringTheCreateRequestItSaysThatTheJobMayBePaidFor() async throws {
        for photo in ["me.png", "https://example.com/me.png"] {
            let tool = try await Tool()
            tool.service.inject(.slow(.seconds(30)), on: .createHeadshot)
            let running = try tool.start(["create", photo])
            try await running.wait { tool.service.requestCounts[.createHeadshot] == 1 }
            running.interrupt()
            let output = try await running.end()
            XCTAssertEqual(output.status, 130)
            XCTAssertTrue(output.err.contains("it may exist and may have been paid for"), output.err)
            try await tool.close()
        }
    }

    func testSoItDoesWithModelsLabWhoseUploadsAreNotToldOf() async throws {
        let tool = try await Tool()
        tool.service.inject(.slow(.seconds(30)), on: .createModelsLabHeadshot)
        let running = try tool.start(["create", "me.png", "--service", "modelslab"])
        try await running.wait { tool.service.requestCounts[.createModelsLabHeadshot] == 1 }
        running.interrupt()
        let output = try await running.end()
        XCTAssertTrue(output.err.contains("it may exist and may have been paid for"), output.err)
        try await tool.close()
    }

    func testTheSecondCtrlCEndsItAtOnceWhateverKeepsIt() async throws {
        let tool = try await Tool()
        let pipe = Pipe()
        try fill(pipe.fileHandleForWriting.fileDescriptor)
        let running = try tool.start(["create", "me.png"], errors: pipe.fileHandleForWriting)
        // It has something to say then, and nobody listens.
        try await running.wait { tool.service.uploads.first?.contents != nil }
        try await Task.sleep(for: .milliseconds(300))
        running.interrupt()
        try await Task.sleep(for: .milliseconds(300))
        XCTAssertTrue(running.isRunning)
        running.interrupt()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        try pipe.fileHandleForReading.close()
        try await tool.close()
    }

    /// Writes until the next byte would have to wait.
    private func fill(_ descriptor: Int32) throws {
        let flags = fcntl(descriptor, F_GETFL)
        XCTAssertEqual(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK), 0)
        while write(descriptor, "-", 1) == 1 {}
        XCTAssertEqual(errno, EAGAIN)
        XCTAssertEqual(fcntl(descriptor, F_SETFL, flags), 0)
    }
}
