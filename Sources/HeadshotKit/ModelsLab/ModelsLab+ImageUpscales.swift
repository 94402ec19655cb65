extension ModelsLab {
    /// The operation that enlarges a photo: `POST /image_editing/super_resolution`.
    ///
    /// The price is not known in advance, so setting ``GenerationOptions/maximumCredits`` prevents every job. An account can queue at
    /// most 5, 10 or 15 jobs at once, depending on its plan. Outputs are available for 24 hours, and their URLs cannot be renewed.
    public var imageUpscales: GenerationOperation<ImageUpscaleRequest, ImageResult, ImageResult> {
        operation(Self.imageUpscaleEndpoint)
    }

    private static let imageUpscaleEndpoint = Endpoint<ImageUpscaleRequest>(
        "super_resolution",
        filePrefix: "upscaled",
        media: [.init("init_image", \.initImage)],
        check: { request, validator in
            if let scale = request.scale { validator.require(scale >= 1, "scale", scale, "1 or more") }
        }
    )

    /// A model that enlarges photos.
    public struct ImageUpscaleModel: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Real-ESRGAN for photos, trained for a factor of 4.
        public static let realESRGANX4Plus: ImageUpscaleModel = "RealESRGAN_x4plus"
        /// Real-ESRGAN for anime, trained for a factor of 4.
        public static let realESRGANX4PlusAnime6B: ImageUpscaleModel = "RealESRGAN_x4plus_anime_6B"
        /// Real-ESRGAN for photos, trained for a factor of 2.
        public static let realESRGANX2Plus: ImageUpscaleModel = "RealESRGAN_x2plus"
        /// A small general model.
        public static let realesrGeneralX4V3: ImageUpscaleModel = "realesr-general-x4v3"
        /// Ultra resolution.
        public static let ultraResolution: ImageUpscaleModel = "ultra_resolution"
    }

    /// An image upscale request.
    public struct ImageUpscaleRequest: Codable, Equatable, Sendable {
        /// The photo.
        public var initImage: MediaSource
        /// The model. The service defaults to ``ImageUpscaleModel/realesrGeneralX4V3``.
        public var modelID: ImageUpscaleModel?
        /// The factor by which the width and the height grow, at least 1. The service defaults to 3. Enterprise accounts have a limit of
        /// 8 and a default of 2.
        public var scale: Int?
        /// Whether the service also restores faces. The service defaults to `false`.
        public var faceEnhance: Bool?
        /// The URL to which the service posts the result. Webhook requests are not signed.
        public var webhook: String?
        /// Your own identifier, which the webhook request contains.
        public var trackID: TrackID?

        enum CodingKeys: String, CodingKey {
            case scale, webhook
            case initImage = "init_image"
            case modelID = "model_id"
            case faceEnhance = "face_enhance"
            case trackID = "track_id"
        }

        /// Creates an image upscale request. The service chooses a value for every omitted parameter.
        public init(
            initImage: MediaSource,
            modelID: ImageUpscaleModel? = nil,
            scale: Int? = nil,
            faceEnhance: Bool? = nil,
            webhook: String? = nil,
            trackID: TrackID? = nil
        ) {
            self.initImage = initImage
            self.modelID = modelID
            self.scale = scale
            self.faceEnhance = faceEnhance
            self.webhook = webhook
            self.trackID = trackID
        }
    }
}
