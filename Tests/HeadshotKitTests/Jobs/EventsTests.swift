import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class EventsTests: MockTestCase {
    private let request = MagicHour.HeadshotRequest(photo: "api-assets/me.png", prompt: "navy suit")

    private func stubJob(_ id: String, times: Int = 1) {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"\#(id)","credits_charged":50}"#))
        mock.on(
            "GET",
            "/v1/image-projects/\(id)",
            response: .json(#"{"id":"\#(id)","status":"rendering"}"#)
        )
        mock.on(
            "GET",
            "/v1/image-projects/\(id)",
            response: .json(
                #"{"id":"\#(id)","status":"complete","downloads":[{"url":"https://o.example/\#(id).png"}]}"#
            )
        )
        mock.on("GET", "/\(id).png", response: .data(pngBytes))
    }

    func testEventsEndWithTheResultAndProgressNeverDecreases() async throws {
        stubJob("a")
        var fractions: [Double] = []
        var files: [String] = []
        var texts: [String] = []
        for try await event in try clients.magicHour().headshots.events(for: request, options: clients.options) {
            fractions.append(event.fractionCompleted)
            texts.append("\(event)")
            if case .finished(let result) = event { files = result.files.map(\.lastPathComponent) }
        }
        XCTAssertEqual(files, ["headshot-a-1.png"])
        XCTAssertEqual(fractions, fractions.sorted())
        XCTAssertEqual(fractions.last, 1)
        XCTAssertEqual(texts.last, "100 %: Finished job a (magic-hour, ai-headshot-generator)")
        XCTAssertFalse(texts.joined().contains("o.example"), texts.joined())
        XCTAssertEqual(
            clients.body(0),
            #"{"assets":{"image_file_path":"api-assets/me.png"},"style":{"prompt":"navy suit"}}"#
        )
    }

    func testEventsThrowTheErrorOfTheWorkflow() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .status(422))
        let error = try await failure {
            for try await _ in try clients.magicHour().headshots.events(for: request) {}
        }
        XCTAssertEqual(error.code, .invalidRequest)
    }

    func testWorkflowIsCanceledIfTheLoopEnds() async throws {
        var configuration = clients.configuration
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        configuration.jobStore = store
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
        mock.on("GET", "/v1/image-projects/a", times: 0...1, response: .never)
        for try await event in magicHour.headshots.events(for: request, options: clients.options) {
            if case .progress(.submitted?, _) = event { break }
        }
        // A workflow that goes on holds the claim on the job's record.
        let record = try await unwrap(await store.records().first)
        try await eventually(try await store.claim(record.id) != nil)
    }

    func testDescriptionOfAnUpdateWithAnImpossibleFractionIsText() {
        for fraction in [Double.nan, .infinity, -.infinity, 1e300] {
            let update = GenerationUpdate<MagicHour.ImageProject>.progress(nil, fractionCompleted: fraction)
            XCTAssertEqual("\(update)", "0 %")
        }
    }

    func testJobIsResumedAsEvents() async throws {
        mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/a.png"}]}"#)
        )
        mock.on("GET", "/a.png", response: .data(pngBytes))
        let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a")
        var last: GenerationUpdate<MagicHour.ImageProject>?
        for try await event in try clients.magicHour().headshots.events(resuming: job, options: clients.options) {
            last = event
        }
        guard case .finished(let result) = last else { return XCTFail("\(String(describing: last))") }
        XCTAssertEqual(result.job, job)
    }

    func testResultsArriveWithTheIndexAndTheOptionsOfTheirRequests() async throws {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        for id in ["a", "b"] {
            mock.on(
                "POST",
                "/v1/ai-headshot-generator",
                bodyMatches: { String(decoding: $0, as: UTF8.self).contains("/\(id).png") },
                response: .json(#"{"id":"\#(id)"}"#)
            )
        }
        let requests = ["a", "b"].map { id in
            var options = GenerationOptions(waitForCompletion: false, downloadDirectory: clients.directory)
            options.reference = "order-\(id)"
            mock.on("GET", "/v1/image-projects/\(id)", response: .json(#"{"id":"\#(id)","status":"queued"}"#))
            return (request: MagicHour.HeadshotRequest(photo: MediaSource("api-assets/\(id).png")), options: options)
        }
        var jobs: [Int: String] = [:]
        let submitted = Locked<[Int: String]>([:])
        let results = magicHour.headshots.results(for: requests, maximumConcurrency: 2) { index, event in
            if case .submitted(let job) = event { submitted.withLock { $0[index] = job.id } }
        }
        for try await (index, result) in results { jobs[index] = try result.get().job.id }
        XCTAssertEqual(jobs, [0: "a", 1: "b"])
        XCTAssertEqual(submitted.withLock { $0 }, jobs)
        let references = try await magicHour.jobs.unfinished().map { [$0.job?.id, $0.reference] }
        XCTAssertEqual(Set(references), [["a", "order-a"], ["b", "order-b"]])
    }

    func testProgressFollowsTheEstimateAndStaysBelowTheDownloads() {
        var progress = GenerationProgress()
        let job = JobHandle(service: .magicHour, operation: "o", id: "a")
        progress.note(.uploading(TransferProgress(completed: 5, total: 10)), at: .zero)
        XCTAssertEqual(progress.fraction, 0.05, accuracy: 0.001)
        progress.note(.submitted(job), at: .seconds(1))
        progress.expect(.seconds(10), at: .seconds(1))
        progress.update(at: .seconds(11))
        XCTAssertEqual(progress.fraction, 0.738, accuracy: 0.001)
        progress.update(at: .seconds(100_000))
        XCTAssertLessThanOrEqual(progress.fraction, 0.9)
        progress.note(.downloading(output: 1, of: 2, TransferProgress(completed: 4, total: 4)), at: .seconds(12))
        XCTAssertEqual(progress.fraction, 0.95, accuracy: 0.001)
        progress.note(.downloading(output: .max, of: .max, TransferProgress(completed: .max, total: 1)), at: .zero)
        XCTAssertLessThanOrEqual(progress.fraction, 1)
    }

    func testLoopOfACanceledTaskThrowsCancellationError() async throws {
        let isRunning = Locked(false)
        let sequence = WorkflowSequence<Int> { continuation in
            continuation.yield(1)
            isRunning.withLock { $0 = true }
            defer { isRunning.withLock { $0 = false } }
            while true { try await Task.sleep(for: .seconds(60)) }
        }
        let seen = Locked(0)
        let loop = Task { for try await number in sequence { seen.withLock { $0 = number } } }
        try await eventually(seen.withLock { $0 } == 1 && isRunning.withLock { $0 })
        loop.cancel()
        let error = await thrown { try await loop.value }
        XCTAssertTrue(error is CancellationError, "\(String(describing: error))")
        XCTAssertFalse(isRunning.withLock { $0 }, "The call has ended before the loop.")
    }

    func testTransferEventsAreNotRepeatedAndAtMostTenASecond() {
        var filter = TransferEventFilter()
        let start = ContinuousClock.now
        func admit(_ completed: Int64, _ milliseconds: Int) -> Bool {
            let progress = TransferProgress(completed: completed, total: 100)
            return filter.admit(.uploading(progress), at: start + .milliseconds(milliseconds))
        }
        XCTAssertTrue(admit(0, 0))
        XCTAssertFalse(admit(0, 500), "An event without progress is not reported.")
        XCTAssertFalse(admit(10, 50))
        XCTAssertTrue(admit(20, 150))
        XCTAssertTrue(admit(100, 160), "The end is always reported.")
        XCTAssertTrue(filter.admit(.status("queued"), at: start))
    }
}
