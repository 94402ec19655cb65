import Foundation
import HeadshotKit

/// One job on the command line: runs it, shows its progress, prints its results, and says what is left when it is interrupted.
struct JobRun: Sendable {
    let service: JobHandle.Service
    let options: OutputOptions
    let printer = ProgressPrinter()

    /// Does all that belongs to the job. Whatever is thrown has been reported on standard output, if that was wanted.
    func perform(_ body: @escaping @Sendable () async throws -> Void) async throws {
        do {
            try await Interruption.cancelling {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await printer.tick() }
                    defer { group.cancelAll() }
                    try await body()
                }
            }
            printer.finish()
        } catch let cause {
            printer.finish()
            let progress = printer.progress
            let error =
                cause is Interrupted
                ? ToolError(status: .interrupted, code: "interrupted", message: progress.interruption) : cause
            try printRemains(error, progress)
            throw error
        }
    }

    /// Generates, and prints what comes of it.
    func generate<Request, Created, Project: ReportedProject>(
        _ request: Request,
        from photo: MediaSource,
        with generator: Generator<Request, Created, Project>
    ) async throws {
        // Magic Hour's uploads are told of from their first byte to their last; ModelsLab's only as the system tells of them.
        if !photo.isLocal || service != .magicHour { printer.expectUnseenCreation() }
        let result = try await generator.generate(request, options: options.generation) { printer.show($0) }
        try printer.print {
            if options.json {
                try Console.result(JobReport(result).json)
            } else if result.files.isEmpty {
                try Console.result(result.job.id)
            } else {
                for file in result.files { try Console.result(file.path) }
            }
        }
    }

    /// What there is in spite of an error: a saved file is one, and so is the id of a job that was not to be waited for.
    private func printRemains(_ error: any Error, _ progress: JobProgress) throws {
        if options.json {
            try Console.result(JobReport(error, after: progress, service: service).json)
        } else if options.skipsWait, let job = progress.job {
            try Console.result(job.id)
        } else {
            for file in progress.files { try Console.result(file) }
        }
    }
}
