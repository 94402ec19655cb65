import Foundation

extension JobStore {
    /// The store as the engine uses it: one that waits for the disk does so on threads that may wait.
    var nonblocking: any JobStore { (self as? FileJobStore).map(OffPoolStore.init) ?? self }
}

/// A ``FileJobStore`` that keeps no thread of the cooperative pool waiting.
private struct OffPoolStore: JobStore {
    let store: FileJobStore

    func save(_ record: JobRecord) async throws { try await offPool { try store.save(record) } }
    func remove(_ id: UUID) async throws { try await offPool { try store.remove(id) } }
    func contents() async throws -> JobStoreContents { try await offPool { try store.contents() } }
    func record(_ id: UUID) async throws -> JobRecord? { try await offPool { try store.record(id) } }
    func record(for job: JobHandle) async throws -> JobRecord? { try await store.record(for: job) }
    func claim(_ id: UUID) async throws -> (any JobClaim)? { try await offPool { try store.claim(id) } }
}
