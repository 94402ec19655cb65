import ArgumentParser
import HeadshotKit

/// The `headshot image` command, which makes images from text.
struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Create images from a text with Magic Hour. Each image costs 5 credits or more.",
        usage: "headshot image <prompt> [<options>]",
        discussion: """
            EXAMPLES:
              headshot image "a studio portrait of a violinist" --aspect-ratio 1:1
              headshot image "a logo for a bakery" --count 4 --dry-run

            The number of images and their sizes depend on the model. The tool rejects values that are known to be invalid before \
            they cost anything. Values that are not listed here are sent unchanged, because they may be new.

            Set your API key in MAGIC_HOUR_API_KEY.

            \(HelpTopics.reference)
            """
    )

    @Argument(help: ArgumentHelp("A description of the images.", valueName: "prompt"))
    var prompt: String

    @Option(
        help: ArgumentHelp(
            """
            The model, such as flux-2-klein, flux-schnell, gpt-image-2, gpt-image-2.5-flare, krea-2, nano-banana, nano-banana-2, \
            nano-banana-2-lite, nano-banana-2.1, nano-banana-pro, qwen-image-2.1, seedream-v4, seedream-v5-pro, z-image-turbo.
            """,
            valueName: "model"
        ),
        transform: MagicHour.ImageModel.init(rawValue:)
    )
    var model: MagicHour.ImageModel?

    @Option(help: ArgumentHelp("The number of images, from 1 to 16. Some models allow fewer.", valueName: "n"))
    var count = 1

    @Option(
        name: .customLong("aspect-ratio"),
        help: ArgumentHelp("The aspect ratio, such as 1:1, 16:9, 9:16.", valueName: "w:h"),
        transform: MagicHour.AspectRatio.init(rawValue:)
    )
    var aspectRatio: MagicHour.AspectRatio?

    @Option(
        help: ArgumentHelp("The resolution, such as 640px, 1k, 2k, 4k.", valueName: "size"),
        transform: MagicHour.ImageResolution.init(rawValue:)
    )
    var resolution: MagicHour.ImageResolution?

    @Option(
        help: ArgumentHelp(
            """
            The art style, such as general, ai-photo-generator, ai-logo-generator, ai-anime-generator, ai-sketch-generator, \
            movie-poster-generator, thumbnail-maker. The service's documentation lists all styles.
            """,
            valueName: "tool"
        ),
        transform: MagicHour.ImageTool.init(rawValue:)
    )
    var tool: MagicHour.ImageTool?

    @Option(help: ArgumentHelp("A name for the project.", valueName: "text"))
    var name: String?

    @OptionGroup var options: JobOptions

    func run() async throws {
        let run = try options.run(for: .magicHour)
        let request = MagicHour.ImageRequest(
            imageCount: count,
            style: .init(prompt: prompt, tool: tool),
            model: model,
            aspectRatio: aspectRatio,
            resolution: resolution,
            name: name
        )
        try await run.perform {
            try await run.run(request, with: run.magicHour().images)
        }
    }
}
