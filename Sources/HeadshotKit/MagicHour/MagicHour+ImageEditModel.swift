extension MagicHour {
    /// A model that edits images.
    ///
    /// | Model | Resolutions | Images in a request |
    /// |---|---|---|
    /// | `krea-2` | 640px 1k | 1 to 2 |
    /// | `qwen-edit`, `qwen-image-2.1` | 640px 1k 2k | 1 to 3 |
    /// | `flux-2-klein` | 640px 1k 2k | 1 to 6 |
    /// | `nano-banana`, `nano-banana-2-lite` | 640px 1k | 1 to 10 |
    /// | `seedream-v5-pro` | 640px 1k 2k | 1 to 10 |
    /// | `gpt-image-2`, `gpt-image-2.5-flare`, `nano-banana-2`, `nano-banana-2.1`, `seedream-v4`, `seedream-v4.5` | 640px 1k 2k 4k | 1 to 10 |
    /// | `nano-banana-pro` | 1k 2k 4k | 1 to 10 |
    public struct ImageEditModel: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The model that the service chooses.
        public static let `default`: ImageEditModel = "default"
        /// FLUX.2 klein.
        public static let flux2Klein: ImageEditModel = "flux-2-klein"
        /// GPT Image 2.
        public static let gptImage2: ImageEditModel = "gpt-image-2"
        /// GPT Image 2.5 flare.
        public static let gptImage25Flare: ImageEditModel = "gpt-image-2.5-flare"
        /// Krea 2.
        public static let krea2: ImageEditModel = "krea-2"
        /// Nano Banana.
        public static let nanoBanana: ImageEditModel = "nano-banana"
        /// Nano Banana 2.
        public static let nanoBanana2: ImageEditModel = "nano-banana-2"
        /// Nano Banana 2 lite.
        public static let nanoBanana2Lite: ImageEditModel = "nano-banana-2-lite"
        /// Nano Banana 2.1.
        public static let nanoBanana21: ImageEditModel = "nano-banana-2.1"
        /// Nano Banana pro.
        public static let nanoBananaPro: ImageEditModel = "nano-banana-pro"
        /// Qwen Edit.
        public static let qwenEdit: ImageEditModel = "qwen-edit"
        /// Qwen Image 2.1.
        public static let qwenImage21: ImageEditModel = "qwen-image-2.1"
        /// Seedream 4.
        public static let seedreamV4: ImageEditModel = "seedream-v4"
        /// Seedream 4.5.
        public static let seedreamV45: ImageEditModel = "seedream-v4.5"
        /// Seedream 5 pro.
        public static let seedreamV5Pro: ImageEditModel = "seedream-v5-pro"

        /// The limits of a model, with its minimum number of credits per image.
        struct Limits {
            let minimumCredits: Int
            let resolutions: [ImageResolution]
            let maximumPhotos: Int

            init(_ minimumCredits: Int, _ resolutions: [ImageResolution], _ maximumPhotos: Int = 10) {
                self.minimumCredits = minimumCredits
                self.resolutions = resolutions
                self.maximumPhotos = maximumPhotos
            }
        }

        /// The limits of the model, or `nil` if the model is unknown.
        var limits: Limits? {
            switch self {
            case .flux2Klein: Limits(5, [.px640, .k1, .k2], 6)
            case .krea2: Limits(10, [.px640, .k1], 2)
            case .qwenEdit, .qwenImage21: Limits(10, [.px640, .k1, .k2], 3)
            case .seedreamV4: Limits(40, ImageResolution.sizes)
            case .gptImage2, .nanoBanana21, .seedreamV45: Limits(50, ImageResolution.sizes)
            case .nanoBanana, .nanoBanana2Lite: Limits(50, [.px640, .k1])
            case .seedreamV5Pro: Limits(75, [.px640, .k1, .k2])
            case .gptImage25Flare, .nanoBanana2: Limits(100, ImageResolution.sizes)
            case .nanoBananaPro: Limits(150, [.k1, .k2, .k4])
            default: nil
            }
        }
    }
}
