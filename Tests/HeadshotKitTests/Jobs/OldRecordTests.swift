import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Records and a handle of earlier versions of the schema, in `Fixtures/records-version-1` and `-2`.
final class OldRecordTests: MockTestCase {
    private func configuration(_ names: [String] = ["1/magic-hour", "1/modelslab"]) throws -> ClientConfiguration {
        let directory = clients.directory.appendingPathComponent("jobs")
        let store = try FileJobStore(directory: directory)
        for name in names.map({ "records-version-\($0).json" }) {
            let record = try Fixture.json(name)
            let id = try XCTUnwrap(record["id"]?.string)
            try Fixture.data(name).write(to: directory.appendingPathComponent("\(id).json"))
        }
        var configuration = clients.configuration
        configuration.jobStore = store
        return configuration
    }

    private func stubMagicHour() {
        let project = #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#
        mock.on("GET", "/v1/image-projects/a", response: .json(project))
        mock.on("GET", "/1.png", response: .data(pngBytes))
    }

    func testRecordsOfVersion1AreResumed() async throws {
        let configuration = try configuration()
        stubMagicHour()
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        let first = try await collect(magicHour.jobs.resumeAll(options: clients.options))
        XCTAssertEqual(first.map(\.record.reference), ["order-7"])
        XCTAssertEqual(try first.map { try $0.result.get().files.map(\.lastPathComponent) }, [["headshot-a-1.png"]])

        let done = #"{"status":"success","id":7,"output":["https://o.example/2.png"]}"#
        mock.on("POST", "/api/v6/image_editing/fetch/7", response: .json(done))
        mock.on("GET", "/2.png", response: .data(pngBytes))
        let modelsLab = try ModelsLab(apiKey: "ml-secret", configuration: configuration)
        let second = try await collect(modelsLab.jobs.resumeAll(options: clients.options))
        XCTAssertEqual(try second.map { try $0.result.get().files.map(\.lastPathComponent) }, [["headshot-7-1.png"]])

        let left = try await magicHour.jobs.unfinished().count + modelsLab.jobs.unfinished().count
        XCTAssertEqual(left, 0)
    }

    func testRecordOfVersion2IsResumedAndCreatesNothing() async throws {
        let project = #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.wav"}]}"#
        mock.on("GET", "/v1/audio-projects/a", response: .json(project))
        mock.on("GET", "/1.wav", response: .data(SampleMedia.speechWAV(seconds: 1)))
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration(["2/magic-hour"]))
        let outcomes = try await collect(magicHour.jobs.resumeAll(options: clients.options))
        XCTAssertEqual(outcomes.map(\.record.reference), ["order-8"])
        XCTAssertEqual(try outcomes.map { try $0.result.get().files.map(\.lastPathComponent) }, [["speech-a-1.wav"]])
        try await assertEqual(await magicHour.jobs.unfinished(), [])
    }

    func testHandleOfVersion1IsResumed() async throws {
        let job = try JSONDecoder().decode(JobHandle.self, from: Fixture.data("records-version-1/handle.json"))
        stubMagicHour()
        let result = try await clients.magicHour().jobs.resume(job, options: clients.options)
        XCTAssertEqual(result.job.creditsCharged, 50)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-a-1.png"])
    }
}
