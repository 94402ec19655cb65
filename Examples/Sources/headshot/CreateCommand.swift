import ArgumentParser
import HeadshotKit

/// `headshot create`: a headshot from a photo.
struct CreateCommand: AsyncParsableCommand {
    enum Service: String, ExpressibleByArgument, CaseIterable {
        case magicHour = "magic-hour"
        case modelsLab = "modelslab"

        var handle: JobHandle.Service {
            switch self {
            case .magicHour: .magicHour
            case .modelsLab: .modelsLab
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a headshot from a photo. This costs what the service charges.",
        usage: "headshot create <photo> [<options>]",
        discussion: """
            The API key is taken from MAGIC_HOUR_API_KEY or MODELSLAB_API_KEY; MAGIC_HOUR_BASE_URL and MODELSLAB_BASE_URL \
            replace the services' addresses.

            \(JobOptions.help)

            \(ExitStatus.help)
            """
    )

    @Argument(
        help: ArgumentHelp(
            "A file, an https address, a file uploaded to Magic Hour (api-assets/...), or - for standard input.",
            valueName: "photo"
        )
    )
    var photo: String

    @Option(help: ArgumentHelp("Who makes it.", valueName: "service"))
    var service = Service.magicHour

    @Option(
        help: ArgumentHelp(
            "What it is to look like. (default: Magic Hour's own style; for ModelsLab “\(Self.standardPrompt)”)",
            valueName: "text"
        )
    )
    var prompt: String?

    @Option(help: ArgumentHelp("A name for the project, at Magic Hour only.", valueName: "text"))
    var name: String?

    @OptionGroup var options: JobOptions

    /// ModelsLab makes nothing without a prompt.
    private static let standardPrompt =
        "professional headshot, business attire, soft studio light, plain background"

    func run() async throws {
        let run = options.run(for: service.handle)
        // An empty text is what a script's unset variable leaves: no wish.
        let prompt = prompt.flatMap { $0.isEmpty ? nil : $0 }
        let (photo, service, name) = (photo, service, name)
        try await run.perform {
            switch service {
            case .magicHour:
                let generator = try MagicHour(configuration: run.configuration).headshots
                try await PhotoArgument(text: photo, service: .magicHour).withSource { photo in
                    let request = MagicHour.HeadshotRequest(
                        assets: .init(imageFilePath: photo),
                        name: name,
                        style: prompt.map { .init(prompt: $0) }
                    )
                    try await run.generate(request, with: generator)
                }
            case .modelsLab:
                if name != nil { throw ToolError.usage("--name is for Magic Hour only: ModelsLab keeps no names.") }
                let generator = try ModelsLab(configuration: run.configuration).headshots
                try await PhotoArgument(text: photo, service: .modelsLab).withSource { photo in
                    let request = ModelsLab.HeadshotRequest(prompt: prompt ?? Self.standardPrompt, faceImage: photo)
                    try await run.generate(request, with: generator)
                }
            }
        }
    }
}
