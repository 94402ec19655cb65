import ArgumentParser
import HeadshotKit

/// The options for ModelsLab's headshots, supported by one or both of its models.
struct ModelsLabOptions: ParsableArguments {
    @Option(
        name: .customLong("negative-prompt"),
        help: ArgumentHelp("A description of what the headshot must not show.", valueName: "text")
    )
    var negativePrompt: String?

    @Option(
        help: ArgumentHelp("The width in pixels: a multiple of 8, up to 512, or up to 1024 with flux.", valueName: "n")
    )
    var width: Int?

    @Option(
        help: ArgumentHelp("The height in pixels: a multiple of 8, up to 768, or up to 1024 with flux.", valueName: "n")
    )
    var height: Int?

    @Option(help: ArgumentHelp("The number of images, 1 or 2. Not with flux.", valueName: "n"))
    var samples: Int?

    @Option(help: ArgumentHelp("The number of denoising steps: 21, 31 or 41, or up to 26 with flux.", valueName: "n"))
    var steps: Int?

    @Option(
        name: .customLong("guidance-scale"),
        help: ArgumentHelp("How closely the image follows the prompt, from 1 to 10.", valueName: "x")
    )
    var guidanceScale: Double?

    @Option(
        name: .customLong("s-scale"),
        help: ArgumentHelp("The weight of the face's structure, from 0 to 2. Not with flux.", valueName: "x")
    )
    var structureScale: Double?

    @Option(
        help: ArgumentHelp(
            "The seed. The same seed gives the same image. With flux, the default is a random seed, which is printed.",
            valueName: "n"
        )
    )
    var seed: Int?

    @Option(
        help: ArgumentHelp("The style, such as comic, chibi, 3d, anime, realistic. Not with flux.", valueName: "style"),
        transform: ModelsLab.Style.init(rawValue:)
    )
    var style: ModelsLab.Style?

    @Flag(
        name: .customLong("safety-checker"),
        inversion: .prefixedNo,
        help: "Whether unsafe images are made harmless. Not with flux."
    )
    var safetyChecker: Bool?

    @Option(
        name: .customLong("safety-checker-type"),
        help: ArgumentHelp(
            "How unsafe images are made harmless, such as black, blur, pixelate, sensitive_content_text. Not with flux.",
            valueName: "type"
        ),
        transform: ModelsLab.SafetyCheckerType.init(rawValue:)
    )
    var safetyCheckerType: ModelsLab.SafetyCheckerType?

    @Flag(help: "Transfer the image as Base64. The saved file is the same. Not with flux.")
    var base64 = false

    @Option(
        help: ArgumentHelp("The URL to which the service also posts the result, without a signature.", valueName: "url")
    )
    var webhook: String?

    @Option(
        name: .customLong("track-id"),
        help: ArgumentHelp(
            "Your own ID that the webhook returns: a number or a text.",
            valueName: "id"
        )
    )
    var trackIDText: String?

    private var trackID: ModelsLab.TrackID? { trackIDText.map { text in Int(text).map { .number($0) } ?? .text(text) } }

    /// The options, each with the services that support it.
    var options: [ServiceOption] {
        let both = [ServiceArgument.modelsLab, .modelsLabFlux]
        return [
            ServiceOption("--negative-prompt", negativePrompt != nil, both),
            ServiceOption("--width", width != nil, both),
            ServiceOption("--height", height != nil, both),
            ServiceOption("--samples", samples != nil, [.modelsLab]),
            ServiceOption("--steps", steps != nil, both),
            ServiceOption("--guidance-scale", guidanceScale != nil, both),
            ServiceOption("--s-scale", structureScale != nil, [.modelsLab]),
            ServiceOption("--seed", seed != nil, both),
            ServiceOption("--style", style != nil, [.modelsLab]),
            ServiceOption("--safety-checker", safetyChecker != nil, [.modelsLab]),
            ServiceOption("--safety-checker-type", safetyCheckerType != nil, [.modelsLab]),
            ServiceOption("--base64", base64, [.modelsLab]),
            ServiceOption("--webhook", webhook != nil, both),
            ServiceOption("--track-id", trackIDText != nil, both),
        ]
    }

    /// The default prompt. ModelsLab requires a prompt.
    static let standardPrompt = "professional headshot, business attire, soft studio light, plain background"

    func headshot(of photo: MediaSource, prompt: String?) -> ModelsLab.HeadshotRequest {
        ModelsLab.HeadshotRequest(
            prompt: prompt ?? Self.standardPrompt,
            faceImage: photo,
            negativePrompt: negativePrompt,
            width: width,
            height: height,
            samples: samples,
            numInferenceSteps: steps,
            guidanceScale: guidanceScale,
            sScale: structureScale,
            seed: seed,
            style: style,
            safetyChecker: safetyChecker,
            safetyCheckerType: safetyCheckerType,
            base64: base64 ? true : nil,
            webhook: webhook,
            trackID: trackID
        )
    }

    func fluxHeadshot(of photo: MediaSource, prompt: String?, seed: Int) -> ModelsLab.FluxHeadshotRequest {
        ModelsLab.FluxHeadshotRequest(
            prompt: prompt ?? Self.standardPrompt,
            faceImage: photo,
            negativePrompt: negativePrompt,
            seed: seed,
            width: width,
            height: height,
            numInferenceSteps: steps,
            guidanceScale: guidanceScale,
            webhook: webhook,
            trackID: trackID
        )
    }
}
