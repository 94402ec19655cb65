import HeadshotKit

/// A create operation of Magic Hour for which the simulator has no rules of its own.
struct SimulatedOperation: Hashable {
    enum Kind: String {
        case image, video, audio
    }

    let kind: Kind
    /// The type of the operation's projects.
    let type: String
    /// The price of a job in credits. The real price of some operations depends on the length or the size of the output.
    let credits: Int

    /// The operations by their name in the path.
    static let all: [String: SimulatedOperation] = [
        "ai-clothes-changer": SimulatedOperation(kind: .image, type: "CLOTHES_CHANGER", credits: 25),
        "ai-face-editor": SimulatedOperation(kind: .image, type: "FACE_EDITOR", credits: 1),
        "ai-gif-generator": SimulatedOperation(kind: .image, type: "AI_GIF", credits: 50),
        "ai-image-editor": SimulatedOperation(kind: .image, type: "AI_IMAGE_EDITOR", credits: 5),
        "ai-image-upscaler": SimulatedOperation(kind: .image, type: "IMAGE_UPSCALER", credits: 25),
        "ai-meme-generator": SimulatedOperation(kind: .image, type: "AI_MEME", credits: 10),
        "ai-qr-code-generator": SimulatedOperation(kind: .image, type: "QR_CODE", credits: 0),
        "body-swap": SimulatedOperation(kind: .image, type: "BODY_SWAP", credits: 50),
        "face-swap-photo": SimulatedOperation(kind: .image, type: "FACE_SWAP", credits: 10),
        "head-swap": SimulatedOperation(kind: .image, type: "HEAD_SWAP", credits: 10),
        "image-background-remover": SimulatedOperation(kind: .image, type: "BACKGROUND_REMOVER", credits: 5),
        "photo-colorizer": SimulatedOperation(kind: .image, type: "PHOTO_COLORIZER", credits: 10),
        "ai-ugc-ad": SimulatedOperation(kind: .video, type: "UGC_AD", credits: 100),
        "ai-video-editor": SimulatedOperation(kind: .video, type: "VIDEO_EDITOR", credits: 100),
        "ai-video-translator": SimulatedOperation(kind: .video, type: "VIDEO_TRANSLATOR", credits: 100),
        "ai-video-upscaler": SimulatedOperation(kind: .video, type: "VIDEO_UPSCALER", credits: 100),
        "animation": SimulatedOperation(kind: .video, type: "ANIMATION", credits: 100),
        "audio-to-video": SimulatedOperation(kind: .video, type: "AUDIO_TO_VIDEO", credits: 100),
        "auto-subtitle-generator": SimulatedOperation(kind: .video, type: "AUTO_SUBTITLE", credits: 100),
        "character-replace": SimulatedOperation(kind: .video, type: "CHARACTER_REPLACE", credits: 100),
        "face-swap": SimulatedOperation(kind: .video, type: "FACE_SWAP", credits: 100),
        "image-to-video": SimulatedOperation(kind: .video, type: "IMAGE_TO_VIDEO", credits: 100),
        "lip-sync": SimulatedOperation(kind: .video, type: "LIP_SYNC", credits: 100),
        "text-to-video": SimulatedOperation(kind: .video, type: "TEXT_TO_VIDEO", credits: 100),
        "video-to-video": SimulatedOperation(kind: .video, type: "VIDEO_TO_VIDEO", credits: 100),
        "ai-music-generator": SimulatedOperation(kind: .audio, type: "MUSIC_GENERATOR", credits: 30),
        "ai-voice-cloner": SimulatedOperation(kind: .audio, type: "VOICE_CLONER", credits: 5),
        "ai-voice-generator": SimulatedOperation(kind: .audio, type: "VOICE_GENERATOR", credits: 5),
    ]
}

// The create operations without rules of their own.
extension SimulatedState {
    /// Creates a job. Only the name, the number of images, and the uploaded files in the request are checked.
    mutating func createOther(_ request: IncomingRequest) throws -> CannedResponse {
        guard let operation = SimulatedOperation.all[request.id] else {
            throw Rejection.magicHour(404, "not_found", "Not Found")
        }
        let body = try Fields(request.body)
        let name = try body.string("name")
        let count = operation.kind == .image ? try body.integer("image_count", in: 1...16) ?? 1 : 1
        let references = body.strings.filter { $0.hasPrefix("api-assets/") }
        for reference in references where files[reference]?.exists != true {
            throw Rejection.magicHour(422, "unprocessable_entity", "No uploaded file has the path \(reference)")
        }
        let failure = references.contains { files[$0]?.hasNoFace == true } ? JobFailure.noFace : nil
        let job = try start(.createOther, cost: operation.credits * count, failure: failure) {
            $0.name = name
            $0.other = operation
            $0.media = references
            $0.outputCount = count
        }
        return try created(job, costField: nil)
    }
}
