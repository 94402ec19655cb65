import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A create is not retried after its caller is canceled.
final class CreateCancellationTests: MockTestCase {
    private let clock = ManualClock()
    private let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "https://a.example/me.png"))
    private let create = "/v1/ai-headshot-generator"

    private func magicHour(_ store: (any JobStore)? = nil) throws -> MagicHour {
        var configuration = clients.configuration
        configuration.clock = clock
        configuration.jobStore = store
        return try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    func testCancellationEndsWaitForNextAttempt() async throws {
        mock.on("POST", create, response: .status(503, headers: ["Retry-After": "5"]))
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let headshots = try magicHour(store).headshots
        let request = request
        let task = Task { try await headshots.submit(request) }
        try await clock.waitForSleep(of: .seconds(5))
        task.cancel()
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
        XCTAssertEqual(mock.requests.count, 1)
        try await assertEqual(await store.records(), [], "The request was not accepted, so no record remains.")
    }

    func testCancellationBeforeFirstAttemptSendsNothing() async throws {
        let store = SlowStore(clock: clock)
        let headshots = try magicHour(store).headshots
        let request = request
        let task = Task { try await headshots.submit(request) }
        try await clock.waitForSleep(of: .seconds(1))
        task.cancel()
        clock.advance(by: .seconds(1))
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
        XCTAssertEqual(mock.requests, [])
    }

    func testResponseAfterCancellationReachesStoreAndEvents() async throws {
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        var configuration = clients.configuration
        configuration.clock = clock
        configuration.jobStore = store
        configuration.transport = ScriptedTransport.afterASecond(status: 200, body: #"{"id":"a"}"#, clock: clock)
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let request = request
        let events = Locked<[String]>([])
        let task = Task {
            try await headshots.submit(request) { event in events.withLock { $0.append(event.description) } }
        }
        try await clock.waitForSleep(of: .seconds(1))
        task.cancel()
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
        try await assertEqual(await store.records().map(\.state), [.accepted])
        try await assertEqual(await store.records().map(\.job?.id), ["a"])
        XCTAssertEqual(events.withLock { $0 }, ["Created job a (magic-hour, ai-headshot-generator)"])
    }

    func testFailureAfterCancellationReachesStore() async throws {
        for (status, states) in [(500, [JobRecord.State.unconfirmed]), (402, [])] {
            let clock = ManualClock()
            let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs-\(status)"))
            var configuration = clients.configuration
            configuration.clock = clock
            configuration.jobStore = store
            configuration.transport = ScriptedTransport.afterASecond(status: status, clock: clock)
            let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
            let request = request
            let task = Task { try await headshots.submit(request) }
            try await clock.waitForSleep(of: .seconds(1))
            task.cancel()
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(1))
            let error = await thrown { try await task.value }
            XCTAssertTrue(error is CancellationError)
            try await assertEqual(await store.records().map(\.state), states, "\(status)")
        }
    }

    func testRejectedCreateAfterCancellationThrowsCancellationError() async throws {
        var configuration = clients.configuration
        configuration.clock = clock
        configuration.transport = ScriptedTransport.afterASecond(status: 402, clock: clock)
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let request = request
        let task = Task { try await headshots.submit(request) }
        try await clock.waitForSleep(of: .seconds(1))
        task.cancel()
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError, "\(String(describing: error))")
    }

    func testResponseAfterGracePeriodReachesStore() async throws {
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        var configuration = clients.configuration
        configuration.clock = clock
        configuration.jobStore = store
        configuration.transport = ScriptedTransport.ignoringCancellation(clock)
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let request = request
        let task = Task { try await headshots.submit(request) }
        try await clock.waitForSleep(of: .seconds(11))
        task.cancel()
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(10))
        clock.advance(by: .seconds(1))
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError, "\(String(describing: error))")
        try await assertEqual(await store.records().map(\.job?.id), ["a"])
    }

    func testCreateWithoutWorkflowWaitsForResponseAfterCancellation() async throws {
        mock.on("POST", create, response: .never)
        let headshots = try magicHour().headshots
        let request = request
        let task = Task { try await headshots.create(request) }
        try await eventually(!mock.requests.isEmpty)
        task.cancel()
        await clock.waitForSleepers()
        XCTAssertEqual(clock.sleeps.last, .seconds(10))
        clock.advance(by: .seconds(10))
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError)
    }

    func testCreateIsNotRetriedAfterDeadline() async throws {
        mock.on("POST", create, response: .status(429, headers: ["Retry-After": "30"]))
        var options = clients.options
        options.deadline = .seconds(20)
        let error = try await failure { [options] in
            try await magicHour().headshots.generate(request, options: options)
        }
        XCTAssertEqual(error.code, .rateLimited)
        XCTAssertEqual(error.submission, .rejected)
        XCTAssertEqual(mock.requests.count, 1)
    }

    func testCreateIsNotSentWhenUploadEndsAtDeadline() async throws {
        let started = Locked(false)
        var configuration = clients.configuration
        configuration.clock = clock
        configuration.transport = ScriptedTransport.lateUpload(started)
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let task = Task {
            try await headshots.submit(
                .init(assets: .init(imageFilePath: .data(pngBytes))),
                options: GenerationOptions(deadline: .seconds(5))
            )
        }
        try await eventually(started.withLock { $0 })
        clock.advance(by: .seconds(5))
        let error = try await failure { try await task.value }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertEqual(error.submission, .notSent)
    }

    func testCreateIsUnconfirmedAfterUnknownTransportError() async throws {
        struct Broken: Error {}
        var configuration = clients.configuration
        configuration.transport = ScriptedTransport { _ in throw Broken() }
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let error = try await failure { try await headshots.create(request) }
        XCTAssertEqual(error.submission, .unconfirmed)
    }
}

extension ManualClock {
    /// Waits until a task sleeps for the given duration. The deadline sleeps earlier and for another duration.
    fileprivate func waitForSleep(of duration: Duration) async throws {
        try await eventually(sleeps.contains(duration))
    }
}

/// A store that needs one second to save a record and ignores cancellation.
private struct SlowStore: JobStore {
    let clock: ManualClock

    func save(_ record: JobRecord) async throws {
        let clock = clock
        try await Task { try await clock.sleep(for: .seconds(1)) }.value
    }

    func remove(_ id: UUID) async throws {}
    func record(_ id: UUID) async throws -> JobRecord? { nil }
    func record(for job: JobHandle) async throws -> JobRecord? { nil }
    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] { [] }
    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] { [] }
    func claim(_ id: UUID) async throws -> (any JobClaim)? { Claim() }

    private struct Claim: JobClaim {
        func release() async {}
    }
}

/// A transport whose responses come from a closure.
private struct ScriptedTransport: Transport {
    let response: @Sendable (TransportRequest) async throws -> TransportResponse

    static func afterASecond(status: Int, body: String = "", clock: ManualClock) -> ScriptedTransport {
        ScriptedTransport { _ in
            try await clock.sleep(for: .seconds(1))
            return TransportResponse(status: status, body: Data(body.utf8))
        }
    }

    /// Responds after 11 s and ignores cancellation.
    static func ignoringCancellation(_ clock: ManualClock) -> ScriptedTransport {
        ScriptedTransport { _ in
            try await Task { try await clock.sleep(for: .seconds(11)) }.value
            return TransportResponse(status: 200, body: Data(#"{"id":"a"}"#.utf8))
        }
    }

    /// Completes an upload when its task is canceled.
    static func lateUpload(_ started: Locked<Bool>) -> ScriptedTransport {
        ScriptedTransport { request in
            if request.url.path.hasSuffix("upload-urls") {
                let uploadURLs = #"{"items":[{"upload_url":"https://up.example/1","file_path":"api-assets/1.png"}]}"#
                return TransportResponse(status: 200, body: Data(uploadURLs.utf8))
            }
            started.withLock { $0 = true }
            while request.method == "PUT", !Task.isCancelled { await Task.yield() }
            return TransportResponse(status: 200, body: Data(#"{"id":"a"}"#.utf8))
        }
    }

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse { try await response(request) }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse { try await response(request) }
}
