import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting

/// The inspection at the end of a run, which checks the service's ledger against the files on disk.
struct Inspection: Sendable {
    private(set) var delivered = 0
    private(set) var failed = 0
    private(set) var unconfirmed = 0
    /// The number of unconfirmed jobs that the service charged for.
    private(set) var unconfirmedCharged = 0
    private(set) var charges = 0
    private(set) var refunds = 0
    /// The number of harmless files that kills leave behind: probes, locks, and temporary files.
    private(set) var leftoverFiles = 0
    /// The number of temporary files that contain an API key.
    private(set) var keysLeft = 0
    private(set) var violations: [String] = []

    /// The numbers of the jobs that a webhook event found.
    private let found: Set<Int>

    init(_ service: SimulatedService, _ runDirectory: RunDirectory, jobs count: Int, found: Set<Int> = []) async throws
    {
        self.found = found
        let store = try FileJobStore(directory: runDirectory.jobs)
        violations += try await store.quarantinedFiles().map {
            "quarantined: \($0.file.lastPathComponent), \($0.reason)"
        }
        var records: [Int: JobRecord] = [:]
        for record in try await store.records() {
            guard let number = Assignment.number(of: record) else { continue }
            if records[number] != nil { violations.append("two records of job \(number)") }
            records[number] = record
            if let job = record.job { violations.append("job \(number), \(job.id), is still in the store as accepted") }
        }
        try await audit(service, runDirectory, records)
        try countEndings(runDirectory, records, service, count)
        try countLeftoverFiles(runDirectory, service)
    }

    /// Checks that every charge has its complete file, its refund, or a stored record without a job ID.
    private mutating func audit(_ service: SimulatedService, _ runDirectory: RunDirectory, _ records: [Int: JobRecord])
        async throws
    {
        let ledger = service.ledger
        charges = ledger.filter { $0.kind == .charge }.count
        refunds = ledger.filter { $0.kind == .refund }.count
        let refunded = Set(ledger.filter { $0.kind == .refund }.map(\.jobID))
        let prompts = Dictionary(uniqueKeysWithValues: service.jobs.map { ($0.id, $0.prompt ?? "") })
        var paid: [Int: String] = [:]
        for charge in ledger where charge.kind == .charge {
            guard let number = Assignment.number(in: prompts[charge.jobID] ?? "") else {
                violations.append("no job is known for the charge of \(charge.jobID)")
                continue
            }
            if let other = paid[number] {
                violations.append("job \(number) was charged twice: \(other), \(charge.jobID)")
            }
            paid[number] = charge.jobID
            if let output = try runDirectory.output(ofJob: charge.jobID) {
                let original = try await service.originals(ofJob: charge.jobID)
                if try [Data(contentsOf: output)] != original { violations.append("\(output.path) is not the output") }
            } else if records[number]?.isUnconfirmed == true {
                unconfirmedCharged += 1
            } else if !refunded.contains(charge.jobID) {
                violations.append("job \(number), \(charge.jobID), was charged and is lost")
            }
        }
    }

    private mutating func countEndings(
        _ runDirectory: RunDirectory,
        _ records: [Int: JobRecord],
        _ service: SimulatedService,
        _ count: Int
    ) throws {
        for number in 0..<count {
            let note = try runDirectory.note(number)
            let isFound = found.contains(number) && records[number] == nil
            switch isFound ? try ending(ofFound: number, runDirectory, service) : note?.ending {
            case .delivered:
                delivered += 1
                if !isFound, try note?.job.flatMap({ try runDirectory.output(ofJob: $0.id) }) == nil {
                    violations.append("job \(number) is reported as delivered and has no file")
                }
            case .failed: failed += 1
            case .unconfirmed:
                unconfirmed += 1
                if records[number] == nil { violations.append("job \(number) is unconfirmed and not in the store") }
            case .lost: violations.append("job \(number) has neither record nor file")
            case nil: violations.append("job \(number) was never finished")
            }
        }
        if charges > delivered + failed + unconfirmed { violations.append("\(charges) charges are too many") }
    }

    /// Returns the ending of a job that an event found. The worker's note may say that the job is unconfirmed, because the worker does
    /// not see the event.
    private func ending(ofFound number: Int, _ runDirectory: RunDirectory, _ service: SimulatedService) throws
        -> Note.Ending
    {
        for job in service.jobs where Assignment.number(in: job.prompt ?? "") == number {
            if try runDirectory.output(ofJob: job.id) != nil { return .delivered }
            if job.errorCode != nil { return .failed }
        }
        return .lost
    }

    /// Adds a violation for every record without a job ID whose job exists and was reported by an event.
    mutating func checkReports(
        _ service: SimulatedService,
        _ runDirectory: RunDirectory,
        _ schedule: WebhookFaultSchedule
    )
        async throws
    {
        let jobs = Dictionary(grouping: service.jobs) { Assignment.number(in: $0.prompt ?? "") }
        for record in try await FileJobStore(directory: runDirectory.jobs).records() where record.isUnconfirmed {
            guard let number = Assignment.number(of: record) else { continue }
            for job in jobs[number] ?? [] {
                // The unsigned event of ModelsLab is not believed if the job has failed.
                let isBelieved = record.service == .magicHour || job.errorCode == nil
                if isBelieved, schedule.isReported(job.id) {
                    violations.append("job \(number), \(job.id), was reported by an event and is unconfirmed")
                }
            }
        }
    }

    private mutating func countLeftoverFiles(_ runDirectory: RunDirectory, _ service: SimulatedService) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: runDirectory.outputs.path) {
            // Every job that could be resumed has been, so no partial download should remain.
            if name.contains(".part") { violations.append("\(name) remains") }
            if name.hasPrefix(".") { leftoverFiles += 1 }
        }
        let jobs = try FileManager.default.contentsOfDirectory(atPath: runDirectory.jobs.path)
        leftoverFiles += jobs.filter { !$0.hasSuffix(".json") || $0.hasPrefix(".") }.count
        for name in try FileManager.default.contentsOfDirectory(atPath: runDirectory.temporary.path) {
            leftoverFiles += 1
            let text = String(
                decoding: try Data(contentsOf: runDirectory.temporary.appendingPathComponent(name)),
                as: UTF8.self
            )
            if text.contains(service.configuration.modelsLabKey) || text.contains(service.configuration.magicHourKey) {
                keysLeft += 1
            }
        }
    }
}
