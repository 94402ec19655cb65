import Foundation
public import HeadshotKit

/// The checks that every `JobStore` must pass. Run them in the tests of your own store:
/// ```swift
/// func testStoreMeetsRequirements() async throws {
///     try await JobStoreChecks { try PostgresJobStore(database) }.run()
/// }
/// ```
///
/// The checks save, claim, and remove records of their own, and leave other records unchanged. They cannot check that a record
/// survives a crash.
public struct JobStoreChecks: Sendable {
    /// An error that a store does not meet a requirement.
    public struct Failure: Error, Equatable, CustomStringConvertible {
        /// The requirement, such as `A second save replaces the record.`
        public let requirement: String
        /// The expected and the actual value.
        public let difference: String
        /// The requirement and the difference.
        public var description: String { "\(requirement) \(difference)" }
    }

    private let makeStore: @Sendable () async throws -> any JobStore

    /// Creates the checks of a store.
    ///
    /// - Parameter makeStore: A closure that returns a new instance of the store. All instances must share their contents, like
    ///   the servers of an application share a database.
    public init(_ makeStore: @escaping @Sendable () async throws -> any JobStore) {
        self.makeStore = makeStore
    }

    /// Runs the checks.
    ///
    /// - Throws: ``Failure`` for the first requirement that the store does not meet, or the store's own error.
    public func run() async throws {
        try await checkSaveAndRemove()
        try await checkLookup()
        try await checkReferences()
        try await checkPages()
        try await checkClaims()
        try await checkConcurrency()
    }

    // MARK: Checks

    private func checkSaveAndRemove() async throws {
        let (store, other) = (try await makeStore(), try await makeStore())
        let intent = try Self.record()
        try await store.save(intent)
        try await expect(other.record(intent.id), intent, "A saved record is found by its id.")
        let accepted = try Self.record(intent.id, job: "job \(intent.id)")
        try await other.save(accepted)
        try await expect(store.record(intent.id), accepted, "A second save replaces the record.")
        let large = try Self.record(prompt: String(repeating: "ü🙂\u{0}\"\\", count: 50_000))
        try await store.save(large)
        try await expect(other.record(large.id), large, "A large record with any characters is returned unchanged.")
        for id in [intent.id, large.id] {
            try await store.remove(id)
            try await expect(other.record(id), nil, "A removed record is not found.")
            try await store.remove(id)
        }
        try await expect(store.record(UUID()), nil, "An unknown id has no record.")
    }

    private func checkLookup() async throws {
        let store = try await makeStore()
        let id = "check/\(UUID()) ü'\""
        let intent = try Self.record()
        try await store.save(intent)
        let handle = JobHandle(service: .magicHour, operation: "", id: id)
        try await expect(store.record(for: handle), nil, "An unknown job has no record.")
        let accepted = try Self.record(intent.id, job: id)
        try await store.save(accepted)
        let requirement = "A record is found by the service and the id of its job."
        try await expect(store.record(for: handle), accepted, requirement)
        let same = try Self.record(service: .modelsLab, job: id)
        let sameHandle = JobHandle(service: .modelsLab, operation: "other", id: id)
        try await expect(store.record(for: sameHandle), nil, "Another service's job with the same id has no record.")
        try await store.save(same)
        try await expect(store.record(for: sameHandle), same, requirement)
        try await expect(store.record(for: handle), accepted, requirement)
        for record in [accepted, same] { try await store.remove(record.id) }
        try await expect(store.record(for: handle), nil, "A removed record is not found by its job.")
    }

    private func checkReferences() async throws {
        let (store, other) = (try await makeStore(), try await makeStore())
        let reference = "order/\(UUID()) ü'\" %_"
        let first = try Self.record(reference: reference)
        let second = try Self.record(job: "job \(first.id)", reference: reference)
        let others = [
            try Self.record(), try Self.record(service: .modelsLab, reference: reference),
            try Self.record(reference: reference + "1"), try Self.record(reference: reference.uppercased()),
        ]
        for record in [first, second, second] + others { try await store.save(record) }
        let requirement = "The records of a service with a reference are found."
        try await expect(other.references(reference), [first, second].map(\.id.uuidString).sorted(), requirement)
        try await store.remove(first.id)
        try await expect(other.references(reference), [second.id.uuidString], requirement)
        for record in [second] + others { try await store.remove(record.id) }
        try await expect(other.references(reference), [], "A removed record is not found by its reference.")
    }

    private func checkPages() async throws {
        let store = try await makeStore()
        var records: [JobRecord] = []
        for _ in 0..<7 { records.append(try Self.record()) }
        records.sort { $0.id.uuidString < $1.id.uuidString }
        for record in records.shuffled() { try await store.save(record) }
        let ids = Set(records.map(\.id))
        for limit in [1, 3, 1_000] {
            var found: [UUID] = []
            var last: UUID?
            while true {
                let page = try await store.records(after: last, limit: limit)
                guard page.count <= limit else {
                    let requirement = "A page has at most \(limit) records."
                    throw Failure(requirement: requirement, difference: "It has \(page.count).")
                }
                found += page.map(\.id)
                // A store that ignores the id would return the same page forever.
                guard page.count == limit, page.last?.id != last else { break }
                last = page.last?.id
            }
            let requirement = "Pages of \(limit) contain every record once, in the order of the text of its id."
            try expect(found, found.sorted { $0.uuidString < $1.uuidString }, requirement)
            try expect(found.filter(ids.contains), records.map(\.id), requirement)
        }
        try await store.remove(records[2].id)
        let page = try await store.records(after: records[2].id, limit: 1_000)
        try expect(
            page.first { ids.contains($0.id) },
            records[3],
            "A page begins after an id whose record was removed."
        )
        for record in records { try await store.remove(record.id) }
    }

    private func checkClaims() async throws {
        let (store, other) = (try await makeStore(), try await makeStore())
        let (id, another) = (UUID(), UUID())
        let claim = try await claim(id, in: store, "A job without a record can be claimed.")
        for worker in [store, other] {
            try await expect(worker.claim(id) == nil, true, "A claimed job cannot be claimed again.")
        }
        let second = try await self.claim(another, in: other, "The claim of one job does not affect another.")
        try await store.save(try Self.record(id))
        try await expect(other.claim(id) == nil, true, "A saved record keeps its claim.")
        try await store.remove(id)
        await claim.release()
        await claim.release()
        let again = try await self.claim(id, in: other, "A released job can be claimed.")
        await claim.release()
        try await expect(store.claim(id) == nil, true, "A second release does not end the claim of another worker.")
        for claim in [again, second] { await claim.release() }
    }

    private func checkConcurrency() async throws {
        let id = UUID()
        let claims = try await withThrowingTaskGroup(of: (any JobClaim)?.self) { group in
            for _ in 0..<20 { group.addTask { try await makeStore().claim(id) } }
            return try await group.reduce(into: [any JobClaim]()) { claims, claim in claim.map { claims.append($0) } }
        }
        for claim in claims { await claim.release() }
        try expect(claims.count, 1, "One of twenty concurrent callers claims a job.")
        let records = try (0..<20).map { _ in try Self.record() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for record in records { group.addTask { try await makeStore().save(record) } }
            try await group.waitForAll()
        }
        let store = try await makeStore()
        for record in records {
            try await expect(store.record(record.id), record, "Records that are saved concurrently are kept.")
            try await store.remove(record.id)
        }
    }

    // MARK: Support

    private func claim(_ id: UUID, in store: any JobStore, _ requirement: String) async throws -> any JobClaim {
        guard let claim = try await store.claim(id) else {
            throw Failure(requirement: requirement, difference: "The claim is nil.")
        }
        return claim
    }

    private func expect<Value: Equatable>(
        _ actual: Value,
        _ expected: Value,
        _ requirement: String
    ) throws {
        guard actual != expected else { return }
        let (text, other) = ("\(expected)".prefix(300), "\(actual)".prefix(300))
        throw Failure(requirement: requirement, difference: "Expected \(text), but it is \(other).")
    }

    /// Returns a record, decoded from the JSON that a store would save.
    private static func record(
        _ id: UUID = UUID(),
        service: JobHandle.Service = .magicHour,
        job: String? = nil,
        prompt: String = "a headshot",
        reference: String? = nil
    ) throws -> JobRecord {
        var members: [String: JSONValue] = [
            "version": 2, "id": .string(id.uuidString), "service": .string(service.rawValue),
            "operation": "ai-headshot-generator", "request": ["prompt": .string(prompt)],
            "createdAt": "2026-01-02T03:04:05.000Z", "state": "intended", "directory": "/checks", "files": .object([:]),
            "parts": .object([:]),
        ]
        if let job {
            members["state"] = "accepted"
            members["job"] = [
                "version": 2, "service": .string(service.rawValue), "operation": "ai-headshot-generator",
                "id": .string(job), "createdAt": "2026-01-02T03:04:06.000Z",
            ]
        }
        if let reference { members["reference"] = .string(reference) }
        let json = try JSONEncoder().encode(JSONValue.object(members))
        return try JSONDecoder().decode(JobRecord.self, from: json)
    }
}

extension JobStore {
    /// Returns the sorted ids of Magic Hour's records with a reference.
    fileprivate func references(_ reference: String) async throws -> [String] {
        try await records(of: .magicHour, reference: reference).map(\.id.uuidString).sorted()
    }
}
