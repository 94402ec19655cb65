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

    @Option(help: "The directory of the run.") var directory: String
    @Option(help: "The base URL of both services.") var server: String
    @Option(help: "The number of the first job.") var first: Int
    @Option(help: "The number of jobs.") var count: Int
    @Option(help: "The number of concurrent jobs.") var concurrency = 8

    /// The number of rounds after which a worker gives up, so that no worker outlives the run.
    private static let maximumRounds = 400

    func run() async throws {
        let state = try WorkerState(RunDirectory(root: URL(fileURLWithPath: directory)), server: server)
        let assignments = (first..<first + count).map(Assignment.init)
        for _ in 0..<Self.maximumRounds {
            try await state.resumeAll()
            let open = try await state.notStarted(assignments)
            if open.notStarted.isEmpty, open.inProgress == 0 { return }
            try await run(open.notStarted, with: state)
            if open.inProgress > 0 { try await Task.sleep(for: .milliseconds(50)) }
        }
        throw ExitCode(3)
    }

    private func run(_ assignments: [Assignment], with state: WorkerState) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, assignment) in assignments.enumerated() {
                if index >= concurrency { try await group.next() }
                group.addTask { try await state.run(assignment) }
            }
            try await group.waitForAll()
        }
    }
}

/// The clients and the bookkeeping of a worker.
private struct WorkerState: Sendable {
    let runDirectory: RunDirectory
    let magicHour: MagicHour
    let modelsLab: ModelsLab
    let store: FileJobStore

    init(_ runDirectory: RunDirectory, server: String) throws {
        self.runDirectory = runDirectory
        store = try FileJobStore(directory: runDirectory.jobs)
        let configuration = ClientConfiguration(
            retry: RetryPolicy(initialDelay: .milliseconds(10), maximumDelay: .milliseconds(100)),
            jobStore: store
        )
        guard let url = URL(string: server) else { throw ValidationError("\(server) is not a URL.") }
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
        let onEvent: @Sendable (JobRecord, GenerationEvent) -> Void = { [runDirectory] record, event in
            guard case .resumed(let job) = event else { return }
            do {
                guard let number = Assignment.number(of: record), try runDirectory.note(number)?.job == nil else {
                    return
                }
                try runDirectory.write(Note(job: job), number)
            } catch { fatalError("\(error)") }
        }
        for jobs in [magicHour.jobs, modelsLab.jobs] {
            for try await _ in jobs.resumeAll(onEvent: onEvent) {}
        }
    }

    /// Returns the jobs that have not reached the service and the number of jobs in progress, and settles all others.
    ///
    /// The order of writes makes this reliable. The intent is stored before the create request is sent. The record remains
    /// until the handle is in the note and the file has its final name. A job with neither a record nor a handle was
    /// therefore not charged.
    func notStarted(_ assignments: [Assignment]) async throws -> (notStarted: [Assignment], inProgress: Int) {
        var records: [Int: JobRecord] = [:]
        for record in try await store.records() {
            if let number = Assignment.number(of: record) { records[number] = record }
        }
        var notStarted: [Assignment] = []
        var inProgress = 0
        for assignment in assignments {
            var note = try runDirectory.note(assignment.number) ?? Note()
            guard note.ending == nil else { continue }
            if let record = records[assignment.number] {
                if record.job != nil {
                    inProgress += 1
                    continue
                }
                note.ending = .unconfirmed
            } else if let job = note.job {
                note.ending =
                    try runDirectory.output(ofJob: job.id) != nil
                    ? .delivered : assignment.expectsFailure ? .failed : .lost
            } else {
                notStarted.append(assignment)
                continue
            }
            try runDirectory.write(note, assignment.number)
        }
        return (notStarted, inProgress)
    }

    /// Generates one job and writes a note of its outcome.
    func run(_ assignment: Assignment) async throws {
        let number = assignment.number
        let options = GenerationOptions(
            downloadDirectory: runDirectory.outputs,
            deadline: .seconds(60),
            polling: .backoff(initial: .milliseconds(20), factor: 1.3, maximum: .milliseconds(80)),
            reference: String(number)
        )
        let onEvent: @Sendable (GenerationEvent) -> Void = { event in
            guard case .submitted(let job) = event else { return }
            do { try runDirectory.write(Note(job: job), number) } catch { fatalError("\(error)") }
        }
        do {
            let job: JobHandle
            if assignment.isModelsLab {
                job = try await modelsLab.headshots.generate(
                    .init(prompt: assignment.prompt, faceImage: .file(runDirectory.photo)),
                    options: options,
                    onEvent: onEvent
                ).job
            } else {
                job = try await magicHour.headshots.generate(
                    .init(
                        assets: .init(imageFilePath: .file(runDirectory.photo)),
                        style: .init(prompt: assignment.prompt)
                    ),
                    options: options,
                    onEvent: onEvent
                ).job
            }
            try runDirectory.write(Note(job: job, ending: .delivered), number)
        } catch let error as HeadshotKitError {
            switch error.code {
            case .submissionUnconfirmed:
                try runDirectory.write(Note(ending: .unconfirmed, reason: error.description), number)
            case .jobFailed:
                try runDirectory.write(Note(job: error.job, ending: .failed, reason: error.description), number)
            default:
                // A job with a handle is resumed from the store. A job without one was not charged and starts again.
                break
            }
        }
    }
}
