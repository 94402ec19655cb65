import ArgumentParser
import HeadshotKit

/// The options for headshots that Magic Hour supports and ModelsLab does not.
struct MagicHourOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A name for the project.", valueName: "text"))
    var name: String?

    @Flag(
        name: .customLong("require-face"),
        help: "Look for a face first, for free, and make nothing of a photo without one."
    )
    var requireFace = false

    /// The options, each with the services that support it.
    var options: [OptionOfSome] {
        [
            OptionOfSome("--name", name != nil, [.magicHour]),
            OptionOfSome("--require-face", requireFace, [.magicHour]),
        ]
    }
}
