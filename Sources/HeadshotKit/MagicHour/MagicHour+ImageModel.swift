extension MagicHour {
    /// A model that generates images.
    ///
    /// Each model supports certain resolutions and image counts:
    ///
    /// | Model | Resolutions | Image counts |
    /// |---|---|---|
    /// | `flux-2-klein` | 640px 1k 2k | 1 |
    /// | `krea-2` | 640px 1k | 1 |
    /// | `flux-schnell`, `z-image-turbo`, `qwen-image-2.1`, `seedream-v5-pro` | 640px 1k 2k | 1 to 4 |
    /// | `gpt-image-2`, `gpt-image-2.5-flare`, `seedream-v4` (`seedream`) | 640px 1k 2k 4k | 1 to 4 |
    /// | `nano-banana`, `nano-banana-2-lite` | 640px 1k | 1 to 4 |
    /// | `nano-banana-2`, `nano-banana-2.1` | 640px 1k 2k 4k | 1, 4, 9, 16 |
    /// | `nano-banana-pro` | 1k 2k 4k | 1, 4, 9, 16 |
    public struct ImageModel: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The model that the service chooses.
        public static let `default`: ImageModel = "default"
        /// FLUX.2 klein.
        public static let flux2Klein: ImageModel = "flux-2-klein"
        /// FLUX schnell.
        public static let fluxSchnell: ImageModel = "flux-schnell"
        /// GPT Image 2.
        public static let gptImage2: ImageModel = "gpt-image-2"
        /// GPT Image 2.5 flare.
        public static let gptImage25Flare: ImageModel = "gpt-image-2.5-flare"
        /// Krea 2.
        public static let krea2: ImageModel = "krea-2"
        /// Nano Banana.
        public static let nanoBanana: ImageModel = "nano-banana"
        /// Nano Banana 2.
        public static let nanoBanana2: ImageModel = "nano-banana-2"
        /// Nano Banana 2 lite.
        public static let nanoBanana2Lite: ImageModel = "nano-banana-2-lite"
        /// Nano Banana 2.1.
        public static let nanoBanana21: ImageModel = "nano-banana-2.1"
        /// Nano Banana pro.
        public static let nanoBananaPro: ImageModel = "nano-banana-pro"
        /// Qwen Image 2.1.
        public static let qwenImage21: ImageModel = "qwen-image-2.1"
        /// Seedream 4, by its older name.
        public static let seedream: ImageModel = "seedream"
        /// Seedream 4.
        public static let seedreamV4: ImageModel = "seedream-v4"
        /// Seedream 5 pro.
        public static let seedreamV5Pro: ImageModel = "seedream-v5-pro"
        /// Z-Image turbo.
        public static let zImageTurbo: ImageModel = "z-image-turbo"

        /// The supported resolutions and image counts, or `nil` if the model is unknown.
        var limits: (resolutions: [ImageResolution], counts: [Int])? {
            switch self {
            case .flux2Klein: ([.px640, .k1, .k2], [1])
            case .krea2: ([.px640, .k1], [1])
            case .fluxSchnell, .zImageTurbo, .qwenImage21, .seedreamV5Pro: ([.px640, .k1, .k2], [1, 2, 3, 4])
            case .gptImage2, .gptImage25Flare, .seedreamV4, .seedream: ([.px640, .k1, .k2, .k4], [1, 2, 3, 4])
            case .nanoBanana, .nanoBanana2Lite: ([.px640, .k1], [1, 2, 3, 4])
            case .nanoBanana2, .nanoBanana21: ([.px640, .k1, .k2, .k4], [1, 4, 9, 16])
            case .nanoBananaPro: ([.k1, .k2, .k4], [1, 4, 9, 16])
            default: nil
            }
        }

        /// The minimum number of credits per image. An unknown model counts as the cheapest one.
        var minimumCredits: Int {
            switch self {
            case .krea2, .qwenImage21: 10
            case .seedreamV4, .seedream: 40
            case .gptImage2, .nanoBanana, .nanoBanana2Lite, .nanoBanana21: 50
            case .seedreamV5Pro: 75
            case .gptImage25Flare, .nanoBanana2: 100
            case .nanoBananaPro: 150
            default: 5
            }
        }
    }

    /// The resolution of an image.
    public struct ImageResolution: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 640 pixels.
        public static let px640: ImageResolution = "640px"
        /// About 1,000 pixels.
        public static let k1: ImageResolution = "1k"
        /// About 2,000 pixels.
        public static let k2: ImageResolution = "2k"
        /// About 4,000 pixels.
        public static let k4: ImageResolution = "4k"
        /// The resolution that the service chooses.
        @available(*, deprecated, message: "Leave the resolution out instead.")
        public static let auto: ImageResolution = "auto"

        /// The resolutions with a fixed size.
        static let sizes: [ImageResolution] = [.px640, .k1, .k2, .k4]
    }
}
