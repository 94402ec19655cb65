import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A job is found without reading the records of other jobs.
final class JobLookupTests: MockTestCase {
    private var storeDirectory: URL { clients.directory.appendingPathComponent("jobs") }

    private func record(_ id: String?, service: JobHandle.Service = .magicHour) -> JobRecord {
        var record = JobRecord(
            service: service,
            operation: "ai-headshot-generator",
            request: [:],
            directory: clients.directory
        )
        if let id {
            record.state = .accepted
            record.job = JobHandle(service: service, operation: record.operation, id: id)
        }
        return record
    }

    private func file(_ record: JobRecord) -> URL {
        storeDirectory.appendingPathComponent("\(record.id.uuidString).json")
    }

    private func hidden() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: storeDirectory.path).filter { $0.hasPrefix(".") }
    }

    private func job(_ id: String, service: JobHandle.Service = .magicHour) -> JobHandle {
        JobHandle(service: service, operation: "ai-headshot-generator", id: id)
    }

    func testJobIsFoundAmongThousandUnreadableRecords() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let wanted = record("wanted")
        try await store.save(wanted)
        for number in 0..<1_000 {
            let other = record("job-\(number)")
            try await store.save(other)
            // A lookup must not quarantine the unreadable record.
            try Data("{".utf8).write(to: file(other))
        }
        try await assertEqual(await store.record(for: job("wanted")), wanted)
        try await assertEqual(await store.record(for: job("missing")), nil)
        try await assertEqual(await store.record(for: job("job-7")), nil)
    }

    func testJobIsFoundByAnyID() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let ids = [
            "", " ", "a/b", "../../etc/passwd", "a:b", "\u{0}", "日本語", "e\u{301}", "\"quoted\"", "-rf",
            String(repeating: "x", count: 10_000), String(repeating: "x", count: 9_999), "4711", ".", "..",
        ]
        let records = ids.map { record($0) }
        for record in records { try await store.save(record) }
        for (id, record) in zip(ids, records) {
            try await assertEqual(await store.record(for: job(id)), record, id)
        }
        for record in records { try await store.remove(record.id) }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: storeDirectory.path), [])
    }

    func testSameIDOfAnotherServiceIsAnotherJob() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let (first, second) = (record("1"), record("1", service: .modelsLab))
        try await store.save(first)
        try await assertEqual(await store.record(for: job("1", service: .modelsLab)), nil)
        try await store.save(second)
        try await assertEqual(await store.record(for: job("1")), first)
        try await assertEqual(await store.record(for: job("1", service: .modelsLab)), second)
    }

    func testRecordWithoutIndexIsFoundAndIndexed() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let old = record("old")
        try JSONEncoder().encode(old).write(to: file(old))
        try await store.save(record("new"))
        try await assertEqual(await store.record(for: job("old")), old)
        XCTAssertEqual(try hidden().count, 2)
    }

    func testJobIsFoundDespiteWrongIndex() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let (one, two) = (record("one"), record("two"))
        try await store.save(one)
        let link = storeDirectory.appendingPathComponent(try XCTUnwrap(hidden().first)).path
        try await store.save(two)
        for target in ["\(two.id.uuidString).json", "\(UUID().uuidString).json", "/etc/passwd", "x", link] {
            try FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
            try await assertEqual(await store.record(for: job("one")), one, target)
        }
    }

    func testIntentWithoutJobIsNotFoundByIndex() async throws {
        // The power is lost after the index entry was written and before the record was.
        let store = try FileJobStore(directory: storeDirectory)
        let intent = record(nil)
        try await store.save(intent)
        JobIndex(directory: storeDirectory).add(job("a"), intent.id)
        try await assertEqual(await store.record(for: job("a")), nil)
        try await assertEqual(await store.records(), [intent])
    }

    func testIndexEntryWithoutRecordIsDangling() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let gone = record("gone")
        try await store.save(gone)
        try FileManager.default.removeItem(at: file(gone))
        try await assertEqual(await store.record(for: job("gone")), nil)
        let index = JobIndex(directory: storeDirectory)
        XCTAssertTrue(index.isDangling(try XCTUnwrap(hidden().first)))
    }

    func testResumeLooksUpOnlyItsOwnRecord() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            func records(after id: UUID?, limit: Int) async throws -> [JobRecord] { throw CocoaError(.fileReadUnknown) }
        }
        let store = Store(inner: try FileJobStore(directory: storeDirectory))
        let kept = record("a")
        try await store.inner.save(kept)
        clients.mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1"}]}"#)
        )
        clients.mock.on("GET", "/1", response: .data(pngBytes))
        var configuration = clients.configuration
        configuration.jobStore = store
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        let result = try await headshots.resume(job("a"), options: clients.options)
        XCTAssertEqual(result.files.count, 1)
        try await assertEqual(await store.inner.records(), [], "The record of a delivered job is removed.")
    }

    func testUnfinishedJobsOfOneServiceAreReturnedInPages() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        var configuration = clients.configuration
        configuration.jobStore = store
        let jobs = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).jobs
        var own: [JobRecord] = []
        for number in 0..<9 {
            let isOwn = number % 3 == 0
            let record = JobRecord(
                service: isOwn ? .magicHour : .modelsLab,
                operation: "o",
                request: [:],
                directory: storeDirectory
            )
            if isOwn { own.append(record) }
            try await store.save(record)
        }
        try await assertEqual(await jobs.unfinished(), own)
        try await assertEqual(await jobs.unfinished(limit: 2), Array(own.prefix(2)))
        try await assertEqual(await jobs.unfinished(after: own[1], limit: 2), [own[2]])
        try await assertEqual(await jobs.unfinished(after: own[2], limit: 2), [])
        for limit in [0, -1, Int.min] { try await assertEqual(await jobs.unfinished(limit: limit), []) }
    }

    func testStoreThatIgnoresTheCursorIsNotReadForever() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
                try await inner.records(after: nil, limit: limit)
            }
        }
        let store = Store(inner: try FileJobStore(directory: storeDirectory))
        for id in ["a", "b", "c"] { try await store.save(record(id)) }
        var pages = JobPages(of: store, limit: 2)
        try await assertEqual(await pages.next()?.count, 2)
        try await assertEqual(await pages.next(), nil)
    }

    func testJobFromAMachineWhoseClockIsAheadIsResumed() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let text = String(decoding: try JSONEncoder().encode(record("a")), as: UTF8.self)
        let ahead = text.replacing(#/"createdAt":"20[0-9]{2}/#, with: #""createdAt":"2999"#)
        try await store.save(JSONDecoder().decode(JobRecord.self, from: Data(ahead.utf8)))
        var configuration = clients.configuration
        configuration.jobStore = store
        clients.mock.on("GET", "/v1/image-projects/a", response: .json(#"{"id":"a","status":"canceled"}"#))
        let jobs = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).jobs
        try await assertEqual(await collect(jobs.resumeAll()).map(\.record.job?.id), ["a"])
    }

    func testOutcomesPrecedeTheErrorOfTheStore() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        try await store.save(record("a"))
        var configuration = clients.configuration
        configuration.jobStore = BreakingStore(inner: store)
        clients.mock.on("GET", "/v1/image-projects/a", response: .json(#"{"id":"a","status":"canceled"}"#))
        var outcomes: [String?] = []
        do {
            let jobs = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).jobs
            for try await outcome in jobs.resumeAll() { outcomes.append(outcome.record.job?.id) }
            XCTFail("The error is thrown.")
        } catch is CocoaError {}
        XCTAssertEqual(outcomes, ["a"])
    }

    func testPagesForOneServiceAreNotAsSmallAsTheLimit() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        for _ in 0..<50 {
            try await store.save(
                JobRecord(service: .modelsLab, operation: "o", request: [:], directory: storeDirectory)
            )
        }
        let own = record(nil)
        try await store.save(own)
        let reads = Locked(0)
        var configuration = clients.configuration
        configuration.jobStore = CountingStore(inner: store, reads: reads)
        let jobs = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).jobs
        try await assertEqual(await jobs.unfinished(limit: 1), [own])
        XCTAssertEqual(reads.withLock { $0 }, 2)
    }

    func testJobCreatedAfterResumeAllIsNotResumed() async throws {
        let store = try FileJobStore(directory: storeDirectory)
        let old = record("old")
        try await store.save(old)
        let new = Locked<JobRecord?>(nil)
        var configuration = clients.configuration
        configuration.jobStore = CreatingStore(inner: store, created: new)
        clients.mock.on("GET", "/v1/image-projects/old", response: .json(#"{"id":"old","status":"canceled"}"#))
        let jobs = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).jobs
        let outcomes = try await collect(jobs.resumeAll())
        XCTAssertEqual(outcomes.map(\.record.id), [old.id])
        XCTAssertNotNil(new.withLock { $0 })
        try await assertEqual(await jobs.unfinished().map(\.id), [new.withLock { $0?.id }])
    }
}

/// A store in which another worker creates a job while the store is read.
private struct CreatingStore: WrappingStore {
    let inner: FileJobStore
    let created: Locked<JobRecord?>

    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        if created.withLock({ $0 }) == nil {
            try await Task.sleep(for: .milliseconds(2))
            let record = JobRecord(
                service: .magicHour,
                operation: "ai-headshot-generator",
                request: [:],
                directory: inner.directory
            )
            try await inner.save(record)
            created.withLock { $0 = record }
        }
        return try await inner.records(after: id, limit: limit)
    }
}

/// A store whose second page cannot be read.
private struct BreakingStore: WrappingStore {
    let inner: FileJobStore

    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        guard id == nil, let record = try await inner.records(after: nil, limit: 1).first else {
            throw CocoaError(.fileReadUnknown)
        }
        // The page is full, so another one follows.
        return [record]
            + (1..<limit).map { _ in
                JobRecord(service: .modelsLab, operation: "o", request: [:], directory: inner.directory)
            }
    }
}

private struct CountingStore: WrappingStore {
    let inner: FileJobStore
    let reads: Locked<Int>

    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        reads.withLock { $0 += 1 }
        return try await inner.records(after: id, limit: limit)
    }
}
