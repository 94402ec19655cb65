import ArgumentParser
import HeadshotKit

/// What every command that makes something has: where to, for how long, and what is printed.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Where the files are saved. It is made when absent; no file is overwritten.",
            valueName: "dir"
        )
    )
    var output = "."

    @Option(
        help: ArgumentHelp(
            "How long it may take, such as 90s, 30m, 2h, or seconds. (default: 15m)",
            valueName: "time"
        ),
        transform: TimeArgument.init
    )
    var deadline: TimeArgument?

    @Flag(name: .customLong("no-wait"), help: "Do not wait for the job: print its id once it is created.")
    var skipsWait = false

    @Flag(name: .customLong("no-download"), help: "Do not save the outputs: print the job's id once it is done.")
    var skipsDownload = false

    @Flag(help: "Print one JSON object in place of paths or an id.")
    var json = false

    var generation: GenerationOptions {
        GenerationOptions(
            waitForCompletion: !skipsWait,
            downloadOutputs: !skipsDownload,
            downloadDirectory: output,
            deadline: deadline?.duration
        )
    }

    /// What is printed, for `--help`.
    static let help = """
        Standard output holds results only: the paths of the saved files, one a line, or the job's id with --no-wait or \
        --no-download. Progress and errors go to standard error.

        With --json it is one object, printed on failure too: {"id", "service", "status", "credits_charged", "outputs": \
        [{"path", "url"}], "error": {"code", "message"}}. Unknown values are null. "status" is complete, failed, canceled, \
        deleted, or the service's word for a job that is not done. "credits_charged" is what the service took when it created \
        the job. "path" is there only where a file was saved, "url" where the service gave a link (it is secret, and dies \
        after 24 hours), "error" where there was one.
        """
}
