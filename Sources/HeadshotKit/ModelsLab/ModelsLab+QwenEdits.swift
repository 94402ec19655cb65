extension ModelsLab {
    /// The operation that edits up to four photos as a prompt describes, with Qwen: `POST /image_editing/qwen_edit`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var qwenEdits: GenerationOperation<QwenEditRequest, ImageResult, ImageResult> {
        operation(Self.qwenEditEndpoint)
    }

    private static let qwenEditEndpoint = Endpoint<QwenEditRequest>(
        "qwen_edit",
        filePrefix: "edited",
        media: [.init("init_image", \.initImages)],
        check: { request, validator in
            validator.notBlank("prompt", request.prompt)
            validator.require(
                (1...4).contains(request.initImages.count),
                "init_image",
                "\(request.initImages.count) photos",
                "1 to 4 photos"
            )
        }
    )

    /// A Qwen model that edits photos.
    public struct QwenModel: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The model of September 2025.
        public static let edit2509: QwenModel = "qwen-edit-2509"
        /// The model of November 2025.
        public static let edit2511: QwenModel = "qwen-edit-2511"
    }

    /// A Qwen edit request.
    public struct QwenEditRequest: Codable, Equatable, Sendable {
        /// The description of the edit.
        public var prompt: String
        /// The photos, 1 to 4.
        public var initImages: [MediaSource]
        /// The model. The service defaults to ``QwenModel/edit2509``.
        public var modelID: QwenModel?
        /// Whether the service obscures unsafe images.
        public var safetyChecker: Bool?
        /// Whether the service delivers base64 text. The saved file is the decoded image in either case.
        public var base64: Bool?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case prompt, base64, webhook
            case initImages = "init_image"
            case modelID = "model_id"
            case safetyChecker = "safety_checker"
            case trackID = "track_id"
        }

        /// Creates a Qwen edit request. The service chooses a value for every omitted parameter.
        public init(
            prompt: String,
            initImages: [MediaSource],
            modelID: QwenModel? = nil,
            safetyChecker: Bool? = nil,
            base64: Bool? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.prompt = prompt
            self.initImages = initImages
            self.modelID = modelID
            self.safetyChecker = safetyChecker
            self.base64 = base64
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
