import ArgumentParser
import Foundation
import HeadshotKit

/// A worker that runs a share of the jobs. It may be killed at any moment, and the next worker continues from the files.
struct ChaosWorker: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "A worker of a run.",
        shouldDisplay: false
    )

    @Option(help: "The folder of the run.") var folder: String
    @Option(help: "Where both services are.") var server: String
    @Option(help: "The first job.") var first: Int
    @Option(help: "How many jobs.") var count: Int
    @Option(help: "How many at the same time.") var concurrency = 8

    /// The number of rounds after which a worker gives up, so that no worker outlives the run.
    private static let maximumRounds = 400

    func run() async throws {
        let bench = try Bench(Premises(root: URL(fileURLWithPath: folder)), server: server)
        let assignments = (first..<first + count).map(Assignment.init)
        for _ in 0..<Self.maximumRounds {
            try await bench.resumeAll()
            let open = try bench.unbegun(assignments)
            if open.unbegun.isEmpty, open.underway == 0 { return }
            try await work(off: open.unbegun, at: bench)
            if open.underway > 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
        throw ExitCode(3)
    }

    private func work(off assignments: [Assignment], at bench: Bench) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, assignment) in assignments.enumerated() {
                if index >= concurrency { try await group.next() }
                group.addTask { try await bench.begin(assignment) }
            }
            try await group.waitForAll()
        }
    }
}

/// The clients and the bookkeeping of a worker.
private struct Bench: Sendable {
    let premises: Premises
    let magicHour: MagicHour
    let modelsLab: ModelsLab
    let store: FileJobStore

    init(_ premises: Premises, server: String) throws {
        self.premises = premises
        store = try FileJobStore(directory: premises.jobs)
        let configuration = ClientConfiguration(
            retry: RetryPolicy(initialDelay: .milliseconds(10), maximumDelay: .milliseconds(100)),
            jobStore: store
        )
        guard let url = URL(string: server) else { throw ValidationError("\(server) is not an address.") }
        magicHour = try MagicHour(apiKey: ChaosRun.magicHourKey, baseURL: url, configuration: configuration)
        modelsLab = try ModelsLab(
            apiKey: ChaosRun.modelsLabKey,
            baseURL: url.appendingPathComponent("api/v6"),
            maximumQueuedJobs: 15,
            configuration: configuration
        )
    }

    /// Resumes the unfinished jobs of this worker and others. A job that cannot be finished now is retried later.
    ///
    /// A worker may have been killed after it saved to the store and before it wrote the note. The note is therefore
    /// written before a job is finished and its record removed.
    func resumeAll() async throws {
        let onEvent: @Sendable (JobRecord, GenerationEvent) -> Void = { [premises] record, event in
            guard case .resumed(let job) = event else { return }
            do {
                guard let number = Assignment.number(of: record), try premises.note(number)?.job == nil else {
                    return
                }
                try premises.write(Note(job: job), number)
            } catch { fatalError("\(error)") }
        }
        _ = try await magicHour.jobs.resumeAll(onEvent: onEvent)
        _ = try await modelsLab.jobs.resumeAll(onEvent: onEvent)
    }

    /// Returns the jobs that have not reached the service and the number of jobs in progress, and settles all others.
    ///
    /// The order of writes makes this reliable. The intent is stored before the create request is sent. The record remains
    /// until the handle is in the note and the file has its final name. A job with neither a record nor a handle was
    /// therefore not charged.
    func unbegun(_ assignments: [Assignment]) throws -> (unbegun: [Assignment], underway: Int) {
        var records: [Int: JobRecord] = [:]
        for record in try store.contents().records {
            if let number = Assignment.number(of: record) { records[number] = record }
        }
        var unbegun: [Assignment] = []
        var underway = 0
        for assignment in assignments {
            var note = try premises.note(assignment.number) ?? Note()
            guard note.ending == nil else { continue }
            if let record = records[assignment.number] {
                if record.job != nil {
                    underway += 1
                    continue
                }
                note.ending = .unconfirmed
            } else if let job = note.job {
                note.ending =
                    try premises.output(ofJob: job.id) != nil ? .delivered : assignment.isDoomed ? .failed : .lost
            } else {
                unbegun.append(assignment)
                continue
            }
            try premises.write(note, assignment.number)
        }
        return (unbegun, underway)
    }

    /// Generates one job and writes a note of its outcome.
    func begin(_ assignment: Assignment) async throws {
        let number = assignment.number
        let options = GenerationOptions(
            downloadDirectory: premises.outputs,
            deadline: .seconds(60),
            polling: .backoff(initial: .milliseconds(20), factor: 1.3, maximum: .milliseconds(80)),
            reference: String(number)
        )
        let onEvent: @Sendable (GenerationEvent) -> Void = { event in
            guard case .submitted(let job) = event else { return }
            do { try premises.write(Note(job: job), number) } catch { fatalError("\(error)") }
        }
        do {
            let job: JobHandle
            if assignment.isModelsLab {
                job = try await modelsLab.headshots.generate(
                    .init(prompt: assignment.prompt, faceImage: .file(premises.photo)),
                    options: options,
                    onEvent: onEvent
                ).job
            } else {
                job = try await magicHour.headshots.generate(
                    .init(assets: .init(imageFilePath: .file(premises.photo)), style: .init(prompt: assignment.prompt)),
                    options: options,
                    onEvent: onEvent
                ).job
            }
            try premises.write(Note(job: job, ending: .delivered), number)
        } catch let error as HeadshotKitError {
            switch error.code {
            case .submissionUnconfirmed:
                try premises.write(Note(ending: .unconfirmed, reason: error.description), number)
            case .jobFailed:
                try premises.write(Note(job: error.job, ending: .failed, reason: error.description), number)
            default:
                // A job with a handle is resumed from the store. A job without one was not charged and starts again.
                break
            }
        }
    }
}
