import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// The complete workflow from a photo to a file over HTTP.
class WorkflowTests: NetworkTestCase {
    func testMagicHourHeadshotIsDelivered() async throws {
        // The job must still run at the first poll, which opens a connection.
        try await TestEnvironment.open(network, configure: { $0.jobDuration = .milliseconds(300) }) { environment in
            let events = Recorder<GenerationEvent>()
            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            ) {
                events.append($0)
            }
            let id = result.job.id
            XCTAssertEqual(try environment.outputNames(), ["headshot-\(id)-1.png"])
            XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-\(id)-1.png"])
            try assertIsPNG(result.files[0])
            let original = try await environment.original(result.project.downloads[0].url)
            XCTAssertEqual(try Data(contentsOf: result.files[0]), original)
            XCTAssertEqual(environment.amounts, [50])
            XCTAssertEqual(environment.service.uploads.map(\.contents), [try Data(contentsOf: environment.photo)])
            XCTAssertEqual(environment.service.jobs.map(\.prompt), ["navy suit, soft light"])
            XCTAssertEqual(
                events.all.map(\.kind).removingRepetitions,
                ["uploading", "submitted", "status", "downloading", "saved"]
            )
        }
    }

    func testModelsLabHeadshotIsDelivered() async throws {
        for imageTransfer in [ModelsLab.ImageTransfer.base64ToURL, .base64] {
            try await TestEnvironment.open(network) { environment in
                let modelsLab = try ModelsLab(
                    apiKey: environment.service.configuration.modelsLabKey,
                    baseURL: environment.route.url(environment.server.modelsLabURL),
                    imageTransfer: imageTransfer,
                    configuration: ClientConfiguration(transport: transportUnderTest)
                )
                let result = try await modelsLab.headshots.generate(environment.portrait, options: environment.options)
                XCTAssertEqual(try environment.outputNames(), ["headshot-\(result.job.id)-1.png"])
                try assertIsPNG(result.files[0])
                XCTAssertEqual(environment.amounts, [2])
                XCTAssertEqual(environment.requests(.uploadModelsLabImage), imageTransfer == .base64ToURL ? 1 : 0)
            }
        }
    }

    func testBase64OutputIsSavedAsImage() async throws {
        try await TestEnvironment.open(network) { environment in
            var request = environment.portrait
            request.base64 = true
            request.samples = 2
            let result = try await environment.modelsLab.headshots.generate(request, options: environment.options)
            let id = result.job.id
            XCTAssertEqual(try environment.outputNames(), ["headshot-\(id)-1.png", "headshot-\(id)-2.png"])
            for file in result.files { try assertIsPNG(file) }
        }
    }

    func testExistingFileIsOverwrittenOnlyIfRequested() async throws {
        try await TestEnvironment.open(network) { environment in
            let first = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            let name = "headshot-\(first.job.id)-1"
            try Data("mine".utf8).write(to: first.files[0])
            let second = try await environment.magicHour.headshots.resume(first.job, options: environment.options)
            XCTAssertEqual(second.files.map(\.lastPathComponent), ["\(name)-2.png"])
            XCTAssertEqual(try Data(contentsOf: first.files[0]), Data("mine".utf8))
            var options = environment.options
            options.existingFiles = .replace
            let third = try await environment.magicHour.headshots.resume(first.job, options: options)
            XCTAssertEqual(third.files.map(\.lastPathComponent), ["\(name).png"])
            try assertIsPNG(first.files[0])
            XCTAssertEqual(try environment.outputNames(), ["\(name)-2.png", "\(name).png"])
            XCTAssertEqual(environment.amounts, [50])
        }
    }

    func testPhotoWithoutFaceFailsAndIsRefunded() async throws {
        try await TestEnvironment.open(network, photo: SampleMedia.landscapePNG()) { environment in
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.generate(environment.headshot, options: environment.options)
            }
            XCTAssertEqual(error.code, .jobFailed)
            XCTAssertEqual(error.serverCode, "no_source_face")
            XCTAssertEqual(error.job?.id, environment.service.jobs.first?.id)
            XCTAssertEqual(environment.amounts, [50, -50])
            XCTAssertEqual(try environment.outputNames(), [])
        }
    }

    func testLateJobIsNamedAndResumedWithoutCharge() async throws {
        let clock = ManualClock()
        try await TestEnvironment.open(network, clock: clock, configure: { $0.jobDuration = .seconds(600) }) {
            environment in
            var options = environment.options
            // On a slow machine, too, the job is created before.
            options.deadline = .seconds(3)
            let error = try await failure(HeadshotKitError.self) {
                try await environment.magicHour.headshots.generate(environment.headshot, options: options)
            }
            XCTAssertEqual(error.code, .deadlineExceeded)
            let job = try XCTUnwrap(error.job)
            XCTAssertTrue("\(error)".contains(job.id))
            clock.advance(by: .seconds(700))
            let result = try await environment.magicHour.headshots.resume(job, options: environment.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.amounts, [50])
            XCTAssertEqual(environment.requests(.createHeadshot), 1)
        }
    }

    func testStoredHandleIsResumedByAnotherProcess() async throws {
        try await TestEnvironment.open(network) { environment in
            let job = try await environment.modelsLab.headshots.submit(environment.portrait)
            let stored = try JSONEncoder().encode(job)
            let found = try JSONDecoder().decode(JobHandle.self, from: stored)
            let result = try await environment.modelsLab.headshots.resume(found, options: environment.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.amounts, [2])
        }
    }

    func testCanceledJobIsResumed() async throws {
        try await TestEnvironment.open(network, configure: { $0.jobDuration = .milliseconds(300) }) { environment in
            let (events, continuation) = AsyncStream.makeStream(of: GenerationEvent.self)
            let work = Task {
                try await environment.magicHour.headshots.generate(environment.headshot, options: environment.options) {
                    continuation.yield($0)
                }
            }
            var job: JobHandle?
            for await event in events {
                guard case .submitted(let handle) = event else { continue }
                job = handle
                break
            }
            work.cancel()
            _ = try await failure(CancellationError.self) { try await work.value }
            XCTAssertEqual(try environment.outputNames(), [])
            let result = try await environment.magicHour.headshots.resume(
                try XCTUnwrap(job),
                options: environment.options
            )
            try assertIsPNG(result.files[0])
            XCTAssertEqual(environment.amounts, [50])
        }
    }

    func testCancellationAtAnyMomentDoesNotChargeTwice() async throws {
        try await TestEnvironment.open(network, configure: { $0.credits = 5_000 }) { environment in
            for step in 0..<40 {
                let before = environment.amounts.count
                let work = Task {
                    try await environment.magicHour.headshots.generate(
                        environment.headshot,
                        options: environment.options
                    )
                }
                try await Task.sleep(for: .milliseconds(step * 2))
                work.cancel()
                do { _ = try await work.value } catch is CancellationError { continue }
                XCTAssertLessThanOrEqual(environment.amounts.count - before, 1)
            }
            XCTAssertLessThanOrEqual(environment.requests(.createHeadshot), 40)
            XCTAssertEqual(environment.amounts.count, environment.service.jobs.count)
        }
    }
}

extension GenerationEvent {
    fileprivate var kind: String {
        switch self {
        case .uploading: "uploading"
        case .submitted: "submitted"
        case .resumed: "resumed"
        case .retrying: "retrying"
        case .status: "status"
        case .downloading: "downloading"
        case .saved: "saved"
        case .outputsMissing: "outputsMissing"
        }
    }
}

extension [String] {
    fileprivate var removingRepetitions: [String] {
        reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
}
