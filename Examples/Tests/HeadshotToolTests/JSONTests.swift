import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// The object that `--json` prints in every case.
final class JSONTests: XCTestCase {
    func testSuccessIsPrintedAsOneObject() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--json")
        let id = try tool.jobID
        // The signature of the URL changes at each poll.
        let url = try XCTUnwrap(output.out.firstMatch(of: #/"url":"([^"]+)"/#)?.output.1)
        XCTAssertTrue(url.hasPrefix("\(tool.server.baseURL.absoluteString)/outputs/\(id)/output.png?"), String(url))
        let path = tool.path("headshot-\(id)-1.png")
        XCTAssertEqual(
            output.out,
            #"{"credits_charged":50,"id":"\#(id)","local_id":null,"outputs":[{"path":"\#(path)","url":"\#(url)"}],"#
                + #""refunded":false,"service":"magic-hour","status":"complete"}"# + "\n"
        )
        XCTAssertFalse(output.err.contains("/outputs/"))
        XCTAssertEqual(output.status, 0)
        try await tool.close()
    }

    func testModelsLabSuccessHasSameKeys() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--service", "modelslab", "--json", "--no-download")
        let url = try XCTUnwrap(output.out.firstMatch(of: #/"url":"([^"]+)"/#)?.output.1)
        // The record remains, so that the files can be had later.
        let localID = try XCTUnwrap(output.out.firstMatch(of: #/"local_id":"([0-9a-f-]{36})"/#)?.output.1)
        XCTAssertEqual(
            output.out,
            #"{"credits_charged":null,"id":"\#(try tool.jobID)","local_id":"\#(localID)","outputs":[{"url":"\#(url)"}],"#
                + #""refunded":false,"service":"modelslab","status":"complete"}"# + "\n"
        )
        try await tool.close()
    }

    func testNoWaitReportHasStatusOfService() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let output = try await tool.run("create", "me.png", "--no-wait", "--json")
        let localID = try XCTUnwrap(output.out.firstMatch(of: #/"local_id":"([0-9a-f-]{36})"/#)?.output.1)
        XCTAssertEqual(
            output.out,
            #"{"credits_charged":50,"id":"\#(try tool.jobID)","local_id":"\#(localID)","outputs":[],"#
                + #""refunded":null,"service":"magic-hour","status":"rendering"}"# + "\n"
        )
        try await tool.close()
    }

    func testFailedJobIsReportedOnBothOutputs() async throws {
        let tool = try await Tool()
        tool.service.inject(.jobFails(code: "no_source_face", message: "No face."), on: .createHeadshot)
        let output = try await tool.run("create", "me.png", "--json")
        let id = try tool.jobID
        let message =
            "Job \(id) failed (no_source_face): “No face.” Magic Hour refunds failed jobs. "
            + "Use a photo in which one face is large, frontal and well lit."
        XCTAssertEqual(
            output.out,
            #"{"credits_charged":50,"error":{"code":"jobFailed","message":"\#(message)"},"id":"\#(id)","local_id":null,"outputs":[],"#
                + #""refunded":true,"service":"magic-hour","status":"failed"}"# + "\n"
        )
        XCTAssertTrue(output.err.hasSuffix("error: \(message)\n"), output.err)
        XCTAssertEqual(output.status, 8)
        try await tool.close()
    }

    func testFailureBeforeCreateHasNulls() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "missing.png", "--json")
        XCTAssertEqual(
            output.out,
            #"{"credits_charged":null,"error":{"code":"invalidMedia","message":"\#(tool.path("missing.png")) does not exist. "#
                + #"Check the path."},"id":null,"local_id":null,"outputs":[],"#
                + #""refunded":null,"service":"magic-hour","status":null}"# + "\n"
        )
        XCTAssertEqual(output.status, 2)
        try await tool.close()
    }

    func testInterruptionIsReported() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png", "--json"])
        try await running.wait(for: "Status: rendering")
        running.interrupt()
        let output = try await running.end()
        let object = try XCTUnwrap(
            JSONSerialization.jsonObject(with: Data(output.out.utf8)) as? [String: Any]
        )
        XCTAssertEqual(object["id"] as? String, try tool.jobID)
        XCTAssertEqual(object["status"] as? String, "rendering")
        XCTAssertEqual((object["error"] as? [String: String])?["code"], "interrupted")
        XCTAssertEqual(output.status, 130)
        try await tool.close()
    }
}
