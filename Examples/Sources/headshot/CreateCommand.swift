import ArgumentParser
import HeadshotKit

/// The `headshot create` command, which makes a headshot from a photo.
struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a headshot from a photo. This costs what the service charges.",
        usage: "headshot create <photo> [<options>]",
        discussion: """
            The API key is taken from MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY; MAGIC_HOUR_BASE_URL and MODELSLAB_BASE_URL \
            replace the services' addresses.

            Magic Hour charges 50 credits for a headshot. ModelsLab's prices are not known beforehand, so --max-credits lets \
            nothing be made there.

            \(JobOptions.help)

            \(ExitStatus.help)
            """
    )

    @Argument(help: MediaArgument.photoHelp)
    var photo: String

    @Option(help: ArgumentHelp("Who makes it.", valueName: "service"))
    var service = ServiceArgument.magicHour

    @Option(
        help: ArgumentHelp(
            "What it is to look like. (default: Magic Hour's own style; for ModelsLab “\(ModelsLabOptions.standardPrompt)”)",
            valueName: "text"
        )
    )
    var prompt: String?

    @OptionGroup var options: JobOptions

    @OptionGroup(title: "Magic Hour only") var magicHour: MagicHourOptions

    @OptionGroup(title: "ModelsLab only") var modelsLab: ModelsLabOptions

    func run() async throws {
        let run = options.run(for: service.handle, requiringFace: magicHour.requireFace)
        let prompt = prompt
        let (service, magicHour, modelsLab) = (service, magicHour, modelsLab)
        let photo = MediaArgument(photo, called: "PHOTO", for: service.handle)
        try await run.perform {
            try OptionOfSome.check(magicHour.options + modelsLab.options, for: service)
            switch service {
            case .magicHour:
                let generator = try MagicHour(configuration: run.configuration).headshots
                try await photo.withSource { photo in
                    let request = MagicHour.HeadshotRequest(
                        assets: .init(imageFilePath: photo),
                        name: magicHour.name,
                        style: prompt.map { .init(prompt: $0) }
                    )
                    try await run.generate(request, with: generator)
                }
            case .modelsLab:
                let generator = try ModelsLab(configuration: run.configuration).headshots
                try await photo.withSource { photo in
                    try await run.generate(modelsLab.headshot(of: photo, prompt: prompt), with: generator)
                }
            case .modelsLabFlux:
                let generator = try ModelsLab(configuration: run.configuration).fluxHeadshots
                let seed = modelsLab.seed ?? Int.random(in: 1...Int(Int32.max))
                if modelsLab.seed == nil { run.printer.print { Console.note("Seed: \(seed)") } }
                try await photo.withSource { photo in
                    let request = modelsLab.fluxHeadshot(of: photo, prompt: prompt, seed: seed)
                    try await run.generate(request, with: generator)
                }
            }
        }
    }
}
