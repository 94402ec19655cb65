extension MagicHour {
    /// The operation that enlarges an image: `POST /v1/ai-image-upscaler`.
    ///
    /// Twice the size costs 25 credits with ``ImageUpscaleRequest/Mode/preserve`` and 50 with the other modes. Four times the size costs
    /// 100 and 200, and requires the Creator, Pro, or Business tier. A job takes about 27 seconds.
    public var imageUpscales: GenerationOperation<ImageUpscaleRequest, CreatedProject, ImageProject> {
        operation(Self.imageUpscaleEndpoint)
    }

    static let imageUpscaleEndpoint = Endpoint<ImageUpscaleRequest>(
        "ai-image-upscaler",
        filePrefix: "upscaled",
        media: [.init("assets.image_file_path", \.assets.imageFilePath)],
        polling: .adaptive(median: .seconds(27)),
        check: { request, validator in
            validator.oneOf("scale_factor", request.scaleFactor, [2, 4])
            validator.notBlank("style.prompt", request.style?.prompt)
        },
        cost: { $0.cost }
    )

    /// An upscale request, which costs 25 to 200 credits.
    public struct ImageUpscaleRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public typealias Assets = PhotoAssets

        /// The style of the enlarged image.
        public struct Style: Codable, Equatable, Sendable {
            /// The mode. The service defaults to ``Mode/balanced``.
            public var mode: Mode?
            /// The description of the image, for ``Mode/creative``.
            public var prompt: String?
            /// The mode, from a field with an older name. Use ``mode``.
            public var enhancement: Enhancement?

            /// Creates a style.
            public init(mode: Mode? = nil, prompt: String? = nil) {
                self.mode = mode
                self.prompt = prompt
            }
        }

        /// A mode, which determines how many details are added.
        public struct Mode: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// The mode that stays true to the image, for half the price.
            public static let preserve: Mode = "preserve"
            /// The mode between the two others.
            public static let balanced: Mode = "balanced"
            /// The mode that adds details and follows a prompt.
            public static let creative: Mode = "creative"
            /// An older name for ``preserve``.
            public static let pro: Mode = "pro"
        }

        /// A mode, by its older name.
        public struct Enhancement: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// An older name for ``Mode/preserve``.
            public static let resemblance: Enhancement = "Resemblance"
            /// An older name for ``Mode/balanced``.
            public static let balanced: Enhancement = "Balanced"
            /// An older name for ``Mode/creative``.
            public static let creative: Enhancement = "Creative"
        }

        /// The input files of the request.
        public var assets: Assets
        /// The factor by which the sides of the image grow, 2 or 4.
        public var scaleFactor: Double
        /// The style of the enlarged image.
        public var style: Style?
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates an upscale request.
        ///
        /// - Parameters:
        ///   - photo: The image, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - scaleFactor: The factor by which the sides of the image grow, 2 or 4. Defaults to 2.
        ///   - mode: The mode, which determines the price. If `nil`, the service uses ``Mode/balanced``.
        ///   - prompt: The description of the image, for ``Mode/creative``.
        public init(photo: MediaSource, scaleFactor: Double = 2, mode: Mode? = nil, prompt: String? = nil) {
            let style = mode == nil && prompt == nil ? nil : Style(mode: mode, prompt: prompt)
            self.init(assets: Assets(imageFilePath: photo), scaleFactor: scaleFactor, style: style)
        }

        /// Creates an upscale request in the shape of the API.
        public init(assets: Assets, scaleFactor: Double, style: Style? = nil, name: String? = nil) {
            self.assets = assets
            self.scaleFactor = scaleFactor
            self.style = style
            self.name = name
        }

        enum CodingKeys: String, CodingKey {
            case assets, style, name
            case scaleFactor = "scale_factor"
        }

        /// The cost, exactly if the mode and the factor are known.
        var cost: CreditEstimate {
            let credits = scaleFactor == 4 ? 100 : 25
            let isKnown = [2, 4].contains(scaleFactor)
            switch (style?.mode, style?.enhancement) {
            case (.preserve, _), (.pro, _), (nil, .resemblance):
                return CreditEstimate(minimum: credits, isExact: isKnown)
            case (.balanced, _), (.creative, _), (nil, nil), (nil, .balanced), (nil, .creative):
                return CreditEstimate(minimum: 2 * credits, isExact: isKnown)
            default:
                return .atLeast(credits)
            }
        }
    }
}
