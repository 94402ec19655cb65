import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class InterruptionTests: XCTestCase {
    func testCtrlCNamesContinuingJob() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png"])
        try await running.wait(for: "Status: rendering")
        running.interrupt()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertEqual(output.out, "")
        let text =
            "error: Interrupted. Job \(try tool.jobID) (magic-hour, ai-headshot-generator) continues at the service. "
            + "The job was charged once. You are not charged again.\nTo continue: headshot resume \(try tool.jobID)\n"
        XCTAssertTrue(output.err.hasSuffix(text), output.err)
        try await tool.close()
    }

    func testTerminationSignalNamesContinuingJob() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png", "--service", "modelslab"])
        try await running.wait(for: "Status: processing")
        running.terminate()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        let text = "ModelsLab keeps the outputs for 24 hours.\nTo continue: headshot resume \(try tool.jobID)\n"
        XCTAssertTrue(output.err.hasSuffix(text), output.err)
        try await tool.close()
    }

    func testInterruptionBeforeCreateSaysThatNothingWasCharged() async throws {
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

    func testInterruptionDuringCreateSaysThatJobMayBeCharged() async throws {
        let tool = try await Tool()
        tool.service.inject(.slow(.seconds(30)), on: .createHeadshot)
        let running = try tool.start(["create", "me.png"])
        try await running.wait { tool.service.requestCounts[.createHeadshot] == 1 }
        running.interrupt()
        // The library waits a few seconds for the response.
        try await running.wait(for: "Waiting up to 10 s for the response, which contains the ID of the paid job.")
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertTrue(output.err.contains("The job may exist and may have been charged"), output.err)
        let advice = "\nIf it is there, run: headshot resume JOB_ID --service magic-hour\n"
        XCTAssertTrue(output.err.contains(advice), output.err)
        XCTAssertTrue(output.err.contains("\nThen, or if it is not there, run: headshot jobs --discard "), output.err)
        XCTAssertEqual(try tool.storedRecords.count, 1)
        try await tool.close()
    }

    func testResponseAfterCtrlCNamesJob() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        tool.service.inject(.slow(.seconds(2)), on: .createModelsLabHeadshot)
        let running = try tool.start(["create", "me.png", "--service", "modelslab", "--no-store"])
        try await running.wait { tool.service.requestCounts[.createModelsLabHeadshot] == 1 }
        running.interrupt()
        let output = try await running.end()
        XCTAssertTrue(output.err.contains("Job \(try tool.jobID) (modelslab, head_shot) continues"), output.err)
        XCTAssertTrue(output.err.contains("for 24 hours.\n"), output.err)
        let advice = "To continue: headshot resume \(try tool.jobID) --service modelslab\n"
        XCTAssertTrue(output.err.hasSuffix(advice), output.err)
        try await tool.close()
    }

    func testSecondCtrlCEndsBlockedProcess() async throws {
        let tool = try await Tool()
        let pipe = Pipe()
        try fill(pipe.fileHandleForWriting.fileDescriptor)
        let running = try tool.start(["create", "me.png"], errors: pipe.fileHandleForWriting)
        // Its next message blocks, because the pipe is full.
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

    /// Writes until the pipe is full.
    private func fill(_ descriptor: Int32) throws {
        let flags = fcntl(descriptor, F_GETFL)
        XCTAssertEqual(fcntl(descriptor, F_SETFL, flags | O_NONBLOCK), 0)
        while write(descriptor, "-", 1) == 1 {}
        XCTAssertEqual(errno, EAGAIN)
        XCTAssertEqual(fcntl(descriptor, F_SETFL, flags), 0)
    }
}
