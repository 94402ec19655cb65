extension ModelsLab {
    /// The operation that dresses a person in a garment: `POST /image_editing/fashion`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var fashionTryOns: GenerationOperation<FashionTryOnRequest, ImageResult, ImageResult> {
        operation(Self.fashionEndpoint)
    }

    private static let fashionEndpoint = Endpoint<FashionTryOnRequest>(
        "fashion",
        filePrefix: "fashion",
        media: [.init("init_image", \.initImage), .init("cloth_image", \.clothImage)],
        check: { request, validator in
            validator.oneOf("num_inference_steps", request.numInferenceSteps, [21, 31, 41])
            validator.within("guidance_scale", request.guidanceScale, 1...20)
        }
    )

    /// The part of the body that a garment covers.
    public struct ClothType: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The upper body.
        public static let upperBody: ClothType = "upper_body"
        /// The lower body.
        public static let lowerBody: ClothType = "lower_body"
        /// The whole body, as dresses do.
        public static let dresses: ClothType = "dresses"
    }

    /// The use of the temporary storage.
    public struct TemporaryStorage: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The temporary storage.
        public static let yes: TemporaryStorage = "yes"
        /// The usual storage.
        public static let no: TemporaryStorage = "no"
    }

    /// A request to dress a person in a garment.
    public struct FashionTryOnRequest: Codable, Equatable, Sendable {
        /// The photo of the person, preferably of the whole body against a white background.
        public var initImage: MediaSource
        /// The photo of the garment alone.
        public var clothImage: MediaSource
        /// The part of the body that the garment covers.
        public var clothType: ClothType
        /// The description of the image.
        public var prompt: String?
        /// The description of content to exclude from the image.
        public var negativePrompt: String?
        /// The number of denoising steps: 21, 31 or 41.
        public var numInferenceSteps: Int?
        /// The strength with which the prompt is followed, from 1 to 20.
        public var guidanceScale: Double?
        /// The random seed. The same seed produces the same image.
        public var seed: Int?
        /// Whether the service keeps the output in its temporary storage. The service defaults to ``TemporaryStorage/no``.
        public var temp: TemporaryStorage?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case prompt, seed, temp, webhook
            case initImage = "init_image"
            case clothImage = "cloth_image"
            case clothType = "cloth_type"
            case negativePrompt = "negative_prompt"
            case numInferenceSteps = "num_inference_steps"
            case guidanceScale = "guidance_scale"
            case trackID = "track_id"
        }

        /// Creates a request. The service chooses a value for every omitted parameter.
        public init(
            initImage: MediaSource,
            clothImage: MediaSource,
            clothType: ClothType,
            prompt: String? = nil,
            negativePrompt: String? = nil,
            numInferenceSteps: Int? = nil,
            guidanceScale: Double? = nil,
            seed: Int? = nil,
            temp: TemporaryStorage? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.initImage = initImage
            self.clothImage = clothImage
            self.clothType = clothType
            self.prompt = prompt
            self.negativePrompt = negativePrompt
            self.numInferenceSteps = numInferenceSteps
            self.guidanceScale = guidanceScale
            self.seed = seed
            self.temp = temp
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
