extension MagicHour {
    /// The operation that generates images from a text prompt: `POST /v1/ai-image-generator`.
    ///
    /// The price starts at 5 to 150 credits per image, depending on the model. A job takes about 4 seconds.
    public var images: GenerationOperation<ImageRequest, CreatedProject, ImageProject> { operation(Self.imageEndpoint) }

    static let imageEndpoint = Endpoint<ImageRequest>(
        "ai-image-generator",
        filePrefix: "image",
        check: { request, validator in request.check(&validator) },
        // The cap prevents an overflow. The service rejects such counts anyway.
        cost: { .atLeast(($0.model?.minimumCredits ?? 5) * min(max(1, $0.imageCount), 1_000)) }
    )

    /// An image request.
    public struct ImageRequest: Codable, Equatable, Sendable {
        /// The content and art style of the images.
        public struct Style: Codable, Equatable, Sendable {
            /// The description of the images, which must not be blank.
            public var prompt: String
            /// The art style. The service defaults to ``ImageTool/general``.
            public var tool: ImageTool?
            /// The quality mode.
            @available(*, deprecated, message: "The model decides the quality: set ImageRequest.model and resolution.")
            public var qualityMode: QualityMode?

            /// Creates a style from a prompt.
            public init(prompt: String, tool: ImageTool? = nil) {
                self.prompt = prompt
                self.tool = tool
            }

            enum CodingKeys: String, CodingKey {
                case prompt, tool
                case qualityMode = "quality_mode"
            }
        }

        /// The number of images, from 1 to 16. See ``ImageModel`` for the counts that each model supports.
        public var imageCount: Int
        /// The content and art style of the images.
        public var style: Style
        /// The model that generates the images. If `nil`, the service chooses one.
        public var model: ImageModel?
        /// The aspect ratio of the images.
        public var aspectRatio: AspectRatio?
        /// The resolution of the images. See ``ImageModel`` for the resolutions that each model supports.
        public var resolution: ImageResolution?
        /// The project's name in the Magic Hour library.
        public var name: String?
        /// The orientation of the images.
        @available(*, deprecated, message: "Use aspectRatio: landscape is 16:9, portrait 9:16, square 1:1.")
        public var orientation: Orientation?

        /// Creates an image request from a prompt.
        ///
        /// - Parameters:
        ///   - prompt: The description of the images, which must not be blank.
        ///   - imageCount: The number of images, from 1 to 16.
        ///   - model: The model, which determines the price. If `nil`, the service chooses one.
        ///   - aspectRatio: The aspect ratio of the images.
        public init(
            prompt: String,
            imageCount: Int = 1,
            model: ImageModel? = nil,
            aspectRatio: AspectRatio? = nil
        ) {
            self.init(imageCount: imageCount, style: Style(prompt: prompt), model: model, aspectRatio: aspectRatio)
        }

        /// Creates an image request in the shape of the API.
        public init(
            imageCount: Int = 1,
            style: Style,
            model: ImageModel? = nil,
            aspectRatio: AspectRatio? = nil,
            resolution: ImageResolution? = nil,
            name: String? = nil
        ) {
            self.imageCount = imageCount
            self.style = style
            self.model = model
            self.aspectRatio = aspectRatio
            self.resolution = resolution
            self.name = name
        }

        enum CodingKeys: String, CodingKey {
            case style, model, resolution, name, orientation
            case imageCount = "image_count"
            case aspectRatio = "aspect_ratio"
        }

        func check(_ validator: inout RequestValidator) {
            validator.notBlank("style.prompt", style.prompt)
            validator.within("image_count", imageCount, 1...16)
            guard let model, let limits = model.limits else { return }
            if (1...16).contains(imageCount) {
                validator.require(
                    limits.counts.contains(imageCount),
                    "image_count",
                    imageCount,
                    "\(limits.counts.map(String.init).joined(separator: ", ")) with \(model)"
                )
            }
            validator.supported("resolution", resolution, limits.resolutions, outOf: ImageResolution.sizes, by: model)
        }
    }

    /// The aspect ratio of an image, as width to height.
    public struct AspectRatio: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Landscape, 16:9.
        public static let landscape: AspectRatio = "16:9"
        /// Square, 1:1.
        public static let square: AspectRatio = "1:1"
        /// Portrait, 9:16.
        public static let portrait: AspectRatio = "9:16"
    }

    /// The orientation of an image. ``AspectRatio`` replaces this type.
    public struct Orientation: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Landscape.
        public static let landscape: Orientation = "landscape"
        /// Portrait.
        public static let portrait: Orientation = "portrait"
        /// Square.
        public static let square: Orientation = "square"
    }

    /// The quality mode of an image. ``ImageModel`` and ``ImageResolution`` replace this type.
    public struct QualityMode: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Higher quality.
        public static let pro: QualityMode = "pro"
        /// Standard quality.
        public static let standard: QualityMode = "standard"
    }
}
