extension ModelsLab {
    /// The operation that generates headshots from a photo: `POST /image_editing/head_shot`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var headshots: GenerationOperation<HeadshotRequest, ImageResult, ImageResult> {
        operation(Self.headshotEndpoint)
    }

    private static let headshotEndpoint = headshotEndpoint("head_shot", filePrefix: "headshot", guidanceScale: 1...10)

    /// Returns the endpoint of an operation that accepts headshot requests.
    static func headshotEndpoint(
        _ name: String,
        filePrefix: String,
        guidanceScale: ClosedRange<Double>
    ) -> Endpoint<HeadshotRequest> {
        Endpoint(
            name,
            filePrefix: filePrefix,
            media: [.init("face_image", \.faceImage)],
            check: { request, validator in
                validator.notBlank("prompt", request.prompt)
                validator.side("width", request.width, upTo: 512)
                validator.side("height", request.height, upTo: 768)
                validator.within("samples", request.samples, 1...2)
                validator.oneOf("num_inference_steps", request.numInferenceSteps, [21, 31, 41])
                validator.within("guidance_scale", request.guidanceScale, guidanceScale)
                validator.within("s_scale", request.sScale, 0...2)
            }
        )
    }

    /// The treatment of an image that the safety checker flags.
    public struct SafetyCheckerType: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A black image.
        public static let black: SafetyCheckerType = "black"
        /// A blurred image.
        public static let blur: SafetyCheckerType = "blur"
        /// A text that marks the image as sensitive.
        public static let sensitiveContentText: SafetyCheckerType = "sensitive_content_text"
        /// A pixelated image.
        public static let pixelate: SafetyCheckerType = "pixelate"
    }

    /// The style of a headshot or a portrait.
    public struct Style: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
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

    /// A request for ``headshots`` or ``facePortraits``.
    public struct HeadshotRequest: Codable, Equatable, Sendable {
        /// The description of the image.
        public var prompt: String
        /// The photo that shows the face.
        public var faceImage: MediaSource
        /// The description of content to exclude from the image.
        public var negativePrompt: String?
        /// The width in pixels, a multiple of 8 up to 512. If `nil`, the service uses the photo's width.
        public var width: Int?
        /// The height in pixels, a multiple of 8 up to 768. If `nil`, the service uses the photo's height.
        public var height: Int?
        /// The number of images, 1 or 2.
        public var samples: Int?
        /// The number of denoising steps: 21, 31 or 41.
        public var numInferenceSteps: Int?
        /// The strength with which the prompt is followed, from 1 to 5 in the schema and up to 10 in practice. Portraits
        /// accept up to 20.
        public var guidanceScale: Double?
        /// The weight of the face's structure, from 0 to 2. The service defaults to 1.
        public var sScale: Double?
        /// The random seed. The same seed produces the same image.
        public var seed: Int?
        /// The headshot style.
        public var style: Style?
        /// Whether the service obscures unsafe images.
        public var safetyChecker: Bool?
        /// The treatment of unsafe images.
        public var safetyCheckerType: SafetyCheckerType?
        /// Whether the service delivers base64 text. The saved file is the decoded image in either case.
        public var base64: Bool?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
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

        /// Creates a headshot request. The service chooses a value for every omitted parameter.
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
