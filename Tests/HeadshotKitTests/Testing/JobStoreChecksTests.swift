import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class JobStoreChecksTests: XCTestCase {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "headshotkit-test-\(UUID().uuidString)"
    )

    override func tearDownWithError() throws {
        if FileManager.default.fileExists(atPath: directory.path) { try FileManager.default.removeItem(at: directory) }
    }

    func testFileStoreMeetsRequirements() async throws {
        let kept = JobRecord(service: .magicHour, operation: "o", request: [:], directory: directory)
        try await FileJobStore(directory: directory).save(kept)
        try await JobStoreChecks { [directory] in try FileJobStore(directory: directory) }.run()
        try await assertEqual(await FileJobStore(directory: directory).records(), [kept])
    }

    func testEachDefectIsReported() async throws {
        let requirements: [Defect: String] = [
            .keepsOldRecord: "A second save replaces the record.",
            .ignoresRemoval: "A removed record is not found.",
            .mixesServices: "Another service's job with the same id has no record.",
            .ignoresJobs: "A record is found by the service and the id of its job.",
            .ignoresReferences: "The records of a service with a reference are found.",
            .mixesServicesOfReferences: "The records of a service with a reference are found.",
            .ignoresCaseOfReferences: "The records of a service with a reference are found.",
            .ignoresCursor: "Pages of 1 contain every record once, in the order of the text of its id.",
            .reversesPages: "Pages of 1 contain every record once, in the order of the text of its id.",
            .ignoresLimit: "A page has at most 1 records.",
            .needsCursorRecord: "A page begins after an id whose record was removed.",
            .sharesClaims: "A claimed job cannot be claimed again.",
            .keepsClaims: "A released job can be claimed.",
            .releasesOthersClaims: "A second release does not end the claim of another worker.",
        ]
        XCTAssertEqual(Set(requirements.keys), Set(Defect.allCases))
        for (defect, requirement) in requirements {
            let memory = Locked(Memory())
            do {
                try await JobStoreChecks { DefectiveStore(memory: memory, defect: defect) }.run()
                XCTFail("\(defect) was not found.")
            } catch let failure as JobStoreChecks.Failure {
                XCTAssertEqual(failure.requirement, requirement, "\(defect): \(failure)")
            }
        }
        try await JobStoreChecks { [memory = Locked(Memory())] in DefectiveStore(memory: memory, defect: nil) }.run()
    }
}

private enum Defect: CaseIterable {
    case keepsOldRecord, ignoresRemoval, mixesServices, ignoresJobs, ignoresCursor, reversesPages, ignoresLimit
    case ignoresReferences, mixesServicesOfReferences, ignoresCaseOfReferences
    case needsCursorRecord, sharesClaims, keepsClaims, releasesOthersClaims
}

private struct Memory {
    var records: [UUID: JobRecord] = [:]
    var claims: [UUID: UUID] = [:]
}

/// A store in memory with one defect, or with none.
private struct DefectiveStore: JobStore {
    let memory: Locked<Memory>
    let defect: Defect?

    struct Claim: JobClaim {
        let memory: Locked<Memory>
        let id: UUID
        let token: UUID?

        func release() async {
            memory.withLock { memory in
                if token == nil || memory.claims[id] == token { memory.claims[id] = nil }
            }
        }
    }

    func save(_ record: JobRecord) async throws {
        memory.withLock { memory in
            if defect == .keepsOldRecord, memory.records[record.id] != nil { return }
            memory.records[record.id] = record
        }
    }

    func remove(_ id: UUID) async throws {
        if defect != .ignoresRemoval { memory.withLock { $0.records[id] = nil } }
    }

    func record(_ id: UUID) async throws -> JobRecord? { memory.withLock { $0.records[id] } }

    func record(for job: JobHandle) async throws -> JobRecord? {
        memory.withLock { memory in
            memory.records.values.first { record in
                switch defect {
                case .ignoresJobs: false
                case .mixesServices: record.job?.id == job.id
                default: record.isRecord(of: job)
                }
            }
        }
    }

    func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] {
        memory.withLock { memory in
            memory.records.values.filter { record in
                switch defect {
                case .ignoresReferences: false
                case .mixesServicesOfReferences: record.reference == reference
                case .ignoresCaseOfReferences:
                    record.service == service && record.reference?.lowercased() == reference.lowercased()
                default: record.service == service && record.reference == reference
                }
            }
        }
    }

    func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        var records = memory.withLock { Array($0.records.values) }
        records.sort { $0.id.uuidString < $1.id.uuidString }
        if defect == .reversesPages { records.reverse() }
        // Nothing follows an unknown record in this defect.
        if defect == .needsCursorRecord, let id, !records.contains(where: { $0.id == id }) { return [] }
        if let id, defect != .ignoresCursor { records.removeAll { $0.id.uuidString <= id.uuidString } }
        return defect == .ignoresLimit ? records : Array(records.prefix(limit))
    }

    func claim(_ id: UUID) async throws -> (any JobClaim)? {
        memory.withLock { memory in
            guard defect == .sharesClaims || memory.claims[id] == nil else { return nil }
            let token = UUID()
            memory.claims[id] = token
            if defect == .keepsClaims { return Claim(memory: self.memory, id: UUID(), token: token) }
            return Claim(memory: self.memory, id: id, token: defect == .releasesOthersClaims ? nil : token)
        }
    }
}
