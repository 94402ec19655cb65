import ArgumentParser
import HeadshotKit

/// The `headshot faces` command, which finds the faces in a photo.
struct FacesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faces",
        abstract: "Find the faces in a photo and save each, at Magic Hour. This costs nothing.",
        usage: "headshot faces <photo> [<options>]",
        discussion: """
            A photo without a face is no error: no path is printed then, and the exit code is 0; with --require it is 2.

            The API key is taken from MAGIC_HOUR_API_KEY.

            \(OutputOptions.help)

            \(ExitStatus.help)
            """
    )

    @Argument(help: MediaArgument.photoHelp)
    var photo: String

    @Option(help: ArgumentHelp("How sure it has to be a face: 0 to 1. (default: 0.5)", valueName: "x"))
    var confidence: Double?

    @Flag(help: "End with exit code 2 where there is no face.")
    var require = false

    @OptionGroup var options: OutputOptions

    func run() async throws {
        // Face detection is free, so the job is not kept.
        let run = JobRun(
            service: .magicHour,
            generation: options.generation,
            json: options.json,
            store: TrackedStore(directory: nil)
        )
        let photo = MediaArgument(photo, called: "PHOTO", for: .magicHour)
        let confidence = confidence
        let faces = try await run.perform {
            let generator = try MagicHour(configuration: run.configuration).faceDetection
            return try await photo.withSource { photo in
                let request = MagicHour.FaceDetectionRequest(
                    assets: .init(targetFilePath: photo),
                    confidenceScore: confidence
                )
                return try await run.generate(request, with: generator).faces
            }
        }
        guard faces.isEmpty else { return }
        let message = "No face was found in the photo."
        if require {
            throw ToolError(status: .usage, code: HeadshotKitError.Code.noFaceDetected.rawValue, message: message)
        }
        Console.note(message)
    }
}
