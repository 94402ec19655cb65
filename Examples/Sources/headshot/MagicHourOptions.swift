import ArgumentParser
import HeadshotKit

/// What Magic Hour's headshots can be told and ModelsLab's cannot.
struct MagicHourOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A name for the project.", valueName: "text"))
    var name: String?

    @Flag(
        name: .customLong("require-face"),
        help: "Look for a face first, for free, and make nothing of a photo without one."
    )
    var requireFace = false

    /// The options with the services that know them.
    var options: [OptionOfSome] {
        [
            OptionOfSome("--name", name != nil, [.magicHour]),
            OptionOfSome("--require-face", requireFace, [.magicHour]),
        ]
    }
}
