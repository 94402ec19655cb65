import ArgumentParser
import HeadshotKit

/// The options for headshots that Magic Hour supports and ModelsLab does not.
struct MagicHourOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A name for the project.", valueName: "text"))
    var name: String?

    @Flag(
        name: .customLong("require-face"),
        help: "Check the photo for a face first, for free, and create no job if there is none."
    )
    var requireFace = false

    /// The options, each with the services that support it.
    var options: [ServiceOption] {
        [
            ServiceOption("--name", name != nil, [.magicHour]),
            ServiceOption("--require-face", requireFace, [.magicHour]),
        ]
    }

    func headshot(of photo: MediaSource, prompt: String?) -> MagicHour.HeadshotRequest {
        MagicHour.HeadshotRequest(photo: photo, prompt: prompt, name: name)
    }
}
