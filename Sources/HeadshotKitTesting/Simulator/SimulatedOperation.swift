import HeadshotKit

/// A create operation of Magic Hour for which the simulator has no rules of its own.
struct SimulatedOperation {
    enum Kind: String {
        case image, video, audio
    }

    /// The properties of the outputs that show which operation made them.
    struct Rendering {
        /// The factor by which an output is larger than other outputs.
        var scale = 1
        /// Whether the background is transparent.
        var isCutout = false
    }

    typealias Credits = @Sendable (JSONValue) -> Int
    typealias RenderingChoice = @Sendable (JSONValue) -> Rendering

    let kind: Kind
    /// The type of the operation's projects.
    let type: String
    /// Returns the price of one output of a valid request, in credits.
    let credits: Credits
    /// Returns the rendering of a valid request.
    let rendering: RenderingChoice

    init(
        kind: Kind,
        type: String,
        rendering: @escaping RenderingChoice = { _ in Rendering() },
        credits: @escaping Credits
    ) {
        self.kind = kind
        self.type = type
        self.rendering = rendering
        self.credits = credits
    }

    /// Creates an operation with a fixed price.
    init(kind: Kind, type: String, credits: Int) {
        self.init(kind: kind, type: type) { _ in credits }
    }

    /// The operations by their name in the path.
    static let all: [String: SimulatedOperation] = [
        "ai-clothes-changer": SimulatedOperation(kind: .image, type: "CLOTHES_CHANGER", credits: 25),
        "ai-face-editor": SimulatedOperation(kind: .image, type: "FACE_EDITOR", credits: 1),
        "ai-gif-generator": SimulatedOperation(kind: .image, type: "AI_GIF", credits: 50),
        "ai-image-editor": SimulatedOperation(kind: .image, type: "AI_IMAGE_EDITOR") {
            ImageModel.editorCredits($0["model"]?.string)
        },
        "ai-image-upscaler": SimulatedOperation(
            kind: .image,
            type: "IMAGE_UPSCALER",
            rendering: { Rendering(scale: upscaleFactor($0)) },
            credits: { request in
                let mode = request["style"]?["mode"]?.string
                let enhancement = request["style"]?["enhancement"]?.string
                let isPlain = ["preserve", "pro"].contains(mode) || mode == nil && enhancement == "Resemblance"
                return (isPlain ? 25 : 50) * (upscaleFactor(request) == 4 ? 4 : 1)
            }
        ),
        "ai-meme-generator": SimulatedOperation(kind: .image, type: "AI_MEME", credits: 10),
        "ai-qr-code-generator": SimulatedOperation(kind: .image, type: "QR_CODE", credits: 0),
        "body-swap": SimulatedOperation(kind: .image, type: "BODY_SWAP") {
            ["2k", "4k"].contains($0["resolution"]?.string) ? 100 : 50
        },
        "face-swap-photo": SimulatedOperation(kind: .image, type: "FACE_SWAP", credits: 10),
        "head-swap": SimulatedOperation(kind: .image, type: "HEAD_SWAP", credits: 10),
        "image-background-remover": SimulatedOperation(
            kind: .image,
            type: "BACKGROUND_REMOVER",
            rendering: { Rendering(isCutout: $0["assets"]?["background_image_file_path"] == nil) },
            credits: { _ in 5 }
        ),
        "photo-colorizer": SimulatedOperation(kind: .image, type: "PHOTO_COLORIZER", credits: 10),
        "ai-ugc-ad": SimulatedOperation(kind: .video, type: "UGC_AD", credits: 100),
        "ai-video-editor": SimulatedOperation(kind: .video, type: "VIDEO_EDITOR", credits: 100),
        "ai-video-translator": SimulatedOperation(kind: .video, type: "VIDEO_TRANSLATOR", credits: 100),
        "ai-video-upscaler": SimulatedOperation(kind: .video, type: "VIDEO_UPSCALER", credits: 100),
        "animation": SimulatedOperation(kind: .video, type: "ANIMATION", credits: 100),
        "audio-to-video": SimulatedOperation(kind: .video, type: "AUDIO_TO_VIDEO", credits: 100),
        "auto-subtitle-generator": SimulatedOperation(kind: .video, type: "AUTO_SUBTITLE", credits: 100),
        "character-replace": SimulatedOperation(kind: .video, type: "CHARACTER_REPLACE", credits: 100),
        "face-swap": SimulatedOperation(kind: .video, type: "FACE_SWAP") { 24 * seconds($0) },
        "image-to-video": SimulatedOperation(kind: .video, type: "IMAGE_TO_VIDEO", credits: 100),
        "lip-sync": SimulatedOperation(kind: .video, type: "LIP_SYNC") {
            // The price is per frame, and the simulated videos have 24 frames per second.
            24 * seconds($0) * ($0["style"]?["generation_mode"] == "pro" ? 2 : 1)
        },
        "text-to-video": SimulatedOperation(kind: .video, type: "TEXT_TO_VIDEO", credits: 100),
        "video-to-video": SimulatedOperation(kind: .video, type: "VIDEO_TO_VIDEO", credits: 100),
        "ai-music-generator": SimulatedOperation(kind: .audio, type: "MUSIC_GENERATOR") {
            wholeNumber($0["duration"]) ?? 1
        },
        "ai-voice-cloner": SimulatedOperation(kind: .audio, type: "VOICE_CLONER", credits: creditsOfText),
        "ai-voice-generator": SimulatedOperation(kind: .audio, type: "VOICE_GENERATOR", credits: creditsOfText),
    ]

    /// Returns 0.1 credits per character, rounded up.
    @Sendable private static func creditsOfText(_ request: JSONValue) -> Int {
        ((request["style"]?["prompt"]?.string?.count ?? 0) + 9) / 10
    }

    private static func upscaleFactor(_ request: JSONValue) -> Int {
        min(max(1, wholeNumber(request["scale_factor"]) ?? 1), 4)
    }

    /// Returns the length of the clip in whole seconds, up to a day.
    private static func seconds(_ request: JSONValue) -> Int {
        guard case .number(let start) = request["start_seconds"] ?? 0,
            case .number(let end) = request["end_seconds"] ?? 0
        else { return 1 }
        return Int(min(max(1, (end - start).rounded(.up)), 86_400))
    }

    /// Returns a number rounded up, if it is from 1 to a million.
    private static func wholeNumber(_ value: JSONValue?) -> Int? {
        guard case .number(let number) = value, (1...1_000_000).contains(number) else { return nil }
        return Int(number.rounded(.up))
    }
}

// The create operations without rules of their own.
extension SimulatedState {
    /// Creates a job. The request is validated against the documented schema, and its uploaded files must exist.
    mutating func createOtherJob(_ request: IncomingRequest) throws -> CannedResponse {
        guard let operation = SimulatedOperation.all[request.id] else {
            throw Rejection.magicHour(404, "not_found", "Not Found")
        }
        let body = try Fields(request.body)
        try RequestSchema.ofRequest(to: request.id)?.validate(body.json)
        let name = try body.string("name")
        let count = operation.kind == .image ? try body.integer("image_count", in: 1...16) ?? 1 : 1
        let references = body.strings.filter { $0.hasPrefix("api-assets/") }
        for reference in references where files[reference]?.exists != true {
            throw Rejection.magicHour(422, "unprocessable_entity", "No uploaded file has the path \(reference)")
        }
        let failure = references.contains { files[$0]?.hasNoFace == true } ? JobFailure.noFace : nil
        let job = try start(.createOtherJob, cost: operation.credits(body.json) * count, failure: failure) {
            $0.name = name
            $0.other = operation
            $0.rendering = operation.rendering(body.json)
            $0.media = references
            $0.outputCount = count
        }
        return try created(job, costField: nil)
    }
}
