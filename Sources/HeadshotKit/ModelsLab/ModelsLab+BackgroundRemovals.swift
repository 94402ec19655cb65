extension ModelsLab {
    /// The operation that removes the background of a photo, or makes a mask of its subject: `POST /image_editing/removebg_mask`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var backgroundRemovals: GenerationOperation<BackgroundRemovalRequest, ImageResult, ImageResult> {
        operation(Self.backgroundRemovalEndpoint)
    }

    private static let backgroundRemovalEndpoint = Endpoint<BackgroundRemovalRequest>(
        "removebg_mask",
        filePrefix: "cutout",
        media: [.init("image", \.image)],
        check: { request, validator in
            validator.within("alpha_matting_foreground_threshold", request.alphaMattingForegroundThreshold, 0...240)
            validator.within("alpha_matting_background_threshold", request.alphaMattingBackgroundThreshold, 0...20)
            validator.within("alpha_matting_erode_size", request.alphaMattingErodeSize, 0...5)
        }
    )

    /// A background removal request.
    public struct BackgroundRemovalRequest: Codable, Equatable, Sendable {
        /// The photo.
        public var image: MediaSource
        /// Whether the edge of the subject is partly transparent, which suits hair. The service defaults to `false`.
        public var alphaMatting: Bool?
        /// The threshold of the foreground for alpha matting, from 0 to 240. The service defaults to 240.
        public var alphaMattingForegroundThreshold: Int?
        /// The threshold of the background for alpha matting, from 0 to 20. The service defaults to 20.
        public var alphaMattingBackgroundThreshold: Int?
        /// The size of the erosion for alpha matting, from 0 to 5. The service defaults to 5.
        public var alphaMattingErodeSize: Int?
        /// Whether the service smooths the mask. The service defaults to `false`.
        public var postProcessMask: Bool?
        /// Whether the output is the mask instead of the photo. The service defaults to `false`.
        public var onlyMask: Bool?
        /// Whether the mask is inverted. The service defaults to `false`.
        public var inverseMask: Bool?
        /// The random seed. The same seed produces the same image.
        public var seed: Int?
        /// Whether the service delivers base64 text. The saved file is the decoded image in either case.
        public var base64: Bool?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case image, seed, base64, webhook
            case alphaMatting = "alpha_matting"
            case alphaMattingForegroundThreshold = "alpha_matting_foreground_threshold"
            case alphaMattingBackgroundThreshold = "alpha_matting_background_threshold"
            case alphaMattingErodeSize = "alpha_matting_erode_size"
            case postProcessMask = "post_process_mask"
            case onlyMask = "only_mask"
            case inverseMask = "inverse_mask"
            case trackID = "track_id"
        }

        /// Creates a background removal request. The service chooses a value for every omitted parameter.
        public init(
            image: MediaSource,
            alphaMatting: Bool? = nil,
            alphaMattingForegroundThreshold: Int? = nil,
            alphaMattingBackgroundThreshold: Int? = nil,
            alphaMattingErodeSize: Int? = nil,
            postProcessMask: Bool? = nil,
            onlyMask: Bool? = nil,
            inverseMask: Bool? = nil,
            seed: Int? = nil,
            base64: Bool? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.image = image
            self.alphaMatting = alphaMatting
            self.alphaMattingForegroundThreshold = alphaMattingForegroundThreshold
            self.alphaMattingBackgroundThreshold = alphaMattingBackgroundThreshold
            self.alphaMattingErodeSize = alphaMattingErodeSize
            self.postProcessMask = postProcessMask
            self.onlyMask = onlyMask
            self.inverseMask = inverseMask
            self.seed = seed
            self.base64 = base64
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
