import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A failing store does not change what an error says about a job and its charge.
final class StoreFailureTests: MockTestCase {
    private var storeDirectory: URL { clients.directory.appendingPathComponent("jobs") }
    private let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "https://a.example/me.png"))
    private let create = "/v1/ai-headshot-generator"

    private func magicHour(_ store: any JobStore) throws -> MagicHour {
        var configuration = clients.configuration
        configuration.jobStore = store
        return try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    private func stubAccepted() {
        mock.on("POST", create, response: .json(#"{"id":"a","credits_charged":50}"#))
    }

    private func stubComplete() {
        mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1"}]}"#)
        )
    }

    private struct Unavailable: Error {}

    func testLostResponseIsUnconfirmedWhenStoreCannotSave() async throws {
        let store = try FailingStore(storeDirectory, onSave: { if $0.state != .intended { throw Unavailable() } })
        mock.on("POST", create, response: .failure(TransportError(.connectionLost, "lost", mayHaveBeenReceived: true)))
        let error = try await failure {
            try await magicHour(store).headshots.generate(request, options: clients.options)
        }
        XCTAssertEqual(error.submission, .unconfirmed)
        try await assertEqual(await store.inner.records().map(\.state), [.intended])
    }

    func testRejectionIsReportedWhenStoreIsGone() async throws {
        let storeDirectory = storeDirectory
        let store = try FileJobStore(directory: storeDirectory)
        let removeStore: @Sendable (Data) -> Bool = { _ in
            (try? FileManager.default.removeItem(at: storeDirectory)) != nil
        }
        mock.on("POST", create, bodyMatches: removeStore, response: .status(402))
        let error = try await failure { try await magicHour(store).headshots.submit(request) }
        XCTAssertEqual(error.code, .insufficientCredits)
        XCTAssertEqual(error.submission, .rejected)
    }

    func testJobThatCannotBeStoredIsReportedByEventAndError() async throws {
        let store = try FailingStore(
            storeDirectory,
            onSave: { if $0.job != nil { throw HeadshotKitError(.fileSystem, "the database is unavailable") } }
        )
        stubAccepted()
        let events = Locked<[GenerationEvent]>([])
        let error = try await failure {
            try await magicHour(store).headshots.submit(request) { event in events.withLock { $0.append(event) } }
        }
        XCTAssertEqual(error.job?.id, "a")
        XCTAssertEqual(events.withLock { $0 }, error.job.map { [.submitted($0)] })
        try await assertEqual(await store.inner.records().map(\.state), [.intended])
    }

    func testJobIsDeliveredWhenStoreFailsAfterIntent() async throws {
        let full = POSIXError(.ENOSPC)
        let failures: [any Error] = [
            Unavailable(), full, HeadshotKitError(.fileSystem, "unavailable"),
            HeadshotKitError(.network, "unavailable"),
        ]
        for failure in failures {
            let store = try FailingStore(storeDirectory, onSave: { if $0.state != .intended { throw failure } })
            stubAccepted()
            stubComplete()
            mock.on("GET", "/1", response: .data(pngBytes))
            let result = try await magicHour(store).headshots.generate(request, options: clients.options)
            XCTAssertEqual(result.files.count, 1)
            try await assertEqual(await store.inner.records(), [], "The record of a delivered job is removed.")
        }
    }

    func testUnsavedIDIsSavedBeforeFirstPoll() async throws {
        let store = try storeThatFailsToSaveFirstID()
        stubAccepted()
        let inner = store.inner
        let seen = Locked<[String]>([])
        let inspect: @Sendable (Data) -> Bool = { _ in
            let records = recordsOnDisk(in: inner.directory)
            seen.withLock { $0 += records.map { "\($0.state) \($0.job?.id ?? "-")" } }
            return true
        }
        mock.on("GET", "/v1/image-projects/a", bodyMatches: inspect, response: .json(#"{"id":"a","status":"error"}"#))
        _ = try await failure { try await magicHour(store).headshots.generate(request, options: clients.options) }
        XCTAssertEqual(seen.withLock { $0 }, ["accepted a"], "The ID is saved before the first poll.")
    }

    private func storeThatFailsToSaveFirstID() throws -> FailingStore {
        let hasFailed = Locked(false)
        return try FailingStore(
            storeDirectory,
            onSave: { record in
                let fails = hasFailed.withLock { hasFailed in
                    defer { if record.job != nil { hasFailed = true } }
                    return record.job != nil && !hasFailed
                }
                if fails { throw Unavailable() }
            }
        )
    }

    func testUnsavedIDIsSavedWhenCallFails() async throws {
        let isFull = Locked(true)
        let store = try FailingStore(
            storeDirectory,
            onSave: { if $0.job != nil, isFull.withLock({ $0 }) { throw Unavailable() } }
        )
        stubAccepted()
        let makeSpace: @Sendable (Data) -> Bool = { _ in
            isFull.withLock {
                $0 = false; return true
            }
        }
        mock.on("GET", "/v1/image-projects/a", bodyMatches: makeSpace, response: .status(401))
        let error = try await failure {
            try await magicHour(store).headshots.generate(request, options: clients.options)
        }
        XCTAssertEqual(error.job?.id, "a")
        try await assertEqual(await store.inner.records().map(\.job?.id), ["a"])
    }

    func testSubmittedJobIsSavedAtSecondAttempt() async throws {
        let store = try storeThatFailsToSaveFirstID()
        stubAccepted()
        let job = try await magicHour(store).headshots.submit(request)
        try await assertEqual(await store.inner.record(for: job)?.job, job)
    }

    func testIDIsWrittenToReservedFile() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        var record = JobRecord(service: .magicHour, operation: "o", request: [:], directory: storeDirectory)
        try await store.save(record)
        let reserve = storeDirectory.appendingPathComponent(".\(record.id.uuidString).reserve")
        let descriptor = open(reserve.path, O_RDONLY)
        defer { close(descriptor) }
        var (before, after) = (stat(), stat())
        XCTAssertEqual(fstat(descriptor, &before), 0)
        record.state = .accepted
        record.job = JobHandle(service: .magicHour, operation: "o", id: String(repeating: "x", count: 2_000))
        try await store.save(record)
        XCTAssertEqual(stat(storeDirectory.appendingPathComponent("\(record.id.uuidString).json").path, &after), 0)
        XCTAssertEqual(before.st_ino, after.st_ino, "The record is the reserved file.")
        XCTAssertFalse(FileManager.default.fileExists(atPath: reserve.path))
        try await assertEqual(await store.records(), [record])
        record.files[1] = "a.png"
        try await store.save(record)
        try await assertEqual(await store.records(), [record])
    }

    func testDeliveredJobSucceedsWhenRecordCannotBeRemoved() async throws {
        let store = try FailingStore(storeDirectory, onRemove: { throw Unavailable() })
        stubAccepted()
        stubComplete()
        mock.on("GET", "/1", response: .data(pngBytes))
        let result = try await magicHour(store).headshots.generate(request, options: clients.options)
        XCTAssertEqual(result.files.count, 1)
        stubComplete()
        let again = try await collect(magicHour(store.inner).jobs.resumeAll())
        XCTAssertEqual(try again[0].result.get().files.map(\.lastPathComponent), ["headshot-a-1.png"])
        try await assertEqual(await store.inner.records(), [])
    }

    func testDeliveredJobSucceedsWhenDeadlinePassesDuringRecordRemoval() async throws {
        let clock = ManualClock()
        let store = try FailingStore(storeDirectory, onRemove: { clock.advance(by: .seconds(40)) })
        stubAccepted()
        stubComplete()
        mock.on("GET", "/1", response: .data(pngBytes))
        var configuration = clients.configuration
        configuration.clock = clock
        configuration.jobStore = store
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        var options = clients.options
        options.deadline = .seconds(30)
        options.polling = .backoff(initial: .seconds(1))
        let task = Task { [request, options] in try await headshots.generate(request, options: options) }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        let result = try await task.value
        XCTAssertEqual(result.files.count, 1)
        try await assertEqual(await store.inner.records(), [])
    }

    func testCancellationWithLastFileEitherDeliversOrKeepsRecord() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        for number in 0..<20 {
            stubAccepted()
            stubComplete()
            mock.on("GET", "/1", response: .data(pngBytes))
            var options = clients.options
            options.existingFiles = .replace
            let headshots = try magicHour(store).headshots
            let calls = Locked<Task<GenerationResult<MagicHour.ImageProject>, any Error>?>(nil)
            let task = Task { [request, options] in
                try await headshots.generate(request, options: options) { event in
                    if case .saved = event { calls.withLock { $0?.cancel() } }
                }
            }
            calls.withLock { $0 = task }
            // Either the job is delivered or its record remains.
            var isDelivered = false
            do { isDelivered = try await task.value.files.count == 1 } catch is CancellationError {}
            let records = try await store.records()
            XCTAssertEqual(records.isEmpty, isDelivered, "\(number)")
            for record in records { try await store.remove(record.id) }
        }
    }

    func testErrorKeepsJobWhenStoreCannotBeRead() async throws {
        let store = try FailingStore(storeDirectory, onRead: { throw Unavailable() })
        let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a")
        let error = try await failure { try await magicHour(store).headshots.resume(job, options: clients.options) }
        XCTAssertEqual(error.submission, .accepted(job))
        XCTAssertFalse(error.description.contains("Nothing was charged"), error.description)
    }

    func testErrorsAboutUnconfirmedJobDoNotSayThatNothingWasCharged() async throws {
        let store = try FailingStore(
            storeDirectory,
            onRemove: { throw HeadshotKitError(.network, "the database is unavailable") }
        )
        mock.on("POST", create, response: .status(500))
        _ = try await failure { try await magicHour(store).headshots.submit(request) }
        let record = try await unwrap(await store.inner.records().first)
        let claim = try await unwrap(await store.inner.claim(record.id))
        let client = try magicHour(store)
        let busy = try await failure { try await client.jobs.resume(record) }
        XCTAssertEqual(busy.code, .jobInUse)
        XCTAssertEqual(busy.submission, .unconfirmed)
        await claim.release()
        let forgetting = try await failure { try await client.jobs.discard(record) }
        XCTAssertEqual(forgetting.submission, .unconfirmed)
        XCTAssertFalse(forgetting.description.contains("Nothing was charged"), forgetting.description)
        XCTAssertTrue(forgetting.description.contains("may have been charged"), forgetting.description)
    }

    func testClaimIsReleasedWhenRecordCannotBeRead() async throws {
        let held = Locked(0)
        struct Claim: JobClaim {
            let held: Locked<Int>
            func release() async { held.withLock { $0 -= 1 } }
        }
        struct Store: WrappingStore {
            let inner: FileJobStore
            let held: Locked<Int>
            func record(_ id: UUID) async throws -> JobRecord? { throw Unavailable() }
            func claim(_ id: UUID) async throws -> (any JobClaim)? {
                held.withLock { $0 += 1 }
                return Claim(held: held)
            }
        }
        let record = JobRecord(
            service: .magicHour,
            operation: "ai-headshot-generator",
            request: [:],
            directory: clients.directory
        )
        let client = try magicHour(Store(inner: FileJobStore(directory: storeDirectory), held: held))
        _ = try await failure { try await client.jobs.resume(record) }
        XCTAssertEqual(held.withLock { $0 }, 0)
    }

    func testRecordThatIsMissedOnceIsKept() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            // A replica of a database may lag.
            func record(_ id: UUID) async throws -> JobRecord? { nil }
        }
        stubAccepted()
        let inner = try FileJobStore(directory: storeDirectory)
        try await magicHour(inner).headshots.submit(request)
        let record = try await unwrap(await inner.records().first)
        let error = try await failure { try await magicHour(Store(inner: inner)).jobs.resume(record) }
        XCTAssertEqual(error.code, .jobInUse)
        try await assertEqual(await inner.records(), [record])
    }

    func testRecordOfNewerVersionIsNotSavedOver() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            // Unlike a database, `FileJobStore` does not return such a record.
            func record(_ id: UUID) async throws -> JobRecord? {
                var record = try await inner.record(id)
                record?.version = JobRecord.currentVersion + 1
                return record
            }
        }
        stubAccepted()
        let inner = try FileJobStore(directory: storeDirectory)
        try await magicHour(inner).headshots.submit(request)
        let record = try await unwrap(await inner.records().first)
        let error = try await failure { try await magicHour(Store(inner: inner)).jobs.resume(record) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertEqual(error.job?.id, "a")
        try await assertEqual(await inner.records(), [record])
    }

    func testErrorOfDatabaseIsDescribed() async throws {
        struct ConnectionClosed: Error, CustomStringConvertible { let description = "the connection to db-1 is closed" }
        struct Store: WrappingStore {
            let inner: FileJobStore
            func save(_ record: JobRecord) async throws { throw ConnectionClosed() }
        }
        let store = Store(inner: try FileJobStore(directory: storeDirectory))
        let error = try await failure { try await magicHour(store).headshots.submit(request) }
        XCTAssertEqual(error.code, .jobStore)
        XCTAssertEqual(error.message, "The job store failed: the connection to db-1 is closed.")
        XCTAssertTrue(error.underlyingError is ConnectionClosed)
    }

    func testCreateWithoutClaimIsNotSent() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            func claim(_ id: UUID) async throws -> (any JobClaim)? { nil }
        }
        let inner = try FileJobStore(directory: storeDirectory)
        let error = try await failure { try await magicHour(Store(inner: inner)).headshots.submit(request) }
        XCTAssertEqual(error.code, .jobInUse)
        XCTAssertEqual(error.submission, .notSent)
        XCTAssertEqual(mock.requests.count, 0)
    }

    func testCancellationOfOneJobDoesNotStopOthers() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            let canceled: UUID
            func claim(_ id: UUID) async throws -> (any JobClaim)? {
                if id == canceled { throw CancellationError() }
                return try await inner.claim(id)
            }
        }
        let inner = try FileJobStore(directory: storeDirectory)
        stubAccepted()
        stubAccepted()
        for _ in 0..<2 { try await magicHour(inner).headshots.submit(request) }
        let first = try await unwrap(await inner.records().first)
        stubComplete()
        mock.on("GET", "/1", response: .data(pngBytes))
        let client = try magicHour(Store(inner: inner, canceled: first.id))
        let outcomes = try await collect(client.jobs.resumeAll(options: clients.options))
        XCTAssertEqual(outcomes.count, 2)
        let failed = try XCTUnwrap(outcomes.first { $0.record.id == first.id })
        XCTAssertThrowsError(try failed.result.get()) { error in
            XCTAssertEqual((error as? HeadshotKitError)?.job?.id, "a")
            XCTAssertEqual((error as? HeadshotKitError)?.code, .jobStore)
        }
        try await assertEqual(await inner.records(), [first])
    }

    func testFailedJobIsReportedWhenRecordCannotBeRemoved() async throws {
        let store = try FailingStore(storeDirectory, onRemove: { throw Unavailable() })
        stubAccepted()
        mock.on("GET", "/v1/image-projects/a", response: .json(#"{"id":"a","status":"error","error":{"code":"x"}}"#))
        let error = try await failure {
            try await magicHour(store).headshots.generate(request, options: clients.options)
        }
        XCTAssertEqual(error.code, .jobFailed)
    }

    func testErrorKeepsJobWhenDownloadDirectoryIsRemoved() async throws {
        stubAccepted()
        stubComplete()
        let directory = clients.directory
        let error = try await failure {
            try await clients.magicHour().headshots.generate(request, options: clients.options) { event in
                guard case .submitted = event else { return }
                do {
                    try FileManager.default.removeItem(at: directory)
                    try Data().write(to: directory)
                } catch { XCTFail("\(error)") }
            }
        }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertEqual(error.job?.id, "a")
    }

    func testPhotoRemovedBeforeCreateLeavesNoIntent() async throws {
        let photo = clients.directory.appendingPathComponent("me.png")
        try FileManager.default.createDirectory(at: clients.directory, withIntermediateDirectories: true)
        try pngBytes.write(to: photo)
        let store = try FailingStore(storeDirectory, onSave: { _ in try FileManager.default.removeItem(at: photo) })
        var configuration = clients.configuration
        configuration.jobStore = store
        let modelsLab = try ModelsLab(apiKey: "ml-secret", imageTransfer: .base64, configuration: configuration)
        let error = try await failure {
            try await modelsLab.headshots.generate(
                .init(prompt: "p", faceImage: .file(photo)),
                options: clients.options
            )
        }
        XCTAssertEqual(error.submission, .notSent)
        try await assertEqual(await store.inner.records(), [])
        XCTAssertEqual(mock.requests, [])
    }

    func testForeignFileIsReportedToEachOfConcurrentWorkers() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        for run in 1...10 {
            for number in 0..<30 {
                try Data("junk".utf8).write(to: storeDirectory.appendingPathComponent("\(number).json"))
            }
            let reported = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await store.quarantinedFiles().count } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            XCTAssertEqual(reported, [Int](repeating: 30 * run, count: 4))
        }
    }

    func testRecordWithHandleOfNewerVersionIsKept() async throws {
        stubAccepted()
        let store = try FileJobStore(directory: storeDirectory)
        try await magicHour(store).headshots.submit(request)
        let id = try await unwrap(await store.records().first?.id)
        let file = storeDirectory.appendingPathComponent("\(id.uuidString).json")
        let text = try String(contentsOf: file, encoding: .utf8)
        let newer = text.replacing(#/"version" : 2\n  }/#, with: "\"version\" : 3\n  }")
        XCTAssertNotEqual(text, newer)
        try Data(newer.utf8).write(to: file)
        try await assertEqual(await store.records(), [])
        let quarantined = try await store.quarantinedFiles()
        XCTAssertEqual(quarantined.map(\.file.lastPathComponent), [file.lastPathComponent])
        XCTAssertTrue(FileManager.default.fileExists(atPath: file.path))
        let unknown = storeDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try Data(#"{"version":4,"job":"a"}"#.utf8).write(to: unknown)
        try await assertEqual(await store.quarantinedFiles().count, 2)
        XCTAssertTrue(FileManager.default.fileExists(atPath: unknown.path))
    }
}

/// A file store with injected failures, such as those of a full disk.
private struct FailingStore: WrappingStore {
    let inner: FileJobStore
    let onSave: @Sendable (JobRecord) throws -> Void
    let onRemove: @Sendable () throws -> Void
    let onRead: @Sendable () throws -> Void

    init(
        _ directory: URL,
        onSave: @escaping @Sendable (JobRecord) throws -> Void = { _ in },
        onRemove: @escaping @Sendable () throws -> Void = {},
        onRead: @escaping @Sendable () throws -> Void = {}
    ) throws {
        inner = try FileJobStore(directory: directory)
        self.onSave = onSave
        self.onRemove = onRemove
        self.onRead = onRead
    }

    func save(_ record: JobRecord) async throws {
        try onSave(record)
        try await inner.save(record)
    }

    func remove(_ id: UUID) async throws {
        try onRemove()
        try await inner.remove(id)
    }

    func record(for job: JobHandle) async throws -> JobRecord? {
        try onRead()
        return try await inner.record(for: job)
    }
}
