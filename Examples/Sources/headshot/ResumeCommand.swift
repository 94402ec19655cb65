import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot resume` command, which finishes paid jobs that were interrupted.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Resume an interrupted job: wait for the job and save its outputs. This costs nothing.",
        usage: "headshot resume [<id> | --all] [<options>]",
        discussion: """
            EXAMPLES:
              headshot resume 4f1c
              headshot resume --all --output headshots
              headshot jobs | grep ai-headshot-generator | headshot resume -

            Nothing is uploaded, created or charged again, and saved files are not downloaded again. You need an API key only for \
            the services whose jobs you resume.

            With --all or several IDs, a job that fails does not stop the others. The exit code is that of the first failed job in \
            the order of headshot jobs, or of the IDs.

            A job that is not listed, for example after --no-store or on another machine, is resumed by the service's ID with \
            --service, and with --kind unless the job is a headshot.

            \(HelpTopics.reference)
            """
    )

    @Argument(
        help: ArgumentHelp(
            """
            The job, named by either ID in headshot jobs or a prefix of at least four characters, or - for the first word of each \
            line of standard input. Optional if there is only one job.
            """,
            valueName: "id"
        )
    )
    var id: String?

    @Option(help: ArgumentHelp("The service of a job that is not listed.", valueName: "service"))
    var service: ServiceArgument?

    @Option(help: ArgumentHelp("The kind of the job, with --service. (default: headshot)", valueName: "kind"))
    var kind: JobKind?

    @Flag(help: "Resume all jobs.")
    var all = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The directory for the files. (default: the directory of the job)", valueName: "dir"),
        completion: .directory
    )
    var output: String?

    @Option(help: OutputOptions.deadlineHelp, transform: TimeArgument.init)
    var deadline: TimeArgument?

    @OptionGroup var format: FormatOptions

    func validate() throws {
        if all, id != nil { throw ValidationError("Name one job or use --all, not both.") }
        if service != nil, id == nil || id == "-" { throw ValidationError("--service requires the ID of a job.") }
        if kind != nil, service == nil { throw ValidationError("--kind requires --service.") }
        if let service, let kind, service.operation(kind) == nil {
            throw ValidationError("\(service.rawValue) does not support the kind \(kind.rawValue).")
        }
    }

    func run() async throws {
        let directory = TrackedStore.defaultDirectory()
        let resumption = Resumption(
            store: directory,
            output: output,
            deadline: deadline?.duration,
            format: format.value
        )
        if let id, let service, let operation = service.operation(kind ?? .headshot) {
            let job = JobHandle(service: service.handle, operation: operation, id: id)
            if let record = await Self.record(of: job, in: directory) { return try await resumption.finish(record) }
            return try await resumption.finish(job)
        }
        let tracked = TrackedStore(directory: directory)
        let records = try await tracked.unfinished()
        try await tracked.open()?.warnOfQuarantinedFiles()
        if id == "-" {
            try await Self.finish(try Self.readNames(), of: records, in: tracked.open(), resumption)
        } else if let id {
            try await resumption.finish(try await records.one(named: id, in: tracked.open()))
        } else if records.isEmpty {
            Console.note("There are no unfinished jobs.")
        } else if all {
            try await resumption.finish(records)
        } else if let only = records.first, records.count == 1 {
            try await resumption.finish(only)
        } else {
            throw AdvisedError(
                cause: ToolError.usage("There are \(records.count) unfinished jobs. Name one, or use --all."),
                advice: await records.lines(in: try tracked.open()).joined(separator: "\n")
            )
        }
    }

    private static let maximumInput = 1 << 20

    /// Returns the first word of each line of standard input, without repetitions.
    private static func readNames() throws -> [String] {
        let data = try InputFile("-").read(upTo: maximumInput)
        guard data.count <= maximumInput else {
            throw ToolError.usage("Standard input is larger than 1 MiB. Write one ID on each line.")
        }
        var names: [String] = []
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            if let name = line.split(whereSeparator: \.isWhitespace).first.map(String.init), !names.contains(name) {
                names.append(name)
            }
        }
        // The list of headshot jobs may be empty.
        if names.isEmpty { Console.note("Standard input contains no IDs. There is nothing to resume.") }
        return names
    }

    /// Finishes the named jobs. A name that matches no job does not stop the others, because an earlier run may have finished it.
    private static func finish(
        _ names: [String],
        of records: [JobRecord],
        in store: FileJobStore?,
        _ resumption: Resumption
    ) async throws {
        var found: [JobRecord] = []
        var failures: [any Error] = []
        for name in names {
            do {
                let record = try await records.one(named: name, in: store)
                if !found.contains(where: { $0.id == record.id }) { found.append(record) }
            } catch {
                failures.append(error)
                let report = ErrorReport(error)
                Console.note("error: \(report.message)\(report.advice.map { "\n\($0)" } ?? "")")
            }
        }
        if !found.isEmpty { try await resumption.finish(found) }
        guard let first = failures.first else { return }
        throw ToolError(
            status: ErrorReport(first).status,
            code: ErrorReport(first).code,
            message: "\(failures.count) of \(names.count) IDs were not resumed."
        )
    }

    /// Returns the record of a job, or `nil` if there is none or the store cannot be read.
    ///
    /// An unusable store, such as one on a full disk, must not keep a paid job from being downloaded.
    private static func record(of job: JobHandle, in directory: URL) async -> JobRecord? {
        do { return try await TrackedStore(directory: directory).record(for: job) } catch {
            Console.note("warning: \(ErrorReport(error).message)")
            return nil
        }
    }
}
