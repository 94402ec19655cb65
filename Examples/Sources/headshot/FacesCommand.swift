import ArgumentParser
import HeadshotKit

/// The `headshot faces` command, which finds the faces in a photo.
struct FacesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faces",
        abstract: "Detect the faces in a photo with Magic Hour and save each face. This costs nothing.",
        usage: "headshot faces <photo> [<options>]",
        discussion: """
            EXAMPLE:
              headshot faces team.jpg --output faces

            A photo without a face is not an error: the command prints no path and exits with code 0. With --require, the exit \
            code is 2.

            Set your API key in MAGIC_HOUR_API_KEY.

            \(HelpTopics.reference)
            """
    )

    @Argument(help: MediaArgument.photoHelp, completion: .file(extensions: MediaKind.image.fileExtensions))
    var photo: String

    @Option(help: ArgumentHelp("The minimum confidence of a face, from 0 to 1. (default: 0.5)", valueName: "x"))
    var confidence: Double?

    @Flag(help: "Exit with code 2 if the photo has no face.")
    var require = false

    @OptionGroup var photos: PhotoOptions

    @OptionGroup var options: OutputOptions

    func run() async throws {
        // Face detection is free, so the job is not kept.
        var generation = try options.generation()
        photos.apply(to: &generation)
        let run = JobRun(
            service: .magicHour,
            generation: generation,
            format: options.format.value,
            store: TrackedStore(directory: nil)
        )
        let photo = MediaArgument(photo, called: "PHOTO", for: .magicHour)
        let confidence = confidence
        let faces = try await run.perform {
            let operation = try run.magicHour().faceDetection
            return try await photo.withSource { photo in
                let request = MagicHour.FaceDetectionRequest(
                    assets: .init(targetFilePath: photo),
                    confidenceScore: confidence
                )
                do {
                    return try await run.generate(request, with: operation).faces
                } catch var error as HeadshotKitError {
                    // The job has no record, so it cannot be resumed.
                    if error.job != nil { error.advice = "Run the command again. Face detection is free." }
                    throw error
                }
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
