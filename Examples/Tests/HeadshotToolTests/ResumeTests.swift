import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// `headshot resume` finishes jobs without a second charge.
final class ResumeTests: XCTestCase {
    func testJobIsDeliveredAfterProcessWasKilledWhileWaiting() async throws {
        let clock = ManualClock()
        let tool = try await Tool(clock: clock) { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png", "--output", "out"])
        try await running.wait(for: "Created job")
        running.kill()
        _ = try await running.end()
        let id = try tool.jobID
        clock.advance(by: .seconds(600))

        // The only job does not have to be named.
        let output = try await tool.run("resume")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(output.out, tool.path("out/headshot-\(id)-1.png") + "\n")
        XCTAssertEqual(tool.service.ledger.map(\.amount), [50])
        XCTAssertEqual(tool.service.uploads.count, 1)
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testProcessKilledDuringCreateLeavesUnconfirmedJob() async throws {
        let tool = try await Tool()
        tool.service.inject(.slow(.seconds(30)), on: .createHeadshot)
        let running = try tool.start(["create", "me.png"])
        try await running.wait { tool.service.requestCounts[.createHeadshot] == 1 }
        running.kill()
        _ = try await running.end()
        let list = try await tool.run("jobs")
        XCTAssertTrue(list.out.contains("  unconfirmed  "), list.out)
        let output = try await tool.run("resume")
        XCTAssertEqual(output.status, 9, output.err)
        XCTAssertEqual(tool.service.requestCounts[.createHeadshot], 1)
        try await tool.close()
    }

    func testDownloadContinuesAfterProcessWasKilled() async throws {
        let size = 20 << 20
        let tool = try await Tool {
            $0.jobDuration = .zero
            $0.outputBytes = size
        }
        // The process is killed during the second part, which is slow.
        tool.service.inject(.slow(.milliseconds(1)), on: .download)
        tool.service.inject(.slow(.seconds(30)), on: .download)
        let running = try tool.start(["create", "me.png", "--service", "modelslab"])
        try await running.wait { tool.service.requestCounts[.download] == 2 }
        running.kill()
        _ = try await running.end()
        let name = "headshot-\(try tool.jobID)-1"
        // The lock ends with the process, but its file remains until the part is removed.
        XCTAssertEqual(try tool.newFiles, ["\(name).part", "\(name).part.lock"])

        let output = try await tool.run("resume", String(try tool.jobID.prefix(6)))
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(output.out, tool.path("\(name).png") + "\n")
        // The rest of the file needs two requests.
        XCTAssertEqual(tool.service.requestCounts[.download], 4)
        XCTAssertEqual(try tool.newFiles, ["\(name).png"])
        XCTAssertEqual(tool.service.ledger.count, 1)

        let reference = try await ModelsLab(
            apiKey: tool.service.configuration.modelsLabKey,
            baseURL: tool.server.modelsLabURL
        ).headshots.resume(
            JobHandle(service: .modelsLab, operation: "head_shot", id: try tool.jobID),
            options: GenerationOptions(downloadDirectory: URL(fileURLWithPath: tool.path("whole")))
        )
        let whole = try Data(contentsOf: try XCTUnwrap(reference.files.first))
        XCTAssertEqual(whole.count, size)
        XCTAssertTrue(try Data(contentsOf: tool.directory.appendingPathComponent("\(name).png")) == whole)
        try await tool.close()
    }

    func testResumeAllContinuesAfterFailedJob() async throws {
        var tool = try await Tool { $0.jobDuration = .milliseconds(100) }
        for directory in ["a", "b"] {
            _ = try await tool.run("create", "me.png", "--no-wait", "--service", "modelslab", "--output", directory)
        }
        _ = try await tool.run("create", "me.png", "--no-wait")
        let ids = tool.service.jobs.map(\.id)

        let several = try await tool.run("resume")
        XCTAssertEqual(several.status, 2)
        XCTAssertEqual(several.out, "")
        XCTAssertTrue(several.err.hasPrefix("error: There are 3 unfinished jobs. Name one, or use --all.\n"))
        for id in ids { XCTAssertTrue(several.err.contains(id), several.err) }

        // Without its key, the job of that service cannot be resumed.
        let key = tool.environment["MAGIC_HOUR_API_KEY"]
        tool.environment["MAGIC_HOUR_API_KEY"] = nil
        let output = try await tool.run("resume", "--all")
        XCTAssertEqual(output.status, 3)
        let paths = [("a", ids[0]), ("b", ids[1])].map { tool.path("\($0)/headshot-\($1)-1.png") }
        XCTAssertEqual(output.out.split(separator: "\n").map(String.init).sorted(), paths)
        XCTAssertTrue(output.err.contains("\nJob \(ids[0]) (modelslab, head_shot) was delivered.\n"), output.err)
        let message =
            "error: Job \(ids[2]) (magic-hour, ai-headshot-generator): There is no API key for Magic Hour: "
            + "set MAGIC_HOUR_API_KEY."
        XCTAssertTrue(output.err.contains(message), output.err)
        XCTAssertTrue(output.err.contains("\nTo continue: headshot resume \(ids[2])\n"), output.err)
        XCTAssertTrue(output.err.hasSuffix("error: 1 of 3 jobs were not delivered.\n"), output.err)

        tool.environment["MAGIC_HOUR_API_KEY"] = key
        tool.environment["MODELSLAB_API_KEY"] = nil
        let rest = try await tool.run("resume", "--all", "--json", "--output", "c")
        XCTAssertEqual(rest.status, 0, rest.err)
        XCTAssertEqual(
            rest.out,
            #"{"credits_charged":50,"id":"\#(ids[2])","local_id":null,"outputs":[{"path":"#
                + #""\#(tool.path("c/headshot-\(ids[2])-1.png"))"}],"refunded":false,"service":"magic-hour","status":"complete"}"#
                + "\n"
        )
        XCTAssertEqual(try tool.storedRecords, [])
        XCTAssertEqual(tool.service.ledger.count, 3)
        try await tool.close()
    }

    func testUnconfirmedJobIsListedExplainedAndDiscarded() async throws {
        let tool = try await Tool()
        tool.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        let created = try await tool.run("create", "me.png", "--json")
        XCTAssertEqual(created.status, 9)
        let localID = try XCTUnwrap(created.out.firstMatch(of: #/"local_id":"([0-9a-f-]{36})"/#)?.output.1)
        let advice = """
            The job may exist and may have been charged. The request was not sent again.
            Look for the job in the library of your Magic Hour account.
            If it is there, run: headshot resume JOB_ID --service magic-hour
            Then, or if it is not there, run: headshot jobs --discard \(localID.suffix(8))

            """
        XCTAssertTrue(created.err.hasSuffix(advice), created.err)

        let list = try await tool.run("jobs")
        let row = "\(localID.suffix(8))  magic-hour  ai-headshot-generator  unconfirmed  "
        XCTAssertTrue(list.out.hasPrefix(row), list.out)
        let resumed = try await tool.run("resume")
        XCTAssertEqual(resumed.status, 9)
        XCTAssertEqual(resumed.out, "")
        let message = "error: Magic Hour may have accepted the ai-headshot-generator request of "
        XCTAssertTrue(resumed.err.hasPrefix(message), resumed.err)
        XCTAssertTrue(resumed.err.hasSuffix(advice), resumed.err)
        for output in [created, resumed] { XCTAssertFalse(output.err.contains("jobs."), output.err) }
        let all = try await tool.run("resume", "--all")
        XCTAssertEqual(all.status, 9)
        XCTAssertTrue(all.err.contains("error: An unconfirmed job (magic-hour, ai-headshot-generator, "), all.err)

        let forgotten = try await tool.run("jobs", "--discard", String(localID.suffix(8)))
        XCTAssertEqual(forgotten.status, 0, forgotten.err)
        XCTAssertEqual(try tool.storedRecords, [])
        XCTAssertEqual(tool.service.jobs.count, 1)
        try await tool.close()
    }

    func testJobClaimedByAnotherProcessIsNotResumedOrDiscarded() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let running = try tool.start(["create", "me.png", "--service", "modelslab"], name: "other")
        try await running.wait(for: "Created job")
        for arguments in [["resume"], ["jobs", "--discard", try tool.jobID]] {
            let output = try await tool.start(arguments).end()
            XCTAssertEqual(output.status, 1)
            XCTAssertTrue(output.err.contains("is working on"), output.err)
            XCTAssertFalse(output.err.contains("To continue"), output.err)
        }
        running.interrupt()
        let output = try await running.end()
        XCTAssertTrue(output.err.hasSuffix("To continue: headshot resume \(try tool.jobID)\n"), output.err)
        try await tool.close()
    }

    func testJobWithoutIDIsInProgressWhileClaimedAndUnconfirmedAfterwards() async throws {
        let tool = try await Tool()
        tool.service.inject(.silence, on: .createHeadshot)
        let running = try tool.start(["create", "me.png"], name: "other")
        try await running.wait { try tool.storedRecords.count == 1 && tool.service.requestCounts[.createHeadshot] == 1 }
        let during = try await tool.run("jobs")
        XCTAssertTrue(during.out.contains("  ai-headshot-generator  in-progress  "), during.out)
        let object = try await tool.run("jobs", "--json")
        XCTAssertTrue(object.out.contains(#""id":null,"in_progress":true"#), object.out)
        XCTAssertTrue(object.out.contains(#""state":"intended""#), object.out)

        running.kill()
        _ = try await running.end()
        let afterwards = try await tool.run("jobs")
        XCTAssertTrue(afterwards.out.contains("  ai-headshot-generator  unconfirmed  "), afterwards.out)
        try await tool.close()
    }

    func testInterruptedOrLateResumptionAdvisesHowToContinue() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        for _ in 1...2 { _ = try await tool.run("create", "me.png", "--no-wait", "--service", "modelslab") }
        let running = try tool.start(["resume", "--all"])
        try await running.wait { (tool.service.requestCounts[.fetchModelsLab] ?? 0) >= 2 }
        running.interrupt()
        let interrupted = try await running.end()
        XCTAssertEqual(interrupted.status, 130)
        XCTAssertTrue(interrupted.err.hasSuffix("\nTo continue: headshot resume --all\n"), interrupted.err)

        let late = try await tool.run("resume", try tool.jobID, "--deadline", "1s")
        XCTAssertEqual(late.status, 7)
        XCTAssertTrue(late.err.hasSuffix("\nTo continue: headshot resume \(try tool.jobID)\n"), late.err)
        try await tool.close()
    }

    func testResumeWithoutUnfinishedJobsPrintsNotice() async throws {
        let tool = try await Tool()
        let output = try await tool.run("resume", "--all")
        XCTAssertEqual(output, Tool.Output(status: 0, out: "", err: "There are no unfinished jobs.\n"))
        let unknown = try await tool.run("resume", "abc")
        XCTAssertEqual(unknown.status, 5)
        let both = try await tool.run("resume", "abc", "--all")
        XCTAssertEqual(both.status, 2)
        try await tool.close()
    }

    func testIDsAreReadFromStandardInput() async throws {
        let tool = try await Tool()
        for _ in 1...3 { _ = try await tool.run("create", "me.png", "--no-wait") }
        let list = try await tool.run("jobs")
        let lines = list.out.split(separator: "\n").map(String.init)
        // A line of `headshot jobs`, an ID of the service, an ID twice, and one that is not known.
        let ids = tool.service.jobs.map(\.id)
        let input = "\(lines[0])\n\n\(ids[1])\r\n\(ids[1])\nunknown1\n"
        try Data(input.utf8).write(to: tool.directory.appendingPathComponent("home-ids"))
        let output = try await tool.run("resume", "-", input: tool.path("home-ids"))
        XCTAssertEqual(output.status, 5, output.err)
        XCTAssertTrue(output.err.contains("error: No unfinished job matches “unknown1”."), output.err)
        XCTAssertTrue(output.err.hasSuffix("error: 1 of 3 IDs were not resumed.\n"), output.err)
        XCTAssertEqual(
            Set(output.out.split(separator: "\n").map(String.init)),
            Set(ids.prefix(2).map { tool.path("headshot-\($0)-1.png") })
        )
        let rest = try await tool.run("jobs", "--json")
        XCTAssertEqual(rest.out.split(separator: "\n").count, 1)
        XCTAssertTrue(rest.out.contains(ids[2]), rest.out)

        let empty = try await tool.run("resume", "-")
        XCTAssertEqual(empty.status, 0)
        XCTAssertEqual(empty.err, "Standard input contains no IDs. There is nothing to resume.\n")
        XCTAssertEqual(tool.service.ledger.count, 3)
        try await tool.close()
    }
}
