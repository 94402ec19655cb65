import ArgumentParser
import HeadshotKit

/// The options for ModelsLab's headshots, supported by one or both of its models.
struct ModelsLabOptions: ParsableArguments {
    @Option(name: .customLong("negative-prompt"), help: ArgumentHelp("What it is not to show.", valueName: "text"))
    var negativePrompt: String?

    @Option(help: ArgumentHelp("Pixels: a multiple of 8, up to 512; with flux up to 1024.", valueName: "n"))
    var width: Int?

    @Option(help: ArgumentHelp("Pixels: a multiple of 8, up to 768; with flux up to 1024.", valueName: "n"))
    var height: Int?

    @Option(help: ArgumentHelp("How many images: 1 or 2; not with flux.", valueName: "n"))
    var samples: Int?

    @Option(help: ArgumentHelp("Steps of denoising: 21, 31 or 41; with flux up to 26.", valueName: "n"))
    var steps: Int?

    @Option(
        name: .customLong("guidance-scale"),
        help: ArgumentHelp("How closely the prompt is followed: 1 to 10.", valueName: "x")
    )
    var guidanceScale: Double?

    @Option(
        name: .customLong("s-scale"),
        help: ArgumentHelp("The weight of the face's structure: 0 to 2; not with flux.", valueName: "x")
    )
    var structureScale: Double?

    @Option(
        help: ArgumentHelp(
            "The same one gives the same image. Flux demands one: it is drawn by lot, and printed, unless given.",
            valueName: "n"
        )
    )
    var seed: Int?

    @Option(
        help: ArgumentHelp("Such as comic, chibi, 3d, anime, realistic; not with flux.", valueName: "style"),
        transform: ModelsLab.Style.init(rawValue:)
    )
    var style: ModelsLab.Style?

    @Flag(
        name: .customLong("safety-checker"),
        inversion: .prefixedNo,
        help: "Whether unsafe images are made harmless; not with flux."
    )
    var safetyChecker: Bool?

    @Option(
        name: .customLong("safety-checker-type"),
        help: ArgumentHelp(
            "How, such as black, blur, pixelate, sensitive_content_text; not with flux.",
            valueName: "type"
        ),
        transform: ModelsLab.SafetyCheckerType.init(rawValue:)
    )
    var safetyCheckerType: ModelsLab.SafetyCheckerType?

    @Flag(help: "Have it delivered as base64; what is saved is the image either way. Not with flux.")
    var base64 = false

    @Option(help: ArgumentHelp("Where the service posts the result to as well, unsigned.", valueName: "address"))
    var webhook: String?

    @Option(
        name: .customLong("track-id"),
        help: ArgumentHelp(
            "A mark of your own that comes back with the webhook: a number or a text.",
            valueName: "mark"
        )
    )
    var trackMark: String?

    private var trackID: ModelsLab.TrackID? { trackMark.map { mark in Int(mark).map { .number($0) } ?? .text(mark) } }

    /// The options, each with the services that support it.
    var options: [OptionOfSome] {
        let both = [ServiceArgument.modelsLab, .modelsLabFlux]
        return [
            OptionOfSome("--negative-prompt", negativePrompt != nil, both),
            OptionOfSome("--width", width != nil, both),
            OptionOfSome("--height", height != nil, both),
            OptionOfSome("--samples", samples != nil, [.modelsLab]),
            OptionOfSome("--steps", steps != nil, both),
            OptionOfSome("--guidance-scale", guidanceScale != nil, both),
            OptionOfSome("--s-scale", structureScale != nil, [.modelsLab]),
            OptionOfSome("--seed", seed != nil, both),
            OptionOfSome("--style", style != nil, [.modelsLab]),
            OptionOfSome("--safety-checker", safetyChecker != nil, [.modelsLab]),
            OptionOfSome("--safety-checker-type", safetyCheckerType != nil, [.modelsLab]),
            OptionOfSome("--base64", base64, [.modelsLab]),
            OptionOfSome("--webhook", webhook != nil, both),
            OptionOfSome("--track-id", trackMark != nil, both),
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
