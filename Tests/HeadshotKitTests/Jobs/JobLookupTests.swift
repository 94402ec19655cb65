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

    func testJobIsFoundAmongThousandUnreadableRecords() throws {
        let store = try FileJobStore(directory: storeDirectory)
        let wanted = record("wanted")
        try store.save(wanted)
        for number in 0..<1_000 {
            let other = record("job-\(number)")
            try store.save(other)
            // A lookup must not quarantine the unreadable record.
            try Data("{".utf8).write(to: file(other))
        }
        XCTAssertEqual(try store.find(job("wanted")), wanted)
        XCTAssertNil(try store.find(job("missing")))
        XCTAssertNil(try store.find(job("job-7")))
    }

    func testJobIsFoundByAnyID() throws {
        let store = try FileJobStore(directory: storeDirectory)
        let ids = [
            "", " ", "a/b", "../../etc/passwd", "a:b", "\u{0}", "日本語", "e\u{301}", "\"quoted\"", "-rf",
            String(repeating: "x", count: 10_000), String(repeating: "x", count: 9_999), "4711", ".", "..",
        ]
        let records = ids.map { record($0) }
        for record in records { try store.save(record) }
        for (id, record) in zip(ids, records) { XCTAssertEqual(try store.find(job(id))?.id, record.id, id) }
        for record in records { try store.remove(record.id) }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: storeDirectory.path), [])
    }

    func testSameIDOfAnotherServiceIsAnotherJob() throws {
        let store = try FileJobStore(directory: storeDirectory)
        let (first, second) = (record("1"), record("1", service: .modelsLab))
        try store.save(first)
        XCTAssertNil(try store.find(job("1", service: .modelsLab)))
        try store.save(second)
        XCTAssertEqual(try store.find(job("1")), first)
        XCTAssertEqual(try store.find(job("1", service: .modelsLab)), second)
    }

    func testRecordWithoutIndexIsFoundAndIndexed() throws {
        let store = try FileJobStore(directory: storeDirectory)
        let old = record("old")
        try JSONEncoder().encode(old).write(to: file(old))
        try store.save(record("new"))
        XCTAssertEqual(try store.find(job("old")), old)
        XCTAssertEqual(try hidden().count, 2)
    }

    func testJobIsFoundDespiteWrongIndex() throws {
        let store = try FileJobStore(directory: storeDirectory)
        let (one, two) = (record("one"), record("two"))
        try store.save(one)
        let link = storeDirectory.appendingPathComponent(try XCTUnwrap(hidden().first)).path
        try store.save(two)
        for target in ["\(two.id.uuidString).json", "\(UUID().uuidString).json", "/etc/passwd", "x", link] {
            try FileManager.default.removeItem(atPath: link)
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
            XCTAssertEqual(try store.find(job("one")), one, target)
        }
    }

    func testIntentWithoutJobIsNotFoundByIndex() throws {
        // The power is lost after the index entry was written and before the record was.
        let store = try FileJobStore(directory: storeDirectory)
        let intent = record(nil)
        try store.save(intent)
        JobIndex(directory: storeDirectory).add(job("a"), intent.id)
        XCTAssertNil(try store.find(job("a")))
        XCTAssertEqual(try store.contents().records, [intent])
    }

    func testIndexEntryWithoutRecordIsDangling() throws {
        let store = try FileJobStore(directory: storeDirectory)
        let gone = record("gone")
        try store.save(gone)
        try FileManager.default.removeItem(at: file(gone))
        XCTAssertNil(try store.find(job("gone")))
        let index = JobIndex(directory: storeDirectory)
        XCTAssertTrue(index.isDangling(try XCTUnwrap(hidden().first)))
    }

    func testStoreFindsJobInItsContentsByDefault() async throws {
        struct Store: JobStore {
            let records: [JobRecord]
            func save(_ record: JobRecord) async throws {}
            func remove(_ id: UUID) async throws {}
            func contents() async throws -> JobStoreContents { JobStoreContents(records: records) }
            func claim(_ id: UUID) async throws -> (any JobClaim)? { nil }
        }
        let store = Store(records: [record(nil), record("a"), record("b")])
        let found = try await store.record(for: job("b"))
        XCTAssertEqual(found, store.records[2])
        let missing = try await store.record(for: job("c"))
        XCTAssertNil(missing)
    }

    func testResumeLooksUpOnlyItsOwnRecord() async throws {
        struct Store: JobStore {
            let inner: FileJobStore
            func save(_ record: JobRecord) async throws { try inner.save(record) }
            func remove(_ id: UUID) async throws { try inner.remove(id) }
            func contents() async throws -> JobStoreContents { throw CocoaError(.fileReadUnknown) }
            func record(_ id: UUID) async throws -> JobRecord? { try inner.contents().records.first { $0.id == id } }
            func record(for job: JobHandle) async throws -> JobRecord? { try await inner.record(for: job) }
            func claim(_ id: UUID) async throws -> (any JobClaim)? { try inner.claim(id) }
        }
        let store = Store(inner: try FileJobStore(directory: storeDirectory))
        let kept = record("a")
        try store.inner.save(kept)
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
        XCTAssertEqual(try store.inner.contents().records, [], "The record of a delivered job is removed.")
    }
}
