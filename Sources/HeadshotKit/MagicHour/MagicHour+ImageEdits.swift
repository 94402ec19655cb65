extension MagicHour {
    /// The operation that edits images by a text prompt: `POST /v1/ai-image-editor`.
    ///
    /// The price starts at 5 to 150 credits per image, depending on the model. A job takes about 9 seconds.
    public var imageEdits: GenerationOperation<ImageEditRequest, CreatedProject, ImageProject> {
        operation(Self.imageEditEndpoint)
    }

    static let imageEditEndpoint = Endpoint<ImageEditRequest>(
        "ai-image-editor",
        filePrefix: "edited",
        media: [
            .init("assets.image_file_paths", \.assets.imageFilePaths),
            .init("assets.image_file_path", \.assets.imageFilePath),
        ],
        polling: .adaptive(median: .seconds(9)),
        check: { request, validator in request.check(&validator) },
        // The cap prevents an overflow. The service rejects such counts anyway.
        cost: { .atLeast(($0.model?.limits?.minimumCredits ?? 5) * min(max(1, $0.imageCount ?? 1), 1_000)) }
    )

    /// An image edit request.
    public struct ImageEditRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The images, 1 to 10. See ``ImageEditModel`` for the number that each model supports.
            public var imageFilePaths: [MediaSource]?
            /// The image, from a field with an older name. Use ``imageFilePaths``.
            public var imageFilePath: MediaSource?

            /// Creates the assets from images.
            public init(imageFilePaths: [MediaSource]) {
                self.imageFilePaths = imageFilePaths
            }

            enum CodingKeys: String, CodingKey {
                case imageFilePaths = "image_file_paths"
                case imageFilePath = "image_file_path"
            }
        }

        /// The edit.
        public struct Style: Codable, Equatable, Sendable {
            /// The description of the edit, which must not be blank and has at most 15,000 characters.
            public var prompt: String
            /// The model, by its older name.
            @available(*, deprecated, message: "Use ImageEditRequest.model.")
            public var model: OlderModel?

            /// Creates a style from a prompt.
            public init(prompt: String) {
                self.prompt = prompt
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The edit.
        public var style: Style
        /// The number of edited images: 1, 4, 9, or 16. The service defaults to 1.
        public var imageCount: Int?
        /// The model that edits the images. If `nil`, the service chooses one.
        public var model: ImageEditModel?
        /// The aspect ratio of the edited images. The service defaults to ``AspectRatio/auto``.
        public var aspectRatio: AspectRatio?
        /// The resolution of the edited images. See ``ImageEditModel`` for the resolutions that each model supports.
        public var resolution: ImageResolution?
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates an image edit request.
        ///
        /// - Parameters:
        ///   - photos: The images, 1 to 10, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - prompt: The description of the edit, which must not be blank and has at most 15,000 characters.
        ///   - imageCount: The number of edited images: 1, 4, 9, or 16. The service defaults to 1.
        ///   - model: The model, which determines the price. If `nil`, the service chooses one.
        ///   - aspectRatio: The aspect ratio of the edited images. The service defaults to ``AspectRatio/auto``.
        public init(
            photos: [MediaSource],
            prompt: String,
            imageCount: Int? = nil,
            model: ImageEditModel? = nil,
            aspectRatio: AspectRatio? = nil
        ) {
            self.init(assets: Assets(imageFilePaths: photos), style: Style(prompt: prompt))
            self.imageCount = imageCount
            self.model = model
            self.aspectRatio = aspectRatio
        }

        /// Creates an image edit request in the shape of the API.
        public init(assets: Assets, style: Style) {
            self.assets = assets
            self.style = style
        }

        enum CodingKeys: String, CodingKey {
            case assets, style, model, resolution, name
            case imageCount = "image_count"
            case aspectRatio = "aspect_ratio"
        }

        fileprivate func check(_ validator: inout RequestValidator) {
            validator.notBlank("style.prompt", style.prompt)
            validator.length("style.prompt", style.prompt, upTo: 15_000)
            validator.oneOf("image_count", imageCount, [1, 4, 9, 16])
            let photos = assets.imageFilePaths?.count ?? (assets.imageFilePath == nil ? 0 : 1)
            let (field, text) = ("assets.image_file_paths", "\(photos) images")
            validator.require((1...10).contains(photos), field, text, "1 to 10 images")
            guard let model, let limits = model.limits else { return }
            if photos <= 10 {
                let allowed = "at most \(limits.maximumPhotos) images with \(model)"
                validator.require(photos <= limits.maximumPhotos, field, text, allowed)
            }
            validator.supported("resolution", resolution, limits.resolutions, outOf: ImageResolution.sizes, by: model)
        }
    }
}

extension MagicHour.ImageEditRequest {
    /// The aspect ratio of an edited image, as width to height.
    public struct AspectRatio: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The aspect ratio of the input.
        public static let auto: AspectRatio = "auto"
        /// Landscape, 16:9.
        public static let landscape: AspectRatio = "16:9"
        /// Landscape, 4:3.
        public static let landscape4x3: AspectRatio = "4:3"
        /// Landscape, 3:2.
        public static let landscape3x2: AspectRatio = "3:2"
        /// Square, 1:1.
        public static let square: AspectRatio = "1:1"
        /// Portrait, 4:5.
        public static let portrait4x5: AspectRatio = "4:5"
        /// Portrait, 2:3.
        public static let portrait2x3: AspectRatio = "2:3"
        /// Portrait, 9:16.
        public static let portrait: AspectRatio = "9:16"
    }

    /// A model, by its older name. ``MagicHour/ImageEditModel`` replaces this type.
    public struct OlderModel: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The model that the service chooses.
        public static let `default`: OlderModel = "default"
        /// Nano Banana.
        public static let nanoBanana: OlderModel = "Nano Banana"
        /// Seedream.
        public static let seedream: OlderModel = "Seedream"
    }
}
