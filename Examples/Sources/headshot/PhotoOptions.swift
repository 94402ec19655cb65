import ArgumentParser
import HeadshotKit

/// The options of every command that sends a photo.
struct PhotoOptions: ParsableArguments {
    /// The handling of the private metadata of photos.
    enum Metadata: String, ExpressibleByArgument, CaseIterable {
        case keep, remove
    }

    @Option(
        name: .customLong("photo-metadata"),
        help: ArgumentHelp(
            """
            Whether local photos are sent with their location, camera, and other private metadata: keep or remove. With remove, a \
            URL is rejected, and so is a file that is not a complete JPEG, PNG, WebP, HEIC, or AVIF photo.
            """,
            valueName: "handling"
        )
    )
    var metadata = Metadata.keep

    /// Adds these options to those of a job.
    func apply(to generation: inout GenerationOptions) {
        generation.photoMetadata =
            switch metadata {
            case .keep: .keep
            case .remove: .remove
            }
    }
}
