import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class BatchTests: XCTestCase {
    private func objects(_ output: Tool.Output) throws -> [[String: Any]] {
        try output.out.split(separator: "\n").map {
            try XCTUnwrap(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    func testEachPhotoOfDirectoryIsMadeOnceAndSecondRunPaysNothing() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png", "bob.png", "cleo.PNG", ".hidden.png", "notes.txt"])
        let first = try await tool.run("batch", "team", "--output", "made")
        XCTAssertEqual(first.status, 0, first.err)
        let paths = first.out.split(separator: "\n").map(String.init)
        XCTAssertEqual(Set(paths), Set(tool.service.jobs.map { tool.path("made/headshot-\($0.id)-1.png") }))
        XCTAssertTrue(first.err.hasPrefix("3 photos: 3 to make for 150 credits.\n"), first.err)
        XCTAssertTrue(first.err.contains("[3 of 3] team/"), first.err)
        let end = "3 of 3 headshots were made. 150 credits were charged in this run.\n"
        XCTAssertTrue(first.err.hasSuffix(end), first.err)

        let second = try await tool.run("batch", "team", "--output", "made")
        XCTAssertEqual(second.status, 0, second.err)
        XCTAssertEqual(Set(second.out.split(separator: "\n").map(String.init)), Set(paths))
        XCTAssertTrue(second.err.hasPrefix("3 photos: 0 to make for 0 credits, 3 made before.\n"), second.err)
        XCTAssertTrue(
            second.err.hasSuffix("3 of them in an earlier run. 0 credits were charged in this run.\n"),
            second.err
        )
        XCTAssertEqual(tool.service.ledger.map(\.amount), [50, 50, 50])
        XCTAssertEqual(tool.service.uploads.count, 3)

        // Delivered jobs are not unfinished ones.
        let jobs = try await tool.run("jobs")
        XCTAssertEqual(jobs.err, "There are no unfinished jobs.\n")
        let resumed = try await tool.run("resume", "--all")
        XCTAssertEqual(resumed.err, "There are no unfinished jobs.\n")
        try await tool.close()
    }

    func testRenamedPhotoIsNotPaidAgainAndOtherPromptIs() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        _ = try await tool.run("batch", "team/ada.png")
        try FileManager.default.moveItem(atPath: tool.path("team/ada.png"), toPath: tool.path("team/Ada L.png"))
        let renamed = try await tool.run("batch", "team/Ada L.png")
        XCTAssertEqual(renamed.status, 0, renamed.err)
        XCTAssertEqual(tool.service.ledger.count, 1)
        let other = try await tool.run("batch", "team", "--prompt", "navy suit")
        XCTAssertEqual(other.status, 0, other.err)
        XCTAssertEqual(tool.service.ledger.count, 2)
        XCTAssertEqual(tool.service.jobs.map(\.prompt), [nil, "navy suit"])
        try await tool.close()
    }

    func testCopiesOfPhotoShareOneJob() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        try FileManager.default.copyItem(atPath: tool.path("team/ada.png"), toPath: tool.path("team/copy.png"))
        let output = try await tool.run("batch", "team", "team/ada.png", "--json")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertTrue(
            output.err.hasPrefix("3 photos: 1 to make for 50 credits, 2 copies of the same photo.\n"),
            output.err
        )
        XCTAssertTrue(output.err.contains("\n1 of 1 headshot was made. 50 credits"), output.err)
        let two = try await tool.run("batch", "team", "--dry-run")
        XCTAssertTrue(two.err.contains(" 1 copy of the same photo.\n"), two.err)
        XCTAssertEqual(
            try objects(output).map { $0["photo"] as? String },
            ["team/ada.png", "team/copy.png", "team/ada.png"]
        )
        XCTAssertEqual(try objects(output).map { $0["id"] as? String }, Array(repeating: try tool.jobID, count: 3))
        XCTAssertEqual(tool.service.ledger.count, 1)
        try await tool.close()
    }

    func testFailureDoesNotStopOthersAndExitCodeSaysThatSomeWereMade() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png", "zoe.png"])
        try SampleMedia.landscapePNG(width: 64, height: 64).write(
            to: tool.directory.appendingPathComponent("team/lake.png")
        )
        try Data("no photo".utf8).write(to: tool.directory.appendingPathComponent("team/text.png"))
        let output = try await tool.run("batch", "team", "--json", "--require-face")
        XCTAssertEqual(output.status, 11, output.err)
        let objects = try objects(output)
        let codes = objects.map { [$0["photo"] as? String, ($0["error"] as? [String: Any])?["code"] as? String] }
        XCTAssertEqual(
            Set(codes),
            [
                ["team/ada.png", nil], ["team/zoe.png", nil], ["team/lake.png", "noFaceDetected"],
                ["team/text.png", "invalidMedia"],
            ]
        )
        XCTAssertTrue(output.err.contains("\nteam/lake.png: "), output.err)
        XCTAssertTrue(output.err.contains("team/lake.png: failed: no face was detected\n"), output.err)
        XCTAssertTrue(output.err.contains("team/text.png: failed: the photo cannot be used\n"), output.err)
        XCTAssertTrue(
            output.err.contains("2 of 4 headshots were made. 100 credits were charged in this run.\n"),
            output.err
        )
        XCTAssertTrue(
            output.err.hasSuffix(
                "error: 2 of 4 headshots were not made.\n2 photos cannot be used. Replace or remove these photos.\n"
            ),
            output.err
        )
        XCTAssertEqual(tool.service.ledger.map(\.amount), [50, 50])
        try await tool.close()
    }

    func testExitCodeIsThatOfFirstFailureIfNoneWereMade() async throws {
        let tool = try await Tool { $0.credits = 0 }
        try tool.addPhotos(["ada.png", "bob.png"])
        let output = try await tool.run("batch", "team")
        XCTAssertEqual(output.status, 6, output.err)
        XCTAssertTrue(output.err.contains("0 of 2 headshots were made. 0 credits were charged"), output.err)
        XCTAssertTrue(output.err.contains("error: 2 of 2 headshots were not made.\nTo continue, run"), output.err)
        XCTAssertEqual(output.out, "")
        try await tool.close()
    }

    func testDryRunNeedsNoKeyAndSendsNothing() async throws {
        var tool = try await Tool()
        try tool.addPhotos(["ada.png", "bob.png"])
        tool.environment["MAGIC_HOUR_API_KEY"] = nil
        let output = try await tool.run("batch", "team", "--dry-run")
        XCTAssertEqual(output, Tool.Output(status: 0, out: "", err: "2 photos: 2 to make for 100 credits.\n"))
        XCTAssertEqual(tool.service.requestCounts, [:])
        let unknown = try await tool.run("batch", "team", "--dry-run", "--service", "modelslab")
        XCTAssertEqual(unknown.err, "2 photos: 2 to make for an amount that is not known in advance.\n")
        try await tool.close()
    }

    func testMaximumCreditsLimitsWholeBatchButNotWhatIsPaid() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png", "bob.png"])
        let rejected = try await tool.run("batch", "team", "--max-credits", "99")
        XCTAssertEqual(rejected.status, 6, rejected.err)
        XCTAssertTrue(rejected.err.contains("it costs 100 credits, and --max-credits is 99."), rejected.err)
        XCTAssertEqual(tool.service.requestCounts, [:])
        let one = try await tool.run("batch", "team/ada.png", "--max-credits", "50")
        XCTAssertEqual(one.status, 0, one.err)
        let rest = try await tool.run("batch", "team", "--max-credits", "50")
        XCTAssertEqual(rest.status, 0, rest.err)
        XCTAssertEqual(tool.service.ledger.map(\.amount), [50, 50])
        let unknown = try await tool.run("batch", "team", "--max-credits", "5000", "--service", "modelslab")
        XCTAssertEqual(unknown.status, 6, unknown.err)
        XCTAssertTrue(unknown.err.contains("Remove --max-credits, because no limit allows"), unknown.err)
        try await tool.close()
    }

    func testBothModelsOfModelsLabAreResumedInSecondRun() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png", "bob.png"])
        for service in ["modelslab", "modelslab-flux"] {
            for run in 1...2 {
                let output = try await tool.run("batch", "team", "--service", service)
                XCTAssertEqual(output.status, 0, output.err)
                let charge =
                    run == 1
                    ? "made. The service does not report the charge for 2 jobs.\n"
                    : "run. 0 credits were charged in this run.\n"
                XCTAssertTrue(output.err.hasSuffix(charge), output.err)
            }
        }
        XCTAssertEqual(tool.service.ledger.count, 4)
        try await tool.close()
    }

    func testUnconfirmedCreateIsNotPaidAgainAndNamesNextStep() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png", "bob.png"])
        tool.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        for run in 1...2 {
            let output = try await tool.run("batch", "team", "--concurrency", "1")
            XCTAssertEqual(output.status, 11, output.err)
            XCTAssertTrue(output.err.contains("[1 of 2] team/ada.png: failed: the job may"), output.err)
            XCTAssertTrue(output.err.contains("Then, or if it is not there, run: headshot jobs --discard "), output.err)
            XCTAssertTrue(
                output.err.contains("\(run == 1 ? 50 : 0) credits were charged in this run. 1 more may"),
                output.err
            )
            XCTAssertFalse(output.err.contains("To continue"), output.err)
        }
        XCTAssertEqual(tool.service.ledger.count, 2)
        try await tool.close()
    }

    func testChargesEqualDeliveriesAndUnconfirmedAfterKills() async throws {
        let tool = try await Tool { $0.jobDuration = .milliseconds(400) }
        let names = (10...29).map { "person\($0).png" }
        try tool.addPhotos(names)
        tool.service.inject(.connectionLost, on: .createHeadshot, afterProcessing: true)
        tool.service.inject(.badGateway, on: .getImageProject)
        tool.service.inject(.broken(afterBytes: 1_000), on: .download)
        for charges in [3, 9, 14] {
            let running = try tool.start(["batch", "team", "--output", "made", "--concurrency", "4"])
            try await running.wait { tool.service.ledger.count >= charges }
            running.kill()
            let output = try await running.end()
            XCTAssertEqual(output.status, SIGKILL, output.err)
        }
        let last = try await tool.run("batch", "team", "--output", "made", "--concurrency", "4", "--json")
        let objects = try objects(last)
        XCTAssertEqual(Set(objects.compactMap { $0["photo"] as? String }), Set(names.map { "team/\($0)" }))
        let delivered = objects.filter { $0["status"] as? String == "complete" }
        let codes = objects.compactMap { ($0["error"] as? [String: Any])?["code"] as? String }
        XCTAssertEqual(Set(codes), ["submissionUnconfirmed"], last.err)
        XCTAssertEqual(delivered.count + codes.count, names.count)
        // A process may be killed before the service takes the create request that its record announces.
        let unconfirmed = Set(tool.service.ledger.map(\.jobID)).subtracting(
            delivered.compactMap { $0["id"] as? String }
        )
        XCTAssertLessThanOrEqual(unconfirmed.count, codes.count)
        XCTAssertEqual(tool.service.ledger.count, delivered.count + unconfirmed.count)
        for output in delivered.compactMap({ ($0["outputs"] as? [[String: Any]])?.first?["path"] as? String }) {
            XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: output)).suffix(8).prefix(4), Data("IEND".utf8))
        }
        try await tool.close()
    }

    func testInterruptionNamesNextStepAndNextRunDelivers() async throws {
        let clock = ManualClock()
        let tool = try await Tool(clock: clock) { $0.jobDuration = .seconds(600) }
        try tool.addPhotos(["ada.png", "bob.png"])
        let running = try tool.start(["batch", "team"])
        try await running.wait { tool.service.ledger.count == 2 }
        running.interrupt()
        let output = try await running.end()
        XCTAssertEqual(output.status, 130)
        XCTAssertTrue(output.err.contains("error: Interrupted. 0 of 2 made. Jobs that were"), output.err)
        XCTAssertTrue(
            output.err.hasSuffix(
                "To continue, run the same command again. Paid jobs are resumed and not charged again.\n"
            ),
            output.err
        )
        clock.advance(by: .seconds(600))
        let second = try await tool.run("batch", "team")
        XCTAssertEqual(second.status, 0, second.err)
        XCTAssertTrue(second.err.hasPrefix("2 photos: 0 to make for 0 credits, 2 to resume.\n"), second.err)
        XCTAssertEqual(tool.service.ledger.count, 2)
        try await tool.close()
    }

    func testUnusableArgumentsAreRejectedBeforeRequest() async throws {
        let tool = try await Tool()
        try tool.addPhotos(["ada.png"])
        try FileManager.default.createDirectory(atPath: tool.path("empty"), withIntermediateDirectories: true)
        try Data("file;name\nada.png;Ada".utf8).write(to: tool.directory.appendingPathComponent("semicolons.csv"))
        try Data().write(to: tool.directory.appendingPathComponent("empty.csv"))
        try Data("photo,name\nada.png,Ada\nteam/ada.png,Eve\n".utf8)
            .write(to: tool.directory.appendingPathComponent("twice.csv"))
        let cases: [([String], String)] = [
            (["batch", "missing"], "missing does not exist."),
            (["batch", "https://example.com/me.png"], "A batch takes local photos only."),
            (["batch", "empty"], "There are no photos in empty."),
            (["batch", "."], ". is also the directory for the headshots"),
            (["batch", "team", "--concurrency", "0"], "--concurrency is 0; allowed: 1 to 100"),
            (["batch", "team", "--prompt", " "], "the prompt is blank"),
            (["batch", "team", "--seed", "1"], "magic-hour does not support --seed"),
            (["batch", "team", "--csv", "semicolons.csv"], "separated by commas"),
            (["batch", "team", "--csv", "empty.csv"], "empty.csv is empty."),
            (["batch", "team", "--csv", "twice.csv"], "twice.csv, line 3: line 2 already names “team/ada.png”."),
            (["batch", "team", "--csv", "no.csv"], "no.csv cannot be read: No such file or directory. Check"),
            (["create", "me.png", "team/ada.png"], "For several photos, run: headshot batch"),
        ]
        for (arguments, message) in cases {
            let output = try await tool.start(arguments).end()
            XCTAssertEqual(output.status, 2, output.err)
            XCTAssertTrue(output.err.contains(message), output.err)
        }
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }
}
