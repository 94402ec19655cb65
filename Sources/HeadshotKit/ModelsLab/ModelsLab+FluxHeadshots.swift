extension ModelsLab {
    /// Headshots that resemble a photo, made by Flux: `POST /image_editing/flux_headshot`.
    ///
    /// The price is not known beforehand, and ``GenerationOptions/maximumCredits`` lets none be made. At most 5, 10 or 15 at once, by the
    /// account's plan. Outputs can be downloaded for 24 hours, and their links are never made anew.
    public var fluxHeadshots: GenerationOperation<FluxHeadshotRequest, ImageResult, ImageResult> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "flux_headshot",
                path: fluxHeadshotPath,
                polling: .images,
                deadline: .imageDeadline,
                fileStem: "headshot",
                media: [.init(name: "face_image", kind: .image, keyPath: \.faceImage)],
                check: { request, validator in
                    validator.notBlank("prompt", request.prompt)
                    validator.side("width", request.width, upTo: 1024)
                    validator.side("height", request.height, upTo: 1024)
                    validator.within("num_inference_steps", request.numInferenceSteps, 1...26)
                    validator.within("guidance_scale", request.guidanceScale, 1...10)
                }
            ),
            service: ModelsLabBackend(api: api, handover: handover, queue: queue)
        )
    }

    /// A request for headshots made by Flux.
    public struct FluxHeadshotRequest: Codable, Hashable, Sendable {
        /// What the image is to show.
        public var prompt: String
        /// The photo with the face.
        public var faceImage: MediaSource
        /// What the image is not to show.
        public var negativePrompt: String?
        /// The seed of chance: the same one gives the same image. Without one, the service takes one of its own.
        public var seed: Int?
        /// The width in pixels: up to 1024, a multiple of 8.
        public var width: Int?
        /// The height in pixels: up to 1024, a multiple of 8.
        public var height: Int?
        /// How many steps of denoising: up to 26.
        public var numInferenceSteps: Int?
        /// How closely the prompt is followed: 1 to 10.
        public var guidanceScale: Double?
        /// An address that the service posts the result to. Its calls are not signed.
        public var webhook: String?
        /// A mark of your own that comes back with the webhook.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case prompt, seed, width, height, webhook
            case faceImage = "face_image"
            case negativePrompt = "negative_prompt"
            case numInferenceSteps = "num_inference_steps"
            case guidanceScale = "guidance_scale"
            case trackID = "track_id"
        }

        /// A request for headshots; what is left out is up to the service.
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

        /// Writes the request; a seed that is left out as `null`, for the service wants the field.
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
