import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting

// Simulates Magic Hour, with faults in a share of all requests: crowd-service SEED SHARE
// It prints its URL, and for each line of its standard input a report in JSON. It ends with its standard input.

/// A job of the service.
struct ReportedJob: Encodable {
    let id: String
    let prompt: String?
    let charges: Int
    let refunds: Int
    /// The photo that was uploaded for the job.
    let photo: Data?
    let outputs: [Data]
}

struct Report: Encodable {
    let requests: Int
    let faults: Int
    let jobs: [ReportedJob]
}

let arguments = CommandLine.arguments.dropFirst().compactMap { Double($0) }
guard arguments.count == 2, let seed = UInt64(exactly: arguments[0]) else {
    FileHandle.standardError.write(Data("Usage: crowd-service SEED SHARE\n".utf8))
    exit(2)
}
var configuration = SimulatedService.Configuration()
configuration.credits = 1_000_000
configuration.outputPixels = 16
let service = SimulatedService(configuration: configuration)
let schedule = RandomFaultSchedule(seed: seed, share: arguments[1])
let gateway = try await FaultyGateway.start(service) { schedule.fault(at: $0) }

func report() async throws -> Report {
    let ledger = Dictionary(grouping: service.ledger, by: \.jobID)
    let uploads = Dictionary(service.uploads.map { ($0.filePath, $0.contents) }) { first, _ in first }
    var jobs: [ReportedJob] = []
    for job in service.jobs {
        let entries = ledger[job.id] ?? []
        jobs.append(
            ReportedJob(
                id: job.id,
                prompt: job.prompt,
                charges: entries.filter { $0.kind == .charge }.map(\.amount).reduce(0, +),
                refunds: entries.filter { $0.kind == .refund }.map(\.amount).reduce(0, +),
                photo: job.media.first.flatMap { uploads[$0] ?? nil },
                outputs: job.status == "complete" ? try await service.originals(ofJob: job.id) : []
            )
        )
    }
    return Report(requests: schedule.requestCount, faults: schedule.faultCount, jobs: jobs)
}

print(gateway.baseURL.absoluteString)
fflush(nil)
while readLine() != nil {
    print(String(decoding: try JSONEncoder().encode(try await report()), as: UTF8.self))
    fflush(nil)
}
