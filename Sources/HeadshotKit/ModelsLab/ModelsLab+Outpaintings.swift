extension ModelsLab {
    /// The operation that extends a photo beyond its edges: `POST /image_editing/outpaint`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var outpaintings: GenerationOperation<OutpaintingRequest, ImageResult, ImageResult> {
        operation(Self.outpaintEndpoint)
    }

    private static let outpaintEndpoint = Endpoint<OutpaintingRequest>(
        "outpaint",
        filePrefix: "outpainted",
        media: [.init("image", \.image)],
        check: { request, validator in
            validator.within("width", request.width, 1...1440)
            validator.within("height", request.height, 1...1440)
            validator.within("overlap_width", request.overlapWidth, 0...42)
            validator.within("num_inference_steps", request.numInferenceSteps, 1...30)
        }
    )

    /// An outpainting request.
    public struct OutpaintingRequest: Codable, Equatable, Sendable {
        /// The photo.
        public var image: MediaSource
        /// The description of the image. The service defaults to `high quality`.
        public var prompt: String?
        /// The description of content to exclude from the image. The service defaults to `low quality`.
        public var negativePrompt: String?
        /// The width of the output in pixels, up to 1440. The service defaults to 1280.
        public var width: Int?
        /// The height of the output in pixels, up to 1440. The service defaults to 720.
        public var height: Int?
        /// The width of the strip in which the photo and the new part blend, in pixels, from 0 to 42. The service defaults to 10.
        public var overlapWidth: Int?
        /// The number of denoising steps, from 1 to 30. The service defaults to 10.
        public var numInferenceSteps: Int?
        /// The strength with which the prompt is followed. The service defaults to 8.
        public var guidanceScale: Double?
        /// The random seed. The same seed produces the same image.
        public var seed: Int?
        /// Whether the service keeps the output in its temporary storage. The service defaults to `true`.
        public var temp: Bool?
        /// Whether the service delivers base64 text. The saved file is the decoded image in either case.
        public var base64: Bool?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case image, prompt, width, height, seed, temp, base64, webhook
            case negativePrompt = "negative_prompt"
            case overlapWidth = "overlap_width"
            case numInferenceSteps = "num_inference_steps"
            case guidanceScale = "guidance_scale"
            case trackID = "track_id"
        }

        /// Creates an outpainting request. The service chooses a value for every omitted parameter.
        public init(
            image: MediaSource,
            prompt: String? = nil,
            negativePrompt: String? = nil,
            width: Int? = nil,
            height: Int? = nil,
            overlapWidth: Int? = nil,
            numInferenceSteps: Int? = nil,
            guidanceScale: Double? = nil,
            seed: Int? = nil,
            temp: Bool? = nil,
            base64: Bool? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.image = image
            self.prompt = prompt
            self.negativePrompt = negativePrompt
            self.width = width
            self.height = height
            self.overlapWidth = overlapWidth
            self.numInferenceSteps = numInferenceSteps
            self.guidanceScale = guidanceScale
            self.seed = seed
            self.temp = temp
            self.base64 = base64
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
