import Foundation
import HeadshotKit

/// A job on the command line. It runs the job, shows its progress, prints its results, and reports what remains after an
/// interruption.
struct JobRun: Sendable {
    let service: JobHandle.Service
    let generation: GenerationOptions
    let format: OutputFormat
    /// Whether only the price is printed.
    let isDryRun: Bool
    let store: TrackedStore
    let printer = ProgressPrinter()
    private let events: EventLog?

    init(
        service: JobHandle.Service,
        generation: GenerationOptions,
        format: OutputFormat,
        isDryRun: Bool = false,
        store: TrackedStore
    ) {
        (self.service, self.generation, self.format) = (service, generation, format)
        (self.isDryRun, self.store) = (isDryRun, store)
        events = EventLog(format)
    }

    /// Returns the client of Magic Hour. A dry run sends nothing, so it needs no key.
    func magicHour() throws -> MagicHour {
        try MagicHour(apiKey: isDryRun ? "dry-run" : nil, configuration: ClientConfiguration(jobStore: store))
    }

    /// Returns the client of ModelsLab. A dry run sends nothing, so it needs no key.
    func modelsLab() throws -> ModelsLab {
        try ModelsLab(apiKey: isDryRun ? "dry-run" : nil, configuration: ClientConfiguration(jobStore: store))
    }

    /// Runs the job with progress and interruption handling.
    ///
    /// If the job fails, this method prints the JSON report or any partial results to standard output before it throws,
    /// unless standard output is what failed.
    @discardableResult
    func perform<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        do {
            try store.open()
            let value = try await Interruption.run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await printer.tick() }
                    defer { group.cancelAll() }
                    return try await body()
                }
            } onSignal: {
                if isCreating { printer.print { Console.note(Self.creationNotice) } }
            }
            printer.finish()
            return value
        } catch let cause {
            printer.finish()
            let progress = printer.progress
            let kept = store.keptRecord
            let error = cause is Interrupted ? ToolError.interrupted(progress.interruption(at: standing)) : cause
            if (error as? ToolError)?.isOfOutput != true { try printPartialResults(error, progress, kept) }
            guard let advice = advice(after: error, progress.job) else { throw error }
            throw AdvisedError(cause: error, advice: advice)
        }
    }

    /// Shows an event, and prints it if the format has events.
    func show(_ event: GenerationEvent) {
        printer.show(event)
        guard let events else { return }
        printer.print { events.print(event) }
    }

    /// Generates the outputs and prints the results, or prints the price in a dry run.
    func run<Request, Created, Project: ReportedProject>(
        _ request: Request,
        of media: [(source: MediaSource, kind: MediaKind)] = [],
        with operation: GenerationOperation<Request, Created, Project>
    ) async throws {
        guard isDryRun else {
            try await generate(request, with: operation)
            return
        }
        for (source, kind) in media { try source.check(as: kind) }
        let issues = generation.validateRequest ? operation.validationIssues(for: request) : []
        guard issues.isEmpty else { throw ToolError.usage(OptionNames.message(of: issues)) }
        let price = PriceReport(operation.estimatedCost(of: request), at: service)
        try price.check(generation.maximumCredits, of: "The job")
        try printer.print {
            if format == .text { Console.note(price.description) } else { try Console.result(price.jsonLine) }
        }
    }

    /// Generates the outputs and prints the results.
    @discardableResult
    func generate<Request, Created, Project: ReportedProject>(
        _ request: Request,
        with operation: GenerationOperation<Request, Created, Project>
    ) async throws -> Project {
        let result = try await operation.generate(request, options: generation) { show($0) }
        try printer.print {
            if format != .text {
                try Console.result(format.line(of: JobReport(result, kept: store.keptRecord)))
            } else if generation.waitForCompletion, generation.downloadOutputs {
                try Console.results(result.files.map(\.path))
            } else if generation.waitForCompletion {
                try Console.results(result.project.outputURLs)
            } else {
                try Console.result(result.job.id)
            }
            if let advice = store.keptRecord?.advice(after: nil) { Console.note(advice) }
        }
        return result.project
    }

    /// Returns the command to run next, including for a job that the store could not or must not keep.
    private func advice(after error: any Error, _ known: JobHandle?) -> String? {
        let error = error as? HeadshotKitError
        let kept = store.keptRecord
        if kept?.job == nil, let job = error?.job ?? known, store.record != nil {
            return job.advice(after: error?.code)
        }
        if kept == nil, let record = store.record, record.isUnconfirmed { return record.searchAdvice }
        return kept?.advice(after: error?.code)
    }

    /// Whether the job has been charged. Only a job that costs credits has a record.
    private var standing: JobProgress.Standing {
        guard store.record != nil else { return .nothingPaid }
        return isCreating ? .mayBePaid : .paid(isKept: store.keptRecord?.job != nil)
    }

    /// Whether the create request is in flight or its outcome is unknown.
    private var isCreating: Bool { store.record?.isUnconfirmed == true && printer.progress.job == nil }

    private static let creationNotice =
        "Waiting up to 10 s for the response, which contains the ID of the paid job. To end now, press Ctrl-C again."

    /// Prints the results that exist despite an error: the saved files, or the ID of a job created without waiting for
    /// completion.
    private func printPartialResults(_ error: any Error, _ progress: JobProgress, _ kept: JobRecord?) throws {
        if format != .text {
            try Console.result(format.line(of: JobReport(error, after: progress, service: service, kept: kept)))
        } else if !generation.waitForCompletion, let job = progress.job {
            try Console.result(job.id)
        } else {
            try Console.results(progress.files)
        }
    }
}
