import ArgumentParser
import Foundation
import HeadshotKit

/// The options of every command that saves files: the directory, the deadline, and the output format.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The directory for the files. The directory is created if needed.", valueName: "dir")
    )
    var output = "."

    @Flag(help: "Overwrite an existing file of the same name. Without this flag, the new file gets a number.")
    var replace = false

    @Option(help: Self.deadlineHelp, transform: TimeArgument.init)
    var deadline: TimeArgument?

    @Flag(help: "Print one JSON object instead of paths or an ID.")
    var json = false

    static let deadlineHelp = ArgumentHelp(
        "The maximum time, such as 90s, 30m, 2h, or seconds. (default: 15m, or 60m for a video)",
        valueName: "time"
    )

    func generation() throws -> GenerationOptions {
        GenerationOptions(
            downloadDirectory: URL(directory: output),
            deadline: deadline?.duration,
            polling: try .ofExpectedTime(),
            existingFiles: replace ? .replace : .keepBoth
        )
    }

    /// The description of the printed output, for `--help`.
    static let help = """
        Standard output contains only results: the paths of the saved files, one per line. Progress and errors go to standard error.

        With --json, the output is one object, also after a failure: {"id", "local_id", "service", "status", "credits_charged", \
        "refunded", "outputs": [{"path", "url"}], "error": {"code", "message"}}. Unknown values are null. "status" is complete, failed, \
        canceled, deleted, or the service's own status of an unfinished job. "credits_charged" is the charge for the job, and \
        "refunded" is whether the service refunded the charge. "local_id" is set while the job is stored. "path" is present if the \
        file was saved. "url" is present if the service returned a URL, which is secret and expires after 24 hours. "error" is \
        present only after a failure.
        """
}

/// The options of every command that creates a paid job.
struct JobOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions

    @Flag(name: .customLong("no-wait"), help: "Do not wait for the job. Print its ID once it is created.")
    var skipsWait = false

    @Flag(name: .customLong("no-download"), help: "Do not save the outputs. Print their URLs once the job is complete.")
    var skipsDownload = false

    @Flag(name: .customLong("no-store"), help: "Do not store the job for headshot resume.")
    var skipsStore = false

    @Option(
        name: .customLong("max-credits"),
        help: ArgumentHelp(
            """
            Reject a request that is known to cost more or has no known price. Images and talking photos may cost more than the \
            known minimum.
            """,
            valueName: "n"
        )
    )
    var maximumCredits: Int?

    @Flag(name: .customLong("no-validation"), help: "Send the request even if a value is known to be invalid.")
    var skipsValidation = false

    /// Creates a job run with these options and those of the command's photos, if it has any.
    func run(for service: JobHandle.Service, _ photos: PhotoOptions? = nil, requiringFace: Bool = false) throws
        -> JobRun
    {
        var generation = try output.generation()
        photos?.apply(to: &generation)
        generation.waitForCompletion = !skipsWait
        generation.downloadOutputs = !skipsDownload
        generation.maximumCredits = maximumCredits
        generation.validateRequest = !skipsValidation
        generation.faceCheck = requiringFace ? .atLeastOne : .none
        return JobRun(
            service: service,
            generation: generation,
            json: output.json,
            store: TrackedStore(directory: skipsStore ? nil : TrackedStore.defaultDirectory(), isOptional: true)
        )
    }

    /// The description of the printed output and the job store, for `--help`.
    static let help =
        OutputOptions.help
        + "\n\nWith --no-wait, the ID of the job is printed instead. With --no-download, the URLs of the outputs are printed.\n\n"
        + TrackedStore.help
}

extension URL {
    /// Creates the URL of a directory from a path, which may begin with a tilde.
    init(directory path: String) {
        self.init(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
    }
}
