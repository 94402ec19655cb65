import ArgumentParser
import Foundation
import HeadshotKit

/// The options of every command that saves files: the directory, the deadline, and the output format.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where the files are saved. It is made when absent.", valueName: "dir")
    )
    var output = "."

    @Flag(help: "Overwrite a file of the same name. Otherwise it is kept, and the new one gets a number.")
    var replace = false

    @Option(help: Self.deadlineHelp, transform: TimeArgument.init)
    var deadline: TimeArgument?

    @Flag(help: "Print one JSON object in place of paths or an id.")
    var json = false

    static let deadlineHelp = ArgumentHelp(
        "How long it may take, such as 90s, 30m, 2h, or seconds. (default: 15m, for a video 60m)",
        valueName: "time"
    )

    var generation: GenerationOptions {
        GenerationOptions(
            downloadDirectory: URL(directory: output),
            deadline: deadline?.duration,
            existingFiles: replace ? .replace : .keepBoth
        )
    }

    /// The description of the printed output, for `--help`.
    static let help = """
        Standard output holds results only: the paths of the saved files, one a line. Progress and errors go to standard error.

        With --json it is one object, printed on failure too: {"id", "local_id", "service", "status", "credits_charged", \
        "refunded", "outputs": [{"path", "url"}], "error": {"code", "message"}}. Unknown values are null. "status" is complete, failed, \
        canceled, deleted, or the service's word for a job that is not done. "credits_charged" is what the service took when it \
        created the job, "refunded" whether it gave that back. "local_id" is there while a job is kept. "path" is there only where a file was \
        saved, "url" where the service gave a link (it is secret, and dies after 24 hours), "error" where there was one.
        """
}

/// The options of every command that creates a paid job.
struct JobOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions

    @Flag(name: .customLong("no-wait"), help: "Do not wait for the job: print its id once it is created.")
    var skipsWait = false

    @Flag(name: .customLong("no-download"), help: "Do not save the outputs: print their links once the job is done.")
    var skipsDownload = false

    @Flag(name: .customLong("no-store"), help: "Do not keep the job for headshot resume.")
    var skipsStore = false

    @Option(
        name: .customLong("max-credits"),
        help: ArgumentHelp(
            "Do not begin what is known to cost more, or has no known price. Of images only a minimum is known.",
            valueName: "n"
        )
    )
    var maximumCredits: Int?

    @Flag(name: .customLong("no-validation"), help: "Send a request even if a value is known to be wrong.")
    var skipsValidation = false

    /// Creates a job run with these options.
    func run(for service: JobHandle.Service, requiringFace: Bool = false) -> JobRun {
        var generation = output.generation
        generation.waitForCompletion = !skipsWait
        generation.downloadOutputs = !skipsDownload
        generation.maximumCredits = maximumCredits
        generation.validateRequest = !skipsValidation
        generation.faceCheck = requiringFace ? .atLeastOne : .none
        return JobRun(
            service: service,
            generation: generation,
            json: output.json,
            store: TrackedStore(directory: skipsStore ? nil : TrackedStore.usualDirectory())
        )
    }

    /// The description of the printed output and the job store, for `--help`.
    static let help =
        OutputOptions.help
        + "\n\nWith --no-wait the job's id is printed instead, with --no-download the links to the outputs.\n\n"
        + TrackedStore.help
}

extension URL {
    /// Creates the URL of a directory from a path, which may begin with a tilde.
    init(directory path: String) {
        self.init(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
    }
}
