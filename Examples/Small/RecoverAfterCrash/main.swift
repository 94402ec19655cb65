// Finishes a paid job that a process left behind. The job is not created, uploaded, or charged again.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

let simulation = Simulation()
let jobs = simulation.directory.appendingPathComponent("jobs")

// The first process creates a job and ends before the job is done.
let first = try simulation.magicHour(store: FileJobStore(directory: jobs))
let job = try await first.headshots.submit(
    .init(photo: MediaSource(SampleMedia.portraitPNG())),
    options: .init(downloadDirectory: simulation.directory, reference: "order 4711")
)
print("Created job of service \(job.service)")

// The next process opens the same store, and finishes what it finds.
let second = try simulation.magicHour(store: FileJobStore(directory: jobs))
for try await (record, result) in second.jobs.resumeAll() {
    switch result {
    case .success(let job): print("\(record.reference ?? job.job.id): saved \(job.files[0].lastPathComponent)")
    case .failure(let error): print("\(record.reference ?? record.operation): \(error)")
    }
}
print("Unfinished jobs: \(try await second.jobs.unfinished().count)")
print("Charges: \(simulation.service.ledger.count)")
