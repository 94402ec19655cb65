import ArgumentParser
import Foundation
import HeadshotKit

/// The `headshot resume` command, which finishes paid jobs that were interrupted.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Finish a job that was interrupted: wait for it and save its outputs. This costs nothing.",
        usage: "headshot resume [<id> | --all] [<options>]",
        discussion: """
            Nothing is uploaded, created or paid again, and what is saved already is not downloaded again. An API key is needed \
            only for the services whose jobs you resume.

            Standard output holds the paths of the files, one a line. With --json each line is an object, as of create, for each \
            job, whether it was delivered or not. With --all a job that cannot be finished does not keep the others; the \
            exit code is that of the first, in the order of headshot jobs.

            A job that is not in the list, as after --no-store or on another machine, is resumed by the service's id with \
            --service, and with --kind unless it is a headshot.

            \(TrackedStore.help)

            \(ExitStatus.help)
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The job, by either of its ids in headshot jobs, or the beginning of one (four characters at least). Not needed when there is only one.",
            valueName: "id"
        )
    )
    var id: String?

    @Option(help: ArgumentHelp("Whose job it is, where the list does not have it.", valueName: "service"))
    var service: ServiceArgument?

    @Option(help: ArgumentHelp("What it makes, with --service. (default: headshot)", valueName: "kind"))
    var kind: JobKind?

    @Flag(help: "Finish all of them.")
    var all = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where the files are saved. (default: where they were meant to be)", valueName: "dir")
    )
    var output: String?

    @Option(help: OutputOptions.deadlineHelp, transform: TimeArgument.init)
    var deadline: TimeArgument?

    @Flag(help: "Print one JSON object for each job, each on a line, in place of paths.")
    var json = false

    func validate() throws {
        if all, id != nil { throw ValidationError("Name one job or give --all, not both.") }
        if service != nil, id == nil { throw ValidationError("--service is for a job that you name by its id.") }
        if kind != nil, service == nil { throw ValidationError("--kind needs --service.") }
        if let service, let kind, service.operation(kind) == nil {
            throw ValidationError("\(service.rawValue) makes nothing of the kind \(kind.rawValue).")
        }
    }

    func run() async throws {
        let directory = TrackedStore.usualDirectory()
        let resumption = Resumption(store: directory, output: output, deadline: deadline?.duration, json: json)
        if let id, let service, let operation = service.operation(kind ?? .headshot) {
            let job = JobHandle(service: service.handle, operation: operation, id: id)
            if let record = Self.record(of: job, in: directory) { return try await resumption.finish(record) }
            return try await resumption.finish(job)
        }
        let tracked = TrackedStore(directory: directory)
        let contents = try tracked.contents()
        SetAsideFiles.warn(of: contents.quarantined, in: directory)
        let records = contents.records
        if let id {
            try await resumption.finish(try records.one(named: id, in: tracked.open()))
        } else if records.isEmpty {
            Console.note("There are no unfinished jobs.")
        } else if all {
            try await resumption.finish(records)
        } else if let only = records.first, records.count == 1 {
            try await resumption.finish(only)
        } else {
            throw AdvisedError(
                cause: ToolError.usage("There are \(records.count) unfinished jobs: name one, or give --all."),
                advice: records.lines(in: try tracked.open()).joined(separator: "\n")
            )
        }
    }

    /// Returns the record of a job, or `nil` if there is none or the store cannot be read.
    ///
    /// An unusable store, such as one on a full disk, must not keep a paid job from being downloaded.
    private static func record(of job: JobHandle, in directory: URL) -> JobRecord? {
        do { return try TrackedStore(directory: directory).contents().records.first { $0.isRecord(of: job) } } catch {
            Console.note("warning: \(ErrorReport(error).message)")
            return nil
        }
    }
}
