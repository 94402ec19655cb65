import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A second call with the reference of the first one, for example of a queue that delivers a message twice.
final class ReferencePolicyTests: MockTestCase {
    private let request = MagicHour.HeadshotRequest(photo: "api-assets/me.png")
    private let create = "/v1/ai-headshot-generator"
    private let project = "/v1/image-projects/a"
    private let complete = #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#

    private func magicHour() throws -> MagicHour {
        try MagicHour(apiKey: "mhk_live_secret", configuration: configuration())
    }

    private func configuration() throws -> ClientConfiguration {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        return configuration
    }

    private func options(_ policy: GenerationOptions.ReferencePolicy, _ reference: String? = "order 1")
        -> GenerationOptions
    {
        var options = clients.options
        options.reference = reference
        options.referencePolicy = policy
        return options
    }

    private var creates: Int { mock.requests.filter { $0.url.path == create }.count }
    private var downloads: Int { mock.requests.filter { $0.url.path == "/1.png" }.count }

    private func records() async throws -> [JobRecord] { try await magicHour().jobs.store().records() }

    private func stubDelivery(creates: Int = 1, polls: Int = 1) {
        mock.on("POST", create, times: creates, response: .json(#"{"id":"a"}"#))
        mock.on("GET", project, times: polls, response: .json(complete))
        mock.on("GET", "/1.png", times: creates, response: .data(pngBytes))
    }

    // MARK: Unfinished jobs

    func testUnfinishedJobIsFinishedInPlaceOfASecondOne() async throws {
        for policy in [GenerationOptions.ReferencePolicy.resumeUnfinished, .once(for: .seconds(60))] {
            let before = creates
            stubDelivery()
            // The first call may have had another policy.
            let job = try await magicHour().headshots.submit(request, options: options(.any, "\(policy)"))
            let events = Locked<[GenerationEvent]>([])
            let result = try await magicHour().headshots.generate(request, options: options(policy, "\(policy)")) {
                event in
                events.withLock { $0.append(event) }
            }
            XCTAssertEqual(result.job, job)
            XCTAssertEqual(result.project.status, .complete)
            XCTAssertEqual(result.files.map { $0.pathExtension }, ["png"])
            for file in result.files { try FileManager.default.removeItem(at: file) }
            XCTAssertEqual(events.withLock { $0.first }, .resumed(job))
            XCTAssertEqual(creates, before + 1)
            try await assertEqual(await magicHour().jobs.unfinished(), [])
        }
    }

    func testSecondSubmitReturnsTheSameJob() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        var jobs: [JobHandle] = []
        for _ in 0..<2 {
            jobs.append(try await magicHour().headshots.submit(request, options: options(.resumeUnfinished)))
        }
        XCTAssertEqual(jobs[0], jobs[1])
        XCTAssertEqual(creates, 1)
        try await assertEqual(await records().count, 1)
    }

    func testAnotherReferenceOperationOrServiceCreatesAJob() async throws {
        mock.on("POST", create, times: 2, response: .json(#"{"id":"a"}"#))
        mock.on("POST", "/v1/ai-image-generator", response: .json(#"{"id":"b"}"#))
        mock.on("POST", "/api/v6/image_editing/head_shot", response: .json(#"{"status":"processing","id":7}"#))
        let policy = GenerationOptions.ReferencePolicy.resumeUnfinished
        try await magicHour().headshots.submit(request, options: options(policy))
        try await magicHour().headshots.submit(request, options: options(policy, "order 2"))
        XCTAssertEqual(creates, 2)
        let image = MagicHour.ImageRequest(prompt: "a portrait")
        try await assertEqual(await magicHour().images.submit(image, options: options(policy)).id, "b")
        let modelsLab = try ModelsLab(apiKey: "ml-secret", configuration: configuration())
        let headshot = ModelsLab.HeadshotRequest(prompt: "navy suit", faceImage: "https://a.example/me.png")
        try await assertEqual(await modelsLab.headshots.submit(headshot, options: options(policy)).id, "7")
    }

    func testUnconfirmedJobPreventsASecondOne() async throws {
        mock.on("POST", create, response: .status(500))
        for _ in 0..<2 {
            let error = try await failure {
                try await magicHour().headshots.submit(request, options: options(.resumeUnfinished))
            }
            XCTAssertEqual(error.code, .submissionUnconfirmed)
            XCTAssertEqual(error.submission, .unconfirmed)
        }
        XCTAssertEqual(creates, 1)
        let record = try await unwrap(await magicHour().jobs.unfinished().first)
        try await magicHour().jobs.discard(record)
        mock.on("POST", create, response: .json(#"{"id":"b"}"#))
        try await assertEqual(await magicHour().headshots.submit(request, options: options(.resumeUnfinished)).id, "b")
    }

    func testFailedJobMayBeCreatedAgain() async throws {
        for policy in [GenerationOptions.ReferencePolicy.resumeUnfinished, .once(for: .seconds(60))] {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            mock.on("GET", project, response: .json(#"{"id":"a","status":"error"}"#))
            let error = try await failure {
                try await magicHour().headshots.generate(request, options: options(policy))
            }
            XCTAssertEqual(error.code, .jobFailed)
            stubDelivery()
            _ = try await magicHour().headshots.generate(request, options: options(policy))
            for record in try await records() { try await magicHour().jobs.discard(record) }
        }
        XCTAssertEqual(creates, 4)
    }

    func testCallsAtTheSameTimeCreateOneJob() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        let clients = try (0..<20).map { _ in try magicHour() }
        let options = options(.resumeUnfinished)
        let jobs = try await withThrowingTaskGroup(of: String?.self) { [request] group in
            for client in clients {
                group.addTask {
                    do { return try await client.headshots.submit(request, options: options).id } catch let error
                        as HeadshotKitError
                    {
                        guard error.code == .jobInUse, error.submission == .notSent else { throw error }
                        return nil
                    }
                }
            }
            return try await group.reduce(into: [String]()) { jobs, job in job.map { jobs.append($0) } }
        }
        XCTAssertEqual(Set(jobs), ["a"])
        XCTAssertEqual(creates, 1)
        try await assertEqual(await records().count, 1)
    }

    // MARK: Delivered jobs

    func testDeliveredJobIsReturnedAgainWithItsFiles() async throws {
        stubDelivery(polls: 3)
        let first = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        let record = try await unwrap(await records().first)
        XCTAssertTrue(record.isDelivered)
        XCTAssertNotNil(record.deliveredAt)
        let second = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        XCTAssertEqual(second, first)
        XCTAssertEqual(creates, 1)
        XCTAssertEqual(downloads, 1)
        try await assertEqual(await records(), [record], "The time of the delivery stays the same.")

        try FileManager.default.removeItem(at: first.files[0])
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let third = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        XCTAssertEqual(third, first)
        XCTAssertEqual(downloads, 2)
        XCTAssertEqual(creates, 1)
    }

    func testDeliveredJobIsNeitherUnfinishedNorResumed() async throws {
        stubDelivery()
        _ = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        let requests = mock.requests.count
        try await assertEqual(await magicHour().jobs.unfinished(), [])
        try await assertEqual(await collect(magicHour().jobs.resumeAll()).count, 0)
        let body = Data(#"{"type":"image.completed","payload":\#(complete)}"#.utf8)
        let event = try MagicHour.WebhookVerifier(secret: "whsec")
            .event(body: body, headers: WebhookSigner(secret: "whsec").headers(for: body))
        try await assertEqual(await magicHour().jobs.resume(event), .notOurs)
        XCTAssertEqual(mock.requests.count, requests)
        try await assertEqual(await records().count, 1)
    }

    func testJobThatIsDeliveredByAResumptionIsRemembered() async throws {
        stubDelivery(polls: 2)
        try await magicHour().headshots.submit(request, options: options(.once(for: .seconds(60))))
        try await assertEqual(await collect(magicHour().jobs.resumeAll(options: clients.options)).count, 1)
        let result = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        XCTAssertEqual(result.job.id, "a")
        XCTAssertEqual(creates, 1)
    }

    func testDeliveredJobThatTheServiceDeletedIsNotCreatedAgain() async throws {
        stubDelivery()
        _ = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        mock.on(
            "GET",
            project,
            response: .json(#"{"id":"a","status":"error","credits_charged":0,"downloads":[],"error":null}"#)
        )
        mock.on("GET", project, times: 1...100, response: .status(404))
        for code in [HeadshotKitError.Code.jobFailed, .notFound] {
            let error = try await failure {
                try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
            }
            XCTAssertEqual(error.job?.id, "a", "\(error)")
            XCTAssertEqual(error.code, code)
        }
        XCTAssertEqual(creates, 1)
    }

    func testReferenceMayBeUsedAgainAfterItsTime() async throws {
        for duration in [Duration.zero, .seconds(-1)] {
            let before = creates
            stubDelivery(creates: 2, polls: 2)
            _ = try await magicHour().headshots.generate(request, options: options(.once(for: duration)))
            _ = try await magicHour().headshots.generate(request, options: options(.once(for: duration)))
            XCTAssertEqual(creates, before + 2)
        }
        try await assertEqual(await collect(magicHour().jobs.resumeAll()).count, 0)
        try await assertEqual(await records(), [], "resumeAll() removes expired records.")
        // A duration can be any value.
        for duration in [Duration.seconds(Int64.max), .seconds(Int64.min)] {
            stubDelivery()
            _ = try await magicHour().headshots.generate(request, options: options(.once(for: duration), "\(duration)"))
        }
        _ = try await collect(magicHour().jobs.resumeAll())
        try await assertEqual(await records().count, 1)
    }

    func testDeliveredJobDoesNotPreventAnotherPolicy() async throws {
        stubDelivery(creates: 2, polls: 2)
        _ = try await magicHour().headshots.generate(request, options: options(.once(for: .seconds(60))))
        _ = try await magicHour().headshots.generate(request, options: options(.resumeUnfinished))
        XCTAssertEqual(creates, 2)
        try await assertEqual(await records().count, 1)
    }

    // MARK: The reference in results

    // MARK: Claims with a time limit

    func testCreateIsNotSentIfAnotherWorkerTookTheReferenceOver() async throws {
        for policy in [GenerationOptions.ReferencePolicy.resumeUnfinished, .once(for: .seconds(60))] {
            let directory = clients.directory.appendingPathComponent("jobs \(policy)")
            let store = TakenOverStore(store: try FileJobStore(directory: directory))
            var configuration = clients.configuration
            configuration.jobStore = store
            let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
            let error = try await failure { try await magicHour.headshots.submit(request, options: options(policy)) }
            XCTAssertEqual(error.code, .jobInUse)
            XCTAssertEqual(error.submission, .notSent)
            XCTAssertEqual(creates, 0)
            let records = try await store.records()
            XCTAssertEqual(records.map(\.id), [store.rival], "Only the other worker's record is left.")
        }
    }

    func testResultsAndErrorsCarryTheReference() async throws {
        mock.on("POST", create, response: .json(#"{"id":"b"}"#))
        stubDelivery()
        for order in ["order 1", "order 2"] {
            try await magicHour().headshots.submit(request, options: options(.any, order))
        }
        let records = try await records()
        mock.on("GET", "/v1/image-projects/b", response: .json(#"{"id":"b","status":"error"}"#))
        let error = try await failure { try await magicHour().jobs.resume(records[0]) }
        XCTAssertEqual(error.code, .jobFailed)
        XCTAssertEqual(error.reference, "order 1")
        let delivered = try await magicHour().jobs.resume(records[1], options: clients.options)
        XCTAssertEqual(delivered.reference, "order 2")
    }

    // MARK: Configuration

    func testPolicyWithoutReferenceOrStoreIsRejected() async throws {
        let withoutReference = try await failure {
            try await magicHour().headshots.submit(request, options: options(.resumeUnfinished, nil))
        }
        let withoutStore = try await failure {
            try await clients.magicHour().headshots.generate(request, options: options(.once(for: .seconds(1))))
        }
        for error in [withoutReference, withoutStore] {
            XCTAssertEqual(error.code, .invalidConfiguration)
            XCTAssertTrue(error.description.contains("needs a reference and a job store"), error.description)
        }
        XCTAssertEqual(mock.requests.count, 0)
    }
}

/// A store in which another worker saves an intent with the same reference just before each intent.
private struct TakenOverStore: JobStore {
    let store: FileJobStore
    let rival = UUID()

    func save(_ record: JobRecord) async throws {
        let json = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        let rivalJSON = json.replacingOccurrences(of: record.id.uuidString, with: rival.uuidString)
        try await store.save(try JSONDecoder().decode(JobRecord.self, from: Data(rivalJSON.utf8)))
        try await store.save(record)
    }

    func remove(_ id: UUID) async throws { try await store.remove(id) }
    func record(_ id: UUID) async throws -> JobRecord? { try await store.record(id) }
    func record(for job: JobHandle) async throws -> JobRecord? { try await store.record(for: job) }
    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] {
        try await store.records(of: service, reference: reference)
    }
    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        try await store.records(after: id, limit: limit)
    }
    func claim(_ id: UUID) async throws -> (any JobClaim)? { try await store.claim(id) }
}
