import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

@testable import headshot

/// The job store of the tool and `headshot jobs`.
final class StoreTests: XCTestCase {
    func testDeliveredJobLeavesNoRecord() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--service", "modelslab")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(try tool.storedRecords, [])
        let jobs = try await tool.run("jobs")
        XCTAssertEqual(jobs, Tool.Output(status: 0, out: "", err: "There are no unfinished jobs.\n"))
        try await tool.close()
    }

    func testJobsOfBothServicesAreListedOldestFirst() async throws {
        var tool = try await Tool { $0.jobDuration = .seconds(600) }
        let first = try await tool.run("create", "me.png", "--no-wait", "--output", "out")
        let second = try await tool.run("create", "me.png", "--no-wait", "--service", "modelslab")
        let ids = tool.service.jobs.map(\.id)
        XCTAssertTrue(first.err.hasSuffix("To continue: headshot resume \(ids[0])\n"), first.err)
        XCTAssertTrue(second.err.hasSuffix("To continue: headshot resume \(ids[1])\n"), second.err)

        // The command needs neither a key nor a service.
        for name in ["MAGIC_HOUR_API_KEY", "MODELSLAB_API_KEY", "MAGIC_HOUR_BASE_URL"] { tool.environment[name] = nil }
        let output = try await tool.run("jobs")
        XCTAssertEqual(output.status, 0)
        XCTAssertEqual(output.err, "")
        let rows = output.out.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        XCTAssertEqual(
            rows.map { Array($0[1...3]) },
            [
                ["magic-hour", "ai-headshot-generator", ids[0]], ["modelslab", "head_shot", ids[1]],
            ]
        )
        XCTAssertEqual(rows.map(\.last), [tool.path("out"), tool.directory.path])
        XCTAssertEqual(rows.map { $0[5] }, ["s", "s"])

        let json = try await tool.run("jobs", "--json")
        let objects = try json.out.split(separator: "\n").map {
            try XCTUnwrap(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        XCTAssertEqual(objects.map { $0["id"] as? String }, ids)
        XCTAssertEqual(objects.map { $0["state"] as? String }, ["accepted", "accepted"])
        XCTAssertEqual(objects.map { $0["in_progress"] as? Bool }, [false, false])
        XCTAssertEqual(objects.map { ($0["local_id"] as? String)?.suffix(8) }, rows.map { $0[0].suffix(8) })
        XCTAssertEqual(
            objects.first?.keys.sorted(),
            ["created_at", "directory", "files", "id", "in_progress", "local_id", "operation", "service", "state"]
        )
        try await tool.close()
    }

    func testInvalidRecordIsQuarantinedAndReported() async throws {
        let tool = try await Tool()
        try FileManager.default.createDirectory(atPath: tool.path("store"), withIntermediateDirectories: true)
        try Data("{".utf8).write(to: tool.directory.appendingPathComponent("store/half.json"))
        let first = try await tool.run("jobs")
        XCTAssertEqual(first.status, 0)
        XCTAssertEqual(
            first.err,
            """
            warning: \(tool.path("store/half.json.quarantined")) cannot be resumed: it is not the JSON of a job.
            There are no unfinished jobs.

            """
        )
        let second = try await tool.run("jobs")
        XCTAssertTrue(second.err.contains("half.json.quarantined cannot be resumed"), second.err)
        try await tool.close()
    }

    func testJobIsDiscardedByPrefixOfEitherID() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        for _ in 1...2 { _ = try await tool.run("create", "me.png", "--no-wait", "--service", "modelslab") }
        let ids = tool.service.jobs.map(\.id)
        // The IDs are numbered, so they have a common prefix.
        let ambiguous = try await tool.run("jobs", "--discard", "1000")
        XCTAssertEqual(ambiguous.status, 2)
        XCTAssertTrue(ambiguous.err.hasPrefix("error: “1000” matches 2 jobs. Type more characters of the ID.\n"))
        for id in ids { XCTAssertTrue(ambiguous.err.contains("head_shot  \(id)  "), ambiguous.err) }

        let tooShort = try await tool.run("jobs", "--discard", "100")
        XCTAssertEqual(tooShort.status, 5)
        let byServiceID = try await tool.run("jobs", "--discard", ids[0])
        XCTAssertEqual(byServiceID.err, "Job \(ids[0]) (modelslab, head_shot) was discarded.\n")
        let list = try await tool.run("jobs")
        XCTAssertEqual(list.out.split(separator: "\n").count, 1)
        let byLocalID = try await tool.run("jobs", "--discard", String(list.out.prefix(5)))
        XCTAssertEqual(byLocalID.status, 0, byLocalID.err)
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: tool.path("store")), [])

        let unknown = try await tool.run("jobs", "--discard", "unknown")
        XCTAssertEqual(unknown.status, 5)
        XCTAssertEqual(
            unknown.err,
            "error: No unfinished job matches “unknown”. To list the jobs, run: headshot jobs\n"
        )
        try await tool.close()
    }

    func testJobIsNotStoredWithoutStore() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let output = try await tool.run("create", "me.png", "--no-wait", "--no-store")
        XCTAssertEqual(output.out, try tool.jobID + "\n")
        XCTAssertFalse(output.err.contains("resume"), output.err)
        XCTAssertFalse(FileManager.default.fileExists(atPath: tool.path("store")))
        try await tool.close()
    }

    func testUnusableStoreIsReportedBeforeRequest() async throws {
        var tool = try await Tool()
        tool.environment["HEADSHOT_STORE"] = tool.path("me.png/store")
        let output = try await tool.run("create", "me.png", "--json")
        XCTAssertEqual(output.status, 1)
        XCTAssertTrue(output.out.contains(#""code":"fileSystem""#), output.out)
        XCTAssertTrue(output.err.contains("No jobs can be kept in \(tool.path("me.png/store"))"), output.err)
        XCTAssertTrue(
            output.err.hasSuffix("\nSet HEADSHOT_STORE to another directory, or use --no-store to store no jobs.\n")
        )
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    func testStoreContainsNeitherKeysNorSignedURLs() async throws {
        let tool = try await Tool {
            $0.jobDuration = .zero
            $0.outputBytes = 10 << 20
        }
        let url = "https://example.com/me.png?signature=planted"
        for (count, service) in [(2, "magic-hour"), (4, "modelslab")] {
            // By then, the URLs are known and the first part of the file is saved.
            tool.service.inject(.slow(.milliseconds(1)), on: .download)
            tool.service.inject(.slow(.seconds(30)), on: .download)
            let running = try tool.start(["create", url, "--service", service])
            try await running.wait { tool.service.requestCounts[.download] == count }
            running.kill()
            _ = try await running.end()
        }
        let records = try tool.storedRecords
        XCTAssertEqual(records.count, 2)
        for record in records {
            XCTAssertTrue(record.contains("example.com/me.png"), record)
            XCTAssertTrue(record.contains("\"bytes\" : \(8 << 20)"), record)
            for secret in ["mhk_live", "modelslab-simulated", "signature", "planted", "/outputs/"] {
                XCTAssertFalse(record.contains(secret), secret)
            }
        }
        try await tool.close()
    }

    func testDefaultStoreIsInUserDataDirectory() {
        XCTAssertEqual(TrackedStore.defaultDirectory(["HEADSHOT_STORE": "/jobs"]).path, "/jobs")
        #if os(macOS)
        let expected = "/home/me/Library/Application Support/HeadshotKit/Jobs"
        #else
        let expected = "/home/me/.local/share/headshotkit/jobs"
        XCTAssertEqual(
            TrackedStore.defaultDirectory(["HOME": "/home/me", "XDG_DATA_HOME": "/data"]).path,
            "/data/headshotkit/jobs"
        )
        XCTAssertEqual(TrackedStore.defaultDirectory(["HOME": "/home/me", "XDG_DATA_HOME": "data"]).path, expected)
        #endif
        XCTAssertEqual(TrackedStore.defaultDirectory(["HOME": "/home/me", "HEADSHOT_STORE": ""]).path, expected)
    }
}
