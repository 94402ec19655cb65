import ArgumentParser
import HeadshotKit

/// The `headshot create` command, which makes a headshot from a photo.
struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a headshot from a photo. The service charges for each headshot.",
        usage: "headshot create <photo> [<options>]",
        discussion: """
            EXAMPLES:
              headshot create me.jpg --prompt "navy suit, soft light" --output headshots
              headshot create me.jpg --dry-run
              headshot create - --service modelslab < me.jpg

            Set your API key in MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY. To use other base URLs, set MAGIC_HOUR_BASE_URL or \
            MODELSLAB_BASE_URL.

            Magic Hour charges 50 credits for a headshot. The prices of ModelsLab are not known in advance, so --max-credits \
            rejects every ModelsLab job.

            \(HelpTopics.reference)
            """
    )

    @Argument(help: MediaArgument.photoHelp, completion: .file(extensions: MediaKind.image.fileExtensions))
    var photo: String

    /// More photos, which are accepted only to name the command for them.
    @Argument(help: .hidden) var others: [String] = []

    @Option(help: ArgumentHelp("The service to use.", valueName: "service"))
    var service = ServiceArgument.magicHour

    @Option(help: Self.promptHelp)
    var prompt: String?

    static let promptHelp = ArgumentHelp(
        "A description of the headshot. (default: Magic Hour's own style; for ModelsLab “\(ModelsLabOptions.standardPrompt)”)",
        valueName: "text"
    )

    @OptionGroup var photos: PhotoOptions

    @OptionGroup var options: JobOptions

    @OptionGroup(title: "Magic Hour only") var magicHour: MagicHourOptions

    @OptionGroup(title: "ModelsLab only") var modelsLab: ModelsLabOptions

    func validate() throws {
        guard others.isEmpty else {
            throw ValidationError("create takes one photo. For several photos, run: \(Program.name) batch PHOTOS...")
        }
    }

    func run() async throws {
        let run = try options.run(for: service.handle, photos, requiringFace: magicHour.requireFace)
        let prompt = prompt
        let (service, magicHour, modelsLab) = (service, magicHour, modelsLab)
        let photo = MediaArgument(photo, called: "PHOTO", for: service.handle)
        try await run.perform {
            try ServiceOption.check(magicHour.options + modelsLab.options, for: service)
            switch service {
            case .magicHour:
                let operation = try run.magicHour().headshots
                try await photo.withSource { photo in
                    let request = magicHour.headshot(of: photo, prompt: prompt)
                    try await run.run(request, of: [(photo, .image)], with: operation)
                }
            case .modelsLab:
                let operation = try run.modelsLab().headshots
                try await photo.withSource { photo in
                    let request = modelsLab.headshot(of: photo, prompt: prompt)
                    try await run.run(request, of: [(photo, .image)], with: operation)
                }
            case .modelsLabFlux:
                let operation = try run.modelsLab().fluxHeadshots
                let seed = modelsLab.seed ?? Int.random(in: 1...Int(Int32.max))
                if modelsLab.seed == nil, !run.isDryRun { run.printer.print { Console.note("Seed: \(seed)") } }
                try await photo.withSource { photo in
                    let request = modelsLab.fluxHeadshot(of: photo, prompt: prompt, seed: seed)
                    try await run.run(request, of: [(photo, .image)], with: operation)
                }
            }
        }
    }
}
