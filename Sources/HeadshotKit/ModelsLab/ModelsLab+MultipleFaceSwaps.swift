extension ModelsLab {
    /// The operation that replaces all faces in a photo: `POST /faceswap/multiple_face_swap`.
    ///
    /// Only accounts with a Standard or Premium plan can swap faces. The price is not known in advance, so setting
    /// ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at most 5, 10 or 15 jobs at once, depending on its
    /// plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var multipleFaceSwaps: GenerationOperation<MultipleFaceSwapRequest, ImageResult, ImageResult> {
        operation(Self.multipleFaceSwapEndpoint)
    }

    private static let multipleFaceSwapEndpoint = Endpoint<MultipleFaceSwapRequest>(
        "multiple_face_swap",
        path: "/faceswap/multiple_face_swap",
        filePrefix: "swapped",
        media: [.init("init_image", \.initImage), .init("target_image", \.targetImage)]
    )

    /// A request to replace all faces.
    public struct MultipleFaceSwapRequest: Codable, Equatable, Sendable {
        /// The photo with the new faces.
        public var initImage: MediaSource
        /// The photo in which the faces are replaced.
        public var targetImage: MediaSource
        /// Whether the output has a watermark. The service defaults to `true`.
        public var watermark: Bool?
        /// Whether the service delivers base64 text. The saved file is the decoded image in either case.
        public var base64: Bool?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case watermark, base64, webhook
            case initImage = "init_image"
            case targetImage = "target_image"
            case trackID = "track_id"
        }

        /// Creates a request to replace all faces. The service chooses a value for every omitted parameter.
        public init(
            initImage: MediaSource,
            targetImage: MediaSource,
            watermark: Bool? = nil,
            base64: Bool? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.initImage = initImage
            self.targetImage = targetImage
            self.watermark = watermark
            self.base64 = base64
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
