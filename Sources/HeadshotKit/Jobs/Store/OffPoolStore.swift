import Foundation

extension JobStore {
    /// The store that the engine uses. It does not block the cooperative pool while a ``FileJobStore`` waits for the disk.
    var nonblocking: any JobStore { (self as? FileJobStore).map(OffPoolStore.init) ?? self }
}

/// A ``FileJobStore`` that blocks no thread of the cooperative pool.
private struct OffPoolStore: JobStore {
    let store: FileJobStore

    func save(_ record: JobRecord) async throws { try await offPool { try store.save(record) } }
    func remove(_ id: UUID) async throws { try await offPool { try store.remove(id) } }
    func contents() async throws -> JobStoreContents { try await offPool { try store.contents() } }
    func record(_ id: UUID) async throws -> JobRecord? { try await offPool { try store.record(id) } }
    func record(for job: JobHandle) async throws -> JobRecord? { try await store.record(for: job) }
    func claim(_ id: UUID) async throws -> (any JobClaim)? { try await offPool { try store.claim(id) } }
}
