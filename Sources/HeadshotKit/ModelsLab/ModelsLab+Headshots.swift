extension ModelsLab {
    /// Headshots that resemble a photo: `POST /image_editing/head_shot`.
    ///
    /// The price is not known beforehand, and ``GenerationOptions/maximumCredits`` lets none be made. At most 5, 10 or 15 at once, by the
    /// account's plan. Outputs can be downloaded for 24 hours, and their links are never made anew.
    public var headshots: GenerationOperation<HeadshotRequest, ImageResult, ImageResult> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "head_shot",
                path: "/image_editing/head_shot",
                polling: .images,
                deadline: .imageDeadline,
                fileStem: "headshot",
                media: [.init(name: "face_image", kind: .image, keyPath: \.faceImage)],
                check: { request, validator in
                    validator.notBlank("prompt", request.prompt)
                    validator.side("width", request.width, upTo: 512)
                    validator.side("height", request.height, upTo: 768)
                    validator.within("samples", request.samples, 1...2)
                    validator.oneOf("num_inference_steps", request.numInferenceSteps, [21, 31, 41])
                    validator.within("guidance_scale", request.guidanceScale, 1...10)
                    validator.within("s_scale", request.sScale, 0...2)
                }
            ),
            service: ModelsLabBackend(api: api, handover: handover, queue: queue)
        )
    }

    /// What becomes of an image that the safety checker objects to.
    public struct SafetyCheckerType: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It becomes black.
        public static let black: SafetyCheckerType = "black"
        /// It is blurred.
        public static let blur: SafetyCheckerType = "blur"
        /// It bears a text that says so.
        public static let sensitiveContentText: SafetyCheckerType = "sensitive_content_text"
        /// It is pixelated.
        public static let pixelate: SafetyCheckerType = "pixelate"
    }

    /// A style of headshots.
    public struct Style: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A comic.
        public static let comic: Style = "comic"
        /// A figure with a large head.
        public static let chibi: Style = "chibi"
        /// A rendered scene.
        public static let threeD: Style = "3d"
        /// An anime.
        public static let anime: Style = "anime"
        /// A photograph.
        public static let realistic: Style = "realistic"
    }

    /// A request for headshots that resemble a photo.
    public struct HeadshotRequest: Codable, Hashable, Sendable {
        /// What the image is to show.
        public var prompt: String
        /// The photo with the face.
        public var faceImage: MediaSource
        /// What the image is not to show.
        public var negativePrompt: String?
        /// The width in pixels: up to 512, a multiple of 8. Left out, the photo's own.
        public var width: Int?
        /// The height in pixels: up to 768, a multiple of 8. Left out, the photo's own.
        public var height: Int?
        /// How many images: 1 or 2.
        public var samples: Int?
        /// How many steps of denoising: 21, 31 or 41.
        public var numInferenceSteps: Int?
        /// How closely the prompt is followed: 1 to 5 by the schema, and up to 10 in practice.
        public var guidanceScale: Double?
        /// The weight of the face's structure: 0 to 2, 1 unless set.
        public var sScale: Double?
        /// The seed of chance: the same one gives the same image.
        public var seed: Int?
        /// The style.
        public var style: Style?
        /// Whether unsafe images are made harmless.
        public var safetyChecker: Bool?
        /// How that is done.
        public var safetyCheckerType: SafetyCheckerType?
        /// Whether the service delivers base64 text. What is saved is the image either way.
        public var base64: Bool?
        /// An address that the service posts the result to. Its calls are not signed.
        public var webhook: String?
        /// A mark of your own that comes back with the webhook.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case prompt, width, height, samples, seed, style, base64, webhook
            case faceImage = "face_image"
            case negativePrompt = "negative_prompt"
            case numInferenceSteps = "num_inference_steps"
            case guidanceScale = "guidance_scale"
            case sScale = "s_scale"
            case safetyChecker = "safety_checker"
            case safetyCheckerType = "safety_checker_type"
            case trackID = "track_id"
        }

        /// A request for headshots; what is left out is up to the service.
        public init(
            prompt: String,
            faceImage: MediaSource,
            negativePrompt: String? = nil,
            width: Int? = nil,
            height: Int? = nil,
            samples: Int? = nil,
            numInferenceSteps: Int? = nil,
            guidanceScale: Double? = nil,
            sScale: Double? = nil,
            seed: Int? = nil,
            style: Style? = nil,
            safetyChecker: Bool? = nil,
            safetyCheckerType: SafetyCheckerType? = nil,
            base64: Bool? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.prompt = prompt
            self.faceImage = faceImage
            self.negativePrompt = negativePrompt
            self.width = width
            self.height = height
            self.samples = samples
            self.numInferenceSteps = numInferenceSteps
            self.guidanceScale = guidanceScale
            self.sScale = sScale
            self.seed = seed
            self.style = style
            self.safetyChecker = safetyChecker
            self.safetyCheckerType = safetyCheckerType
            self.base64 = base64
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
