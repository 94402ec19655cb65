import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The requests that the options of `create` produce.
final class CreateOptionTests: XCTestCase {
    private let photo = "https://example.com/me.png"

    func testEveryModelsLabOptionIsSent() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let arguments = """
            create \(photo) --no-wait --service modelslab --prompt suit --negative-prompt hat --width 512 --height 768 \
            --samples 2 --steps 31 --guidance-scale 4.5 --s-scale 1.5 --seed 7 --style realistic --no-safety-checker \
            --safety-checker-type blur --base64 --webhook https://example.com/hook --track-id 12
            """
        let output = try await tool.start(arguments.split(separator: " ").map(String.init)).end()
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertEqual(
            try tool.storedRequests,
            [
                #"{"base64":true,"face_image":"https://example.com/me.png","guidance_scale":4.5,"height":768,"#
                    + #""negative_prompt":"hat","num_inference_steps":31,"prompt":"suit","s_scale":1.5,"#
                    + #""safety_checker":false,"safety_checker_type":"blur","samples":2,"seed":7,"style":"realistic","#
                    + #""track_id":12,"webhook":"https://example.com/…","width":512}"#
            ],
            "Records contain no secrets, such as the path of a webhook URL."
        )
        XCTAssertEqual(tool.service.jobs.map(\.webhookURL), [URL(string: "https://example.com/hook")])
        try await tool.close()
    }

    func testEveryFluxOptionIsSent() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let arguments = """
            create \(photo) --no-wait --service modelslab-flux --prompt suit --width 1024 --height 1024 --steps 26 \
            --guidance-scale 2 --seed 7 --webhook https://example.com/hook --track-id 12
            """
        let output = try await tool.start(arguments.split(separator: " ").map(String.init)).end()
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertFalse(output.err.contains("Seed"), output.err)
        XCTAssertEqual(tool.service.jobs.map(\.operation), [.createModelsLabFluxHeadshot])
        XCTAssertEqual(
            try tool.storedRequests,
            [
                #"{"face_image":"https://example.com/me.png","guidance_scale":2,"height":1024,"num_inference_steps":26,"#
                    + #""prompt":"suit","seed":7,"track_id":12,"webhook":"https://example.com/…","width":1024}"#
            ]
        )
        XCTAssertEqual(tool.service.jobs.map(\.webhookURL), [URL(string: "https://example.com/hook")])
        try await tool.close()
    }

    func testFluxWithoutSeedUsesAndPrintsRandomSeed() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--service", "modelslab-flux")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertNotNil(output.err.firstMatch(of: #/^Seed: [1-9][0-9]*\n/#), output.err)
        XCTAssertEqual(output.out, tool.path("headshot-\(try tool.jobID)-1.png") + "\n")
        try await tool.close()
    }

    func testOmittedOptionsAreNotSent() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        _ = try await tool.run("create", photo, "--no-wait", "--service", "modelslab", "--prompt", "suit")
        XCTAssertEqual(try tool.storedRequests, [#"{"face_image":"https://example.com/me.png","prompt":"suit"}"#])
        try await tool.close()
    }

    func testUnknownValueIsSent() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let output = try await tool.run("create", photo, "--no-wait", "--service", "modelslab", "--style", "baroque")
        XCTAssertEqual(output.status, 0, output.err)
        XCTAssertTrue(try tool.storedRequests.joined().contains(#""style":"baroque""#))
        try await tool.close()
    }

    func testTwoBase64SamplesAreSavedAsTwoImages() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--service", "modelslab", "--samples", "2", "--base64")
        let paths = output.out.split(separator: "\n").map(String.init)
        XCTAssertEqual(paths, try (1...2).map { tool.path("headshot-\(try tool.jobID)-\($0).png") })
        for path in paths {
            XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path)).prefix(4), Data([0x89, 0x50, 0x4e, 0x47]))
        }
        try await tool.close()
    }

    func testOptionsOfAnotherServiceAreRejectedByName() async throws {
        let tool = try await Tool()
        let output = try await tool.run("create", "me.png", "--seed", "1", "--style", "comic")
        XCTAssertEqual(output.status, 2)
        XCTAssertEqual(
            output.err,
            "error: magic-hour does not support --seed (only with --service modelslab or modelslab-flux), "
                + "--style (only with --service modelslab).\n"
        )
        let flux = try await tool.run("create", "me.png", "--service", "modelslab-flux", "--samples", "2")
        XCTAssertTrue(flux.err.contains("modelslab-flux does not support --samples"), flux.err)
        XCTAssertEqual(tool.service.requestCounts, [:])
        try await tool.close()
    }

    func testInvalidValueIsNotSentUnlessValidationIsDisabled() async throws {
        let tool = try await Tool()
        let arguments = ["create", photo, "--service", "modelslab", "--steps", "20", "--width", "2000"]
        let rejected = try await tool.start(arguments).end()
        XCTAssertEqual(rejected.status, 2)
        XCTAssertTrue(
            rejected.err.contains(
                "was not sent: --width is 2000; allowed: 8 to 512, a multiple of 8; --steps is 20; allowed: 21, 31, 41. Nothing"
            ),
            rejected.err
        )
        XCTAssertEqual(tool.service.requestCounts, [:])
        let sent = try await tool.start(arguments + ["--no-validation"]).end()
        XCTAssertEqual(sent.status, 2)
        XCTAssertEqual(tool.service.requestCounts, [.createModelsLabHeadshot: 1])
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testRequestAboveCreditLimitIsNotSentAndExitsWith6() async throws {
        let tool = try await Tool { $0.jobDuration = .seconds(600) }
        let expensive = try await tool.run("create", photo, "--max-credits", "49")
        XCTAssertEqual(expensive.status, 6)
        XCTAssertEqual(
            expensive.err,
            "error: The request for ai-headshot-generator was not sent: it costs 50 credits, and --max-credits is 49. "
                + "Nothing was charged. Raise or remove --max-credits, or request less.\n"
        )
        let unknown = try await tool.run("create", photo, "--max-credits", "50", "--service", "modelslab")
        XCTAssertTrue(unknown.err.contains("Remove --max-credits, because no limit allows"), unknown.err)
        let plain = try await tool.run("create", "http://example.com/me.png")
        XCTAssertTrue(plain.err.hasPrefix("error: http://example.com/me.png is not accepted"), plain.err)
        XCTAssertEqual(unknown.status, 6)
        XCTAssertEqual(tool.service.requestCounts, [:])
        let allowed = try await tool.run("create", photo, "--max-credits", "50", "--no-wait")
        XCTAssertEqual(allowed.status, 0, allowed.err)
        try await tool.close()
    }

    func testPhotoWithoutFaceExitsWith2AndIsNotCharged() async throws {
        let tool = try await Tool()
        try (Tool.photoData + Data("no-face".utf8)).write(to: tool.directory.appendingPathComponent("wall.png"))
        let output = try await tool.run("create", "wall.png", "--require-face", "--json")
        XCTAssertEqual(output.status, 2)
        XCTAssertTrue(output.out.contains(#""code":"noFaceDetected""#), output.out)
        XCTAssertTrue(output.err.contains("Nothing was charged."), output.err)
        XCTAssertEqual(tool.service.ledger, [])
        XCTAssertEqual(try tool.storedRecords, [])
        try await tool.close()
    }

    func testExistingFileIsKeptUnlessReplaceIsGiven() async throws {
        // ModelsLab counts its jobs, so the names are known beforehand.
        for (arguments, name) in [([], "headshot-100000001-1-2.png"), (["--replace"], "headshot-100000001-1.png")] {
            let tool = try await Tool()
            let old = tool.directory.appendingPathComponent("headshot-100000001-1.png")
            try Data("old".utf8).write(to: old)
            let output = try await tool.start(["create", "me.png", "--service", "modelslab"] + arguments).end()
            XCTAssertEqual(output.out, tool.path(name) + "\n")
            XCTAssertEqual(try Data(contentsOf: old) == Data("old".utf8), arguments.isEmpty)
            try await tool.close()
        }
    }
}
