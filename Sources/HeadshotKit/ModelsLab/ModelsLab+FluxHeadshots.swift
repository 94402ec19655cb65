extension ModelsLab {
    /// The operation that generates headshots from a photo with Flux: `POST /image_editing/flux_headshot`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var fluxHeadshots: GenerationOperation<FluxHeadshotRequest, ImageResult, ImageResult> {
        operation(Self.fluxHeadshotEndpoint(at: fluxHeadshotPath))
    }

    private static func fluxHeadshotEndpoint(at path: String) -> Endpoint<FluxHeadshotRequest> {
        Endpoint(
            "flux_headshot",
            path: path,
            filePrefix: "headshot",
            media: [.init("face_image", \.faceImage)],
            check: { request, validator in
                validator.notBlank("prompt", request.prompt)
                validator.side("width", request.width, upTo: 1024)
                validator.side("height", request.height, upTo: 1024)
                validator.within("num_inference_steps", request.numInferenceSteps, 1...26)
                validator.within("guidance_scale", request.guidanceScale, 1...10)
            }
        )
    }

    /// A Flux headshot request.
    public struct FluxHeadshotRequest: Codable, Equatable, Sendable {
        /// The description of the image.
        public var prompt: String
        /// The photo that shows the face.
        public var faceImage: MediaSource
        /// The description of content to exclude from the image.
        public var negativePrompt: String?
        /// The random seed. The same seed produces the same image. If `nil`, the service chooses one.
        public var seed: Int?
        /// The width in pixels, a multiple of 8 up to 1024.
        public var width: Int?
        /// The height in pixels, a multiple of 8 up to 1024.
        public var height: Int?
        /// The number of denoising steps, up to 26.
        public var numInferenceSteps: Int?
        /// The strength with which the prompt is followed, from 1 to 10.
        public var guidanceScale: Double?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case prompt, seed, width, height, webhook
            case faceImage = "face_image"
            case negativePrompt = "negative_prompt"
            case numInferenceSteps = "num_inference_steps"
            case guidanceScale = "guidance_scale"
            case trackID = "track_id"
        }

        /// Creates a Flux headshot request. The service chooses a value for every omitted parameter.
        public init(
            prompt: String,
            faceImage: MediaSource,
            negativePrompt: String? = nil,
            seed: Int? = nil,
            width: Int? = nil,
            height: Int? = nil,
            numInferenceSteps: Int? = nil,
            guidanceScale: Double? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.prompt = prompt
            self.faceImage = faceImage
            self.negativePrompt = negativePrompt
            self.seed = seed
            self.width = width
            self.height = height
            self.numInferenceSteps = numInferenceSteps
            self.guidanceScale = guidanceScale
            self.webhook = webhook
            self.trackID = trackID
        }

        /// Encodes the request. An omitted seed is encoded as `null`, because the service requires the field.
        public func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(prompt, forKey: .prompt)
            try fields.encode(faceImage, forKey: .faceImage)
            try fields.encodeIfPresent(negativePrompt, forKey: .negativePrompt)
            try fields.encode(seed, forKey: .seed)
            try fields.encodeIfPresent(width, forKey: .width)
            try fields.encodeIfPresent(height, forKey: .height)
            try fields.encodeIfPresent(numInferenceSteps, forKey: .numInferenceSteps)
            try fields.encodeIfPresent(guidanceScale, forKey: .guidanceScale)
            try fields.encodeIfPresent(webhook, forKey: .webhook)
            try fields.encodeIfPresent(trackID, forKey: .trackID)
        }
    }
}
