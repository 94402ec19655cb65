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
            + "It is paid for, and is not paid again.\nTo go on: headshot resume \(try tool.jobID)\n"
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
        let words = "ModelsLab keeps the outputs for 24 hours.\nTo go on: headshot resume \(try tool.jobID)\n"
        XCTAssertTrue(output.err.hasSuffix(words), output.err)
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
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testDuringTheCreateRequestItSaysThatTheJobMayBePaidFor() async throws {
        let tool = try await Tool()
        tool.service.inject(.slow(.seconds(30)), on: .createHeadshot)
        let running = try tool.start(["create", "me.png"])
        try await running.wait { tool.service.requestCounts[.createHeadshot] == 1 }
        running.interrupt()
        // The library gives the response some more seconds.
        try await running.wait(for: "Waiting up to 10 s for the response that says which job was paid for.")
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertTrue(output.err.contains("it may exist and may have been paid for"), output.err)
        XCTAssertTrue(output.err.contains("\nIt is kept as unconfirmed. Once you know"), output.err)
        XCTAssertEqual(try tool.storedRecords.count, 1)
        try await tool.close()
    }

    func testAReplyThatComesAfterCtrlCSavesTheJob() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        tool.service.inject(.slow(.seconds(2)), on: .createModelsLabHeadshot)
        let running = try tool.start(["create", "me.png", "--service", "modelslab", "--no-store"])
        try await running.wait { tool.service.requestCounts[.createModelsLabHeadshot] == 1 }
        running.interrupt()
        let output = try await running.end()
        XCTAssertTrue(output.err.contains("Job \(try tool.jobID) (modelslab, head_shot) goes on"), output.err)
        XCTAssertTrue(output.err.contains("for 24 hours.\n"), output.err)
        let advice = "To go on: headshot resume \(try tool.jobID) --service modelslab\n"
        XCTAssertTrue(output.err.hasSuffix(advice), output.err)
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
