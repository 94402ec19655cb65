import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// The whole way from a photo to a file, over HTTP.
class WorkflowTests: NetworkTestCase {
    func testAPhotoBecomesAHeadshot() async throws {
        // Long enough for a first poll that makes a connection.
        try await Workshop.open(network, configure: { $0.jobDuration = .milliseconds(300) }) { shop in
            let events = Recorder<GenerationEvent>()
            let result = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options) {
                events.append($0)
            }
            let id = result.job.id
            XCTAssertEqual(try shop.outputNames(), ["headshot-\(id)-1.png"])
            XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-\(id)-1.png"])
            try assertIsPNG(result.files[0])
            let original = try await shop.original(result.project.downloads[0].url)
            XCTAssertEqual(try Data(contentsOf: result.files[0]), original)
            XCTAssertEqual(shop.money, [50])
            XCTAssertEqual(shop.service.uploads.map(\.contents), [try Data(contentsOf: shop.photo)])
            XCTAssertEqual(shop.service.jobs.map(\.prompt), ["navy suit, soft light"])
            XCTAssertEqual(
                events.all.map(\.kind).removingRepetitions,
                ["uploading", "submitted", "status", "downloading", "saved"]
            )
        }
    }

    func testAPhotoBecomesAPortraitOfModelsLab() async throws {
        for imageTransfer in [ModelsLab.ImageTransfer.base64ToURL, .base64] {
            try await Workshop.open(network) { shop in
                let modelsLab = try ModelsLab(
                    apiKey: shop.service.configuration.modelsLabKey,
                    baseURL: shop.route.url(shop.server.modelsLabURL),
                    imageTransfer: imageTransfer
                )
                let result = try await modelsLab.headshots.generate(shop.portrait, options: shop.options)
                XCTAssertEqual(try shop.outputNames(), ["headshot-\(result.job.id)-1.png"])
                try assertIsPNG(result.files[0])
                XCTAssertEqual(shop.money, [2])
                XCTAssertEqual(shop.requests(.uploadModelsLabImage), imageTransfer == .base64ToURL ? 1 : 0)
            }
        }
    }

    func testBase64OutputBecomesAnImageFile() async throws {
        try await Workshop.open(network) { shop in
            var request = shop.portrait
            request.base64 = true
            request.samples = 2
            let result = try await shop.modelsLab.headshots.generate(request, options: shop.options)
            let id = result.job.id
            XCTAssertEqual(try shop.outputNames(), ["headshot-\(id)-1.png", "headshot-\(id)-2.png"])
            for file in result.files { try assertIsPNG(file) }
        }
    }

    func testNothingIsOverwrittenUnlessAsked() async throws {
        try await Workshop.open(network) { shop in
            let first = try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            let name = "headshot-\(first.job.id)-1"
            try Data("mine".utf8).write(to: first.files[0])
            let second = try await shop.magicHour.headshots.resume(first.job, options: shop.options)
            XCTAssertEqual(second.files.map(\.lastPathComponent), ["\(name)-2.png"])
            XCTAssertEqual(try Data(contentsOf: first.files[0]), Data("mine".utf8))
            var options = shop.options
            options.existingFiles = .replace
            let third = try await shop.magicHour.headshots.resume(first.job, options: options)
            XCTAssertEqual(third.files.map(\.lastPathComponent), ["\(name).png"])
            try assertIsPNG(first.files[0])
            XCTAssertEqual(try shop.outputNames(), ["\(name)-2.png", "\(name).png"])
            XCTAssertEqual(shop.money, [50])
        }
    }

    func testAPhotoWithoutAFaceFailsAndIsPaidBack() async throws {
        try await Workshop.open(network, photo: SampleMedia.landscapePNG()) { shop in
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options)
            }
            XCTAssertEqual(error.code, .jobFailed)
            XCTAssertEqual(error.serverCode, "no_source_face")
            XCTAssertEqual(error.job?.id, shop.service.jobs.first?.id)
            XCTAssertEqual(shop.money, [50, -50])
            XCTAssertEqual(try shop.outputNames(), [])
        }
    }

    func testAJobThatIsNotDoneInTimeIsNamedAndResumedForNothing() async throws {
        try await Workshop.open(network, configure: { $0.jobDuration = .milliseconds(700) }) { shop in
            var options = shop.options
            options.deadline = .milliseconds(300)
            let error = try await failure(HeadshotKitError.self) {
                try await shop.magicHour.headshots.generate(shop.headshot, options: options)
            }
            XCTAssertEqual(error.code, .deadlineExceeded)
            let job = try XCTUnwrap(error.job)
            XCTAssertTrue("\(error)".contains(job.id))
            let result = try await shop.magicHour.headshots.resume(job, options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.money, [50])
            XCTAssertEqual(shop.requests(.createHeadshot), 1)
        }
    }

    func testAnotherProcessCanResumeFromTheStoredHandle() async throws {
        try await Workshop.open(network) { shop in
            let job = try await shop.modelsLab.headshots.submit(shop.portrait)
            let stored = try JSONEncoder().encode(job)
            let found = try JSONDecoder().decode(JobHandle.self, from: stored)
            let result = try await shop.modelsLab.headshots.resume(found, options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.money, [2])
        }
    }

    func testCancellingLeavesTheJobToBeResumed() async throws {
        try await Workshop.open(network, configure: { $0.jobDuration = .milliseconds(300) }) { shop in
            let (events, told) = AsyncStream.makeStream(of: GenerationEvent.self)
            let work = Task {
                try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options) { told.yield($0) }
            }
            var job: JobHandle?
            for await event in events {
                guard case .submitted(let handle) = event else { continue }
                job = handle
                break
            }
            work.cancel()
            _ = try await failure(CancellationError.self) { try await work.value }
            XCTAssertEqual(try shop.outputNames(), [])
            let result = try await shop.magicHour.headshots.resume(try XCTUnwrap(job), options: shop.options)
            try assertIsPNG(result.files[0])
            XCTAssertEqual(shop.money, [50])
        }
    }

    func testCancellingAtAnyMomentNeverPaysTwice() async throws {
        try await Workshop.open(network, configure: { $0.credits = 5_000 }) { shop in
            for step in 0..<40 {
                let before = shop.money.count
                let work = Task { try await shop.magicHour.headshots.generate(shop.headshot, options: shop.options) }
                try await Task.sleep(for: .milliseconds(step * 2))
                work.cancel()
                do { _ = try await work.value } catch is CancellationError { continue }
                XCTAssertLessThanOrEqual(shop.money.count - before, 1)
            }
            XCTAssertLessThanOrEqual(shop.requests(.createHeadshot), 40)
            XCTAssertEqual(shop.money.count, shop.service.jobs.count)
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
