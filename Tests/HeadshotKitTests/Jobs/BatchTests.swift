import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class BatchTests: MockTestCase {
    private let complete = #"{"status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#

    private func requests(_ count: Int) -> [MagicHour.HeadshotRequest] {
        (0..<count).map { .init(assets: .init(imageFilePath: "api-assets/\($0).png")) }
    }

    func testFailedRequestDoesNotStopOthersAndResultsKeepOrder() async throws {
        let options = GenerationOptions(downloadOutputs: false)
        for number in 0..<5 {
            clients.mock.on(
                "POST",
                "/v1/ai-headshot-generator",
                bodyMatches: { String(decoding: $0, as: UTF8.self).contains("/\(number).png") },
                response: number == 2 ? .status(422) : .json(#"{"id":"job\#(number)"}"#)
            )
            if number != 2 {
                clients.mock.on("GET", "/v1/image-projects/job\(number)", response: .json(complete))
            }
        }
        var arrived: [Int] = []
        let results = try await clients.magicHour().headshots.generate(
            requests(5),
            maximumConcurrency: 2,
            options: options,
            onResult: { index, _ in arrived.append(index) }
        )
        XCTAssertEqual(results.map { try? $0.get().job.id }, ["job0", "job1", nil, "job3", "job4"])
        XCTAssertEqual(arrived.sorted(), [0, 1, 2, 3, 4])
        XCTAssertThrowsError(try results[2].get()) { XCTAssertEqual(($0 as? HeadshotKitError)?.code, .invalidRequest) }
    }

    func testConcurrentRequestsStayWithinLimit() async throws {
        let clients = makeClients()
        clients.mock.on("POST", "/v1/ai-headshot-generator", times: 1...10, response: .never)
        let magicHour = try clients.magicHour()
        let requests = requests(10)
        let task = Task {
            try await magicHour.headshots.generate(requests, maximumConcurrency: 3, options: clients.options)
        }
        try await eventually(clients.mock.requests.count >= 3)
        for _ in 0..<100 { await Task.yield() }
        XCTAssertEqual(clients.mock.requests.count, 3)
        task.cancel()
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
    }

    func testFirstJobsAreCreatedBeforeLastUploadsBegin() async throws {
        let clients = makeClients()
        clients.mock.on("POST", "/v1/files/upload-urls", times: 1...100, response: .never)
        let magicHour = try clients.magicHour()
        let photo = MediaSource.data(SampleMedia.portraitPNG(width: 16, height: 16))
        let requests = [MagicHour.HeadshotRequest](repeating: .init(photo: photo), count: 100)
        let task = Task {
            try await magicHour.headshots.generate(requests, maximumConcurrency: 100, options: clients.options)
        }
        try await eventually(clients.mock.requests.count >= 32)
        for _ in 0..<1_000 { await Task.yield() }
        XCTAssertEqual(clients.mock.requests.count, 32)
        task.cancel()
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
    }

    func testCreatedJobsDoNotDelayOthers() async throws {
        let clients = makeClients()
        clients.mock.on("POST", "/v1/ai-headshot-generator", times: 100, response: .json(#"{"id":"job"}"#))
        clients.mock.on("GET", "/v1/image-projects/job", times: 1...100, response: .never)
        let magicHour = try clients.magicHour()
        let requests = requests(100)
        let task = Task {
            try await magicHour.headshots.generate(requests, maximumConcurrency: 100, options: clients.options)
        }
        try await eventually(clients.mock.requests.count == 200)
        task.cancel()
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
    }

    func testGenerateAcceptsAnyConcurrency() async throws {
        for limit in [Int.max, Int.max - 1, 1_000_000_000_000, 10, 1, 0, -1, Int.min] {
            let clients = makeClients()
            clients.mock.on("POST", "/v1/ai-headshot-generator", times: 1...10, response: .never)
            let magicHour = try clients.magicHour()
            let requests = requests(10)
            let task = Task { try await magicHour.headshots.generate(requests, maximumConcurrency: limit) }
            let expected = min(max(1, limit), 10)
            try await eventually(clients.mock.requests.count >= expected)
            for _ in 0..<50 { await Task.yield() }
            XCTAssertEqual(clients.mock.requests.count, expected, "\(limit)")
            task.cancel()
            let error = await thrown { try await task.value }
            XCTAssertTrue(error is CancellationError, "\(limit)")
        }
    }

    func testResumeAllAcceptsAnyConcurrency() async throws {
        let storeDirectory = clients.directory.appendingPathComponent("jobs")
        defer {
            do { try FileManager.default.removeItem(at: clients.directory) } catch { XCTFail("\(error)") }
        }
        for limit in [Int.max, 0, -1, Int.min] {
            let clients = makeClients()
            let store = try FileJobStore(directory: storeDirectory)
            var configuration = clients.configuration
            configuration.jobStore = store
            let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
            for number in 0..<3 {
                clients.mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"job\#(number)"}"#))
                try await magicHour.headshots.submit(requests(1)[0])
                clients.mock.on("GET", "/v1/image-projects/job\(number)", response: .json(complete))
            }
            let options = GenerationOptions(downloadOutputs: false, downloadDirectory: clients.directory)
            let outcomes = try await collect(magicHour.jobs.resumeAll(maximumConcurrency: limit, options: options))
            XCTAssertEqual(
                try outcomes.map { try $0.result.get().job.id }.sorted(),
                ["job0", "job1", "job2"],
                "\(limit)"
            )
            // The outputs are not saved yet.
            let records = try await store.records()
            XCTAssertEqual(records.map(\.job?.id), ["job0", "job1", "job2"], "\(limit)")
            for record in records { try await magicHour.jobs.discard(record) }
        }
    }

    func testNoRequestsReturnNoResults() async throws {
        let results = try await clients.magicHour().headshots.generate([])
        XCTAssertEqual(results.count, 0)
    }
}
