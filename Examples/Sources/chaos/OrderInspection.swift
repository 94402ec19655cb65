import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting

/// The inspection at the end of a run of orders. Every order has one charge and its file, or one record without a job ID.
struct OrderInspection: Sendable {
    private(set) var delivered = 0
    private(set) var unconfirmed = 0
    /// The number of unconfirmed orders that the service charged for.
    private(set) var unconfirmedCharged = 0
    private(set) var charges = 0
    /// The number of harmless files that kills leave behind.
    private(set) var leftoverFiles = 0
    private(set) var violations: [String] = []

    init(_ service: SimulatedService, _ runDirectory: RunDirectory, orders count: Int) async throws {
        let store = try FileJobStore(directory: runDirectory.jobs)
        let records = Dictionary(grouping: try await store.records()) { Assignment.number(of: $0) }
        let prompts = Dictionary(uniqueKeysWithValues: service.jobs.map { ($0.id, $0.prompt ?? "") })
        let charged = Dictionary(grouping: service.ledger.filter { $0.kind == .charge }.map(\.jobID)) { id in
            Assignment.number(in: prompts[id] ?? "")
        }
        charges = charged.values.map(\.count).reduce(0, +)
        for number in 0..<count {
            let jobs = charged[number] ?? []
            if jobs.count > 1 {
                violations.append("order \(number) was charged twice: \(jobs.joined(separator: ", "))")
            }
            guard let record = records[number]?.first, records[number]?.count == 1 else {
                violations.append("order \(number) has \(records[number]?.count ?? 0) records")
                continue
            }
            let ending = try runDirectory.note(number)?.ending
            if record.isDelivered, ending == .delivered {
                delivered += 1
                try await checkFile(of: record, jobs, service, runDirectory)
            } else if record.isUnconfirmed, ending == .unconfirmed {
                unconfirmed += 1
                unconfirmedCharged += jobs.count
            } else {
                violations.append(
                    "order \(number) ended with \(ending.map(\.rawValue) ?? "no note") and \(record.state)"
                )
            }
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: runDirectory.outputs.path) {
            // A kill between the rename of a file and the removal of its lock leaves an empty file.
            let isHarmless = name.hasPrefix(".") || name.hasSuffix(".part.lock")
            if isHarmless { leftoverFiles += 1 } else if name.contains(".part") { violations.append("\(name) remains") }
        }
    }

    private mutating func checkFile(
        of record: JobRecord,
        _ jobs: [String],
        _ service: SimulatedService,
        _ runDirectory: RunDirectory
    ) async throws {
        guard let job = record.job, jobs == [job.id] else {
            violations.append("order \(record.reference ?? "") was delivered and charged as \(jobs)")
            return
        }
        let files = try runDirectory.outputs(ofJob: job.id)
        if files.count != 1 { violations.append("order \(record.reference ?? "") has \(files.count) files") }
        let original = try await service.originals(ofJob: job.id)
        if try files.map({ try Data(contentsOf: $0) }) != original {
            violations.append("the file of order \(record.reference ?? "") is not the output")
        }
    }
}
