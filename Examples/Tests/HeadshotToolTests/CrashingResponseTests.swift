import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Responses that end the process in Foundation on Linux. A later run of the tool finishes the jobs.
final class CrashingResponseTests: XCTestCase {
    private static let responses = [
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nT: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nServer: x\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{}",
    ]

    /// Runs `create`, whose first request at a step gets the response, and then `resume --all`.
    private func afterResumption(
        from step: ServiceStep,
        _ response: String,
        check: (Tool, _ storedRecords: [String]) throws -> Void
    ) async throws {
        var tool = try await Tool()
        let schedule = FaultSchedule(at: step, isRepeated: false)
        let gateway = try await FaultyGateway.start(tool.service) { current in
            schedule.takeFault(at: current) ? .raw(Data(response.utf8), isProcessed: true) : nil
        }
        tool.environment["MAGIC_HOUR_BASE_URL"] = gateway.baseURL.absoluteString
        tool.environment["MODELSLAB_BASE_URL"] = gateway.modelsLabURL.absoluteString
        tool.environment["SWIFT_BACKTRACE"] = "enable=no"
        let isModelsLab = [.modelsLabCreate, .fetch].contains(step)
        let options = isModelsLab ? ["--service", "modelslab"] : []
        _ = try await tool.start(["create", "me.png"] + options).end()
        XCTAssertEqual(schedule.count, 1, "No request reached \(step).")
        _ = try await tool.run("resume", "--all")
        try check(tool, tool.storedRecords)
        await gateway.stop()
        try await tool.close()
    }

    private func assertDelivered(_ tool: Tool, _ records: [String], _ step: ServiceStep) throws {
        XCTAssertEqual(tool.service.ledger.map(\.kind), [.charge], "\(step)")
        XCTAssertEqual(try tool.newFiles, ["headshot-\(try tool.jobID)-1.png"], "\(step)")
        XCTAssertEqual(records, [], "\(step)")
    }

    func testJobIsDeliveredAfterResponseToPollOrDownload() async throws {
        for response in Self.responses {
            for step in [ServiceStep.poll, .fetch, .download] {
                try await afterResumption(from: step, response) { tool, records in
                    try assertDelivered(tool, records, step)
                }
            }
        }
    }

    func testCreateIsUnconfirmedAfterResponse() async throws {
        for response in Self.responses {
            for step in [ServiceStep.create, .modelsLabCreate] {
                try await afterResumption(from: step, response) { tool, records in
                    XCTAssertEqual(tool.service.ledger.map(\.kind), [.charge], "\(step)")
                    XCTAssertEqual(try tool.newFiles, [], "\(step)")
                    XCTAssertEqual(records.count, 1, "\(step)")
                    let id = try tool.jobID
                    XCTAssertFalse(records.contains { $0.contains(id) }, "\(step)")
                }
            }
        }
    }

    func testNothingIsChargedAfterResponseToUpload() async throws {
        for response in Self.responses {
            for step in [ServiceStep.uploadURLs, .put] {
                try await afterResumption(from: step, response) { tool, records in
                    XCTAssertEqual(tool.service.ledger, [], "\(step)")
                    XCTAssertEqual(records, [], "\(step)")
                }
            }
        }
    }
}
