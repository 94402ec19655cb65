import Foundation
import HeadshotKit

/// The resumption of stored jobs: a single job with progress, or many jobs concurrently.
struct Resumption: Sendable {
    let store: URL
    /// The directory to save files in. `nil` to use the directory in the job's record.
    let output: String?
    let deadline: Duration?
    let format: OutputFormat

    /// The maximum number of concurrent jobs.
    private static let maximumConcurrency = 8

    func finish(_ record: JobRecord) async throws {
        let run = JobRun(
            service: record.service,
            generation: try options(),
            format: format,
            store: TrackedStore(directory: store, record: record)
        )
        try await run.perform {
            let job = try await finish(record, with: run.store) { run.show($0) }
            try run.printer.print { try report(job) }
        }
    }

    /// Finishes a job without a record, using the service's ID.
    func finish(_ job: JobHandle) async throws {
        let run = JobRun(
            service: job.service,
            generation: try options(),
            format: format,
            store: TrackedStore(directory: nil)
        )
        try await run.perform {
            let finished = try await jobs(of: job.service, run.store).resume(job, options: run.generation) {
                run.show($0)
            }
            try run.printer.print { try report(finished) }
        }
    }

    /// Finishes all jobs, and reports the outcome of each as soon as it is known.
    func finish(_ records: [JobRecord]) async throws {
        Console.note("Resuming \(records.count) \(records.count == 1 ? "job" : "jobs").")
        let statuses: [Int: ExitStatus]
        do {
            statuses = try await Interruption.run { try await outcomes(of: records) }
        } catch is Interrupted {
            throw AdvisedError(
                cause: ToolError.interrupted(
                    "Interrupted. The remaining jobs continue at the services and are not charged again."
                ),
                advice: "To continue: \(Program.name) resume --all"
            )
        }
        let failures = statuses.filter { $0.value != .done }
        guard let first = failures.min(by: { $0.key < $1.key })?.value else { return }
        let message = "\(failures.count) of \(records.count) jobs were not delivered."
        throw ToolError(status: first, code: "other", message: message)
    }

    private func outcomes(of records: [JobRecord]) async throws -> [Int: ExitStatus] {
        var statuses: [Int: ExitStatus] = [:]
        try await withThrowingTaskGroup(of: (Int, ExitStatus).self) { group in
            for (index, record) in records.enumerated() {
                if index >= Self.maximumConcurrency, let (done, status) = try await group.next() {
                    statuses[done] = status
                }
                group.addTask { (index, try await outcome(of: record)) }
            }
            for try await (done, status) in group { statuses[done] = status }
        }
        return statuses
    }

    private func outcome(of record: JobRecord) async throws -> ExitStatus {
        // A failure to print results must not stop the other jobs.
        do { return try await unprintedOutcome(of: record) } catch let error as ToolError where error.isOfOutput {
            Console.note("error: \(record.title): \(error.message)")
            return error.status
        }
    }

    private func unprintedOutcome(of record: JobRecord) async throws -> ExitStatus {
        let store = TrackedStore(directory: store, record: record)
        do {
            let events = EventLog(format, id: record.job?.id)
            let job = try await finish(record, with: store) { events?.print($0) }
            Console.note("\(record.title) was delivered.")
            try report(job)
            return .done
        } catch let error as HeadshotKitError {
            let failure = ErrorReport(error)
            Console.note("error: \(record.title): \(failure.message)")
            if let advice = store.keptRecord?.advice(after: error.code) { Console.note(advice) }
            if format != .text {
                let report = JobReport(error, after: JobProgress(), service: record.service, kept: store.keptRecord)
                try Console.result(format.line(of: report))
            } else {
                try Console.results(error.savedFiles.map(\.path))
            }
            return failure.status
        }
    }

    private func finish(
        _ record: JobRecord,
        with store: TrackedStore,
        onEvent: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws -> RecoveredJob {
        try await jobs(of: record.service, store).resume(record, options: try options(), onEvent: onEvent)
    }

    private func jobs(of service: JobHandle.Service, _ store: TrackedStore) throws -> JobsAPI {
        let configuration = ClientConfiguration(jobStore: store)
        return service == .modelsLab
            ? try ModelsLab(configuration: configuration).jobs : try MagicHour(configuration: configuration).jobs
    }

    private func options() throws -> GenerationOptions {
        GenerationOptions(
            downloadDirectory: output.map(URL.init(directory:)),
            deadline: deadline,
            polling: try .ofExpectedTime()
        )
    }

    private func report(_ job: RecoveredJob) throws {
        if format != .text {
            try Console.result(format.line(of: JobReport(job)))
        } else {
            try Console.results(job.files.map(\.path))
        }
    }
}
