import ArgumentParser
import Foundation
import HeadshotKit

/// The clients and the bookkeeping of a worker.
struct WorkerState: Sendable {
    let runDirectory: RunDirectory
    let magicHour: MagicHour
    let modelsLab: ModelsLab
    let store: FileJobStore
    /// Whether create requests contain a tag, by which a webhook event finds the record.
    let isCorrelated: Bool

    init(_ runDirectory: RunDirectory, server: String, isCorrelated: Bool) throws {
        self.runDirectory = runDirectory
        self.isCorrelated = isCorrelated
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
        let onEvent: @Sendable (JobRecord, GenerationEvent) -> Void = { record, event in
            guard case .resumed(let job) = event else { return }
            noteResumed(job, of: record)
        }
        for jobs in [magicHour.jobs, modelsLab.jobs] {
            for try await _ in jobs.resumeAll(onEvent: onEvent) {}
        }
    }

    /// Notes the job of a record, before the record can leave the store.
    func noteResumed(_ job: JobHandle, of record: JobRecord) {
        do {
            guard let number = Assignment.number(of: record), try runDirectory.note(number)?.job == nil else { return }
            try runDirectory.write(Note(job: job), number)
        } catch { fatalError("\(error)") }
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
        let onEvent: @Sendable (GenerationEvent) -> Void = { event in
            guard case .submitted(let job) = event else { return }
            do { try runDirectory.write(Note(job: job), number) } catch { fatalError("\(error)") }
        }
        do {
            let job = try await generate(assignment, options(for: assignment), onEvent)
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

    /// The options of every job. A job is found by its number.
    func options(for assignment: Assignment) -> GenerationOptions {
        var options = GenerationOptions(
            downloadDirectory: runDirectory.outputs,
            deadline: .seconds(60),
            polling: .backoff(initial: .milliseconds(20), factor: 1.3, maximum: .milliseconds(80)),
            reference: String(assignment.number)
        )
        if isCorrelated { options.correlation = assignment.isModelsLab ? .trackID : .name }
        return options
    }

    func generate(
        _ assignment: Assignment,
        _ options: GenerationOptions,
        _ onEvent: EventHandler? = nil
    ) async throws -> JobHandle {
        let photo = MediaSource.file(runDirectory.photo)
        if assignment.isModelsLab {
            var request = ModelsLab.HeadshotRequest(prompt: assignment.prompt, faceImage: photo)
            if isCorrelated { request.webhook = "https://chaos.invalid/hooks" }
            return try await modelsLab.headshots.generate(request, options: options, onEvent: onEvent).job
        }
        let request = MagicHour.HeadshotRequest(
            assets: .init(imageFilePath: photo),
            style: .init(prompt: assignment.prompt)
        )
        return try await magicHour.headshots.generate(request, options: options, onEvent: onEvent).job
    }
}
