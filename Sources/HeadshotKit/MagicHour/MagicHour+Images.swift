extension MagicHour {
    /// Images from a text: `POST /v1/ai-image-generator`, from 5 to 150 credits an image, by model, about 4 s.
    public var images: GenerationOperation<ImageRequest, CreatedProject, ImageProject> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "ai-image-generator",
                path: "/v1/ai-image-generator",
                polling: .images,
                deadline: .imageDeadline,
                fileStem: "image",
                check: { request, validator in request.check(&validator) },
                // More than a thousand are refused anyway, and the largest numbers cannot be multiplied.
                cost: { .atLeast(($0.model?.minimumCredits ?? 5) * min(max(1, $0.imageCount), 1_000)) }
            ),
            service: MagicHourBackend<ImageProject>(api: api)
        )
    }

    /// A request for images.
    public struct ImageRequest: Codable, Hashable, Sendable {
        /// What the images are to show, and how.
        public struct Style: Codable, Hashable, Sendable {
            /// What the images are to show. Not blank.
            public var prompt: String
            /// The art style; the service's own default is ``ImageTool/general``.
            public var tool: ImageTool?
            /// How much care is taken.
            @available(*, deprecated, message: "The model decides the quality: set ImageRequest.model and resolution.")
            public var qualityMode: QualityMode?

            /// What the images are to show, and how.
            public init(prompt: String, tool: ImageTool? = nil) {
                self.prompt = prompt
                self.tool = tool
            }

            enum CodingKeys: String, CodingKey {
                case prompt, tool
                case qualityMode = "quality_mode"
            }
        }

        /// How many images: 1 to 16. Which numbers are possible depends on the model; see ``ImageModel``.
        public var imageCount: Int
        /// What the images are to show, and how.
        public var style: Style
        /// The model that makes them; the service's choice unless set.
        public var model: ImageModel?
        /// The shape of the images.
        public var aspectRatio: AspectRatio?
        /// The size of the images. Which are possible depends on the model; see ``ImageModel``.
        public var resolution: ImageResolution?
        /// A name for the project, for your own use.
        public var name: String?
        /// The shape of the images.
        @available(*, deprecated, message: "Use aspectRatio: landscape is 16:9, portrait 9:16, square 1:1.")
        public var orientation: Orientation?

        /// A request for images.
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
            if let resolution, ImageResolution.sizes.contains(resolution) {
                validator.require(
                    limits.resolutions.contains(resolution),
                    "resolution",
                    resolution,
                    "\(limits.resolutions.map(\.rawValue).joined(separator: ", ")) with \(model)"
                )
            }
        }
    }

    /// The shape of an image, width to height.
    public struct AspectRatio: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Wide: 16:9.
        public static let landscape: AspectRatio = "16:9"
        /// As wide as high: 1:1.
        public static let square: AspectRatio = "1:1"
        /// High: 9:16.
        public static let portrait: AspectRatio = "9:16"
    }

    /// The older form of ``AspectRatio``.
    public struct Orientation: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Wide.
        public static let landscape: Orientation = "landscape"
        /// High.
        public static let portrait: Orientation = "portrait"
        /// As wide as high.
        public static let square: Orientation = "square"
    }

    /// The older way of asking for quality.
    public struct QualityMode: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// More care.
        public static let pro: QualityMode = "pro"
        /// The usual care.
        public static let standard: QualityMode = "standard"
    }
}
