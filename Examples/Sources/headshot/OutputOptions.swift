import ArgumentParser
import Foundation
import HeadshotKit

/// The options of every command that saves files: the directory, the deadline, and the output format.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The directory for the files. The directory is created if needed.", valueName: "dir"),
        completion: .directory
    )
    var output = "."

    @Flag(help: "Overwrite an existing file of the same name. Without this flag, the new file gets a number.")
    var replace = false

    @Option(help: Self.deadlineHelp, transform: TimeArgument.init)
    var deadline: TimeArgument?

    @OptionGroup var format: FormatOptions

    static let deadlineHelp = ArgumentHelp(
        "The maximum time, such as 90s, 30m, 2h, or seconds. (default: 15m, or 60m for a video)",
        valueName: "time"
    )

    /// Creates the directory, and checks that files can be created in it.
    func prepareDirectory() throws {
        let directory = URL(directory: output)
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            guard access(directory.path, W_OK | X_OK) == 0 else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EACCES)
            }
        } catch {
            throw ToolError(
                status: .other,
                code: HeadshotKitError.Code.fileSystem.rawValue,
                message: "Nothing can be saved in \(directory.path): \(error.systemReason). Choose another directory."
            )
        }
    }

    func generation() throws -> GenerationOptions {
        GenerationOptions(
            downloadDirectory: URL(directory: output),
            deadline: deadline?.duration,
            polling: try .ofExpectedTime(),
            existingFiles: replace ? .replace : .keepBoth
        )
    }
}

/// The options of every command that creates a paid job.
struct JobOptions: ParsableArguments {
    @OptionGroup var output: OutputOptions

    @Flag(name: .customLong("dry-run"), help: "Print the price, and send nothing. This needs no API key.")
    var isDryRun = false

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
            Reject a request whose price is higher or unknown. Images and talking photos may cost more than the \
            known minimum.
            """,
            valueName: "n"
        )
    )
    var maximumCredits: Int?

    @Flag(name: .customLong("no-validation"), help: "Send the request even if a value is known to be invalid.")
    var skipsValidation = false

    func validate() throws {
        if skipsDownload, !skipsWait, output.format.value == .events {
            throw ValidationError("--format json prints no URLs. For the URLs, use --no-download with --json.")
        }
    }

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
            format: output.format.value,
            isDryRun: isDryRun,
            // A dry run leaves no trace.
            store: TrackedStore(
                directory: skipsStore || isDryRun ? nil : TrackedStore.defaultDirectory(),
                isOptional: true
            )
        )
    }
}

extension URL {
    /// Creates the URL of a directory from a path, which may begin with a tilde.
    init(directory path: String) {
        self.init(fileURLWithPath: (path as NSString).expandingTildeInPath, isDirectory: true)
    }
}
