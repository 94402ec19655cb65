import Foundation

@testable import HeadshotKit

/// A store that forwards to a file store what it does not implement itself.
protocol WrappingStore: JobStore {
    var inner: FileJobStore { get }
}

extension WrappingStore {
    func save(_ record: JobRecord) async throws { try await inner.save(record) }
    func remove(_ id: UUID) async throws { try await inner.remove(id) }
    func record(_ id: UUID) async throws -> JobRecord? { try await inner.record(id) }
    func record(for job: JobHandle) async throws -> JobRecord? { try await inner.record(for: job) }
    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] {
        try await inner.records(of: service, reference: reference)
    }
    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        try await inner.records(after: id, limit: limit)
    }
    func claim(_ id: UUID) async throws -> (any JobClaim)? { try await inner.claim(id) }
}

/// Reads the records in a store's directory where an asynchronous call is not possible.
func recordsOnDisk(in directory: URL) -> [JobRecord] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
    return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted().compactMap { name in
        let data = try? Data(contentsOf: directory.appendingPathComponent(name))
        return data.flatMap { try? JSONDecoder().decode(JobRecord.self, from: $0) }
    }
}
