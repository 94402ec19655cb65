extension MagicHour {
    /// The operation that animates an image: `POST /v1/image-to-video`.
    ///
    /// The price depends on the model, length, and resolution and is not known in advance. A job takes about 33 seconds.
    public var imageToVideo: GenerationOperation<ImageToVideoRequest, CreatedProject, VideoProject> {
        operation(Self.imageToVideoEndpoint, as: VideoProject.self)
    }

    static let imageToVideoEndpoint = Endpoint<ImageToVideoRequest>(
        "image-to-video",
        filePrefix: "video",
        media: [
            .init("assets.image_file_path", \.assets.imageFilePath),
            .init("assets.end_image_file_path", \.assets.endImageFilePath).withoutFaceCheck(),
        ],
        polling: .adaptive(median: .seconds(33)),
        check: { request, validator in request.check(&validator) }
    )

    /// A request to animate an image.
    public struct ImageToVideoRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The first frame of the video.
            public var imageFilePath: MediaSource
            /// The last frame of the video, which most models support.
            public var endImageFilePath: MediaSource?

            /// Creates the assets from the first and the last frame.
            public init(imageFilePath: MediaSource, endImageFilePath: MediaSource? = nil) {
                self.imageFilePath = imageFilePath
                self.endImageFilePath = endImageFilePath
            }

            enum CodingKeys: String, CodingKey {
                case imageFilePath = "image_file_path"
                case endImageFilePath = "end_image_file_path"
            }
        }

        /// The style of the video.
        public struct Style: Codable, Equatable, Sendable {
            /// The description of the movement.
            public var prompt: String?
            /// Whether the video has 1,080 lines in place of 720.
            @available(*, deprecated, message: "Use ImageToVideoRequest.resolution.")
            public var highQuality: Bool?
            /// The quality mode.
            @available(*, deprecated, message: "Use ImageToVideoRequest.resolution: quick is 720p, studio is 1080p.")
            public var qualityMode: QualityMode?

            /// Creates a style.
            public init(prompt: String? = nil) {
                self.prompt = prompt
            }

            enum CodingKeys: String, CodingKey {
                case prompt
                case highQuality = "high_quality"
                case qualityMode = "quality_mode"
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The length of the video in seconds. See ``ImageToVideoModel`` for the lengths that each model supports.
        public var endSeconds: Double
        /// The model. If `nil`, the service chooses one.
        public var model: ImageToVideoModel?
        /// The resolution. The service defaults to 720p, and to 480p in the free tier.
        public var resolution: Resolution?
        /// Whether the video has sound, which some models charge for. The service defaults to `false`.
        public var audio: Bool?
        /// The style of the video.
        public var style: Style?
        /// The project's name in the Magic Hour library.
        public var name: String?
        /// The width of the video in pixels.
        @available(*, deprecated, message: "The service ignores the width. Use resolution.")
        public var width: Int?
        /// The height of the video in pixels.
        @available(*, deprecated, message: "The service ignores the height. Use resolution.")
        public var height: Int?

        /// Creates a request to animate an image.
        ///
        /// - Parameters:
        ///   - photo: The first frame, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - prompt: The description of the movement.
        ///   - endSeconds: The length of the video in seconds. It determines the price.
        ///   - model: The model, which determines the price. If `nil`, the service chooses one.
        ///   - resolution: The resolution. The service defaults to 720p, and to 480p in the free tier.
        public init(
            photo: MediaSource,
            prompt: String? = nil,
            endSeconds: Double,
            model: ImageToVideoModel? = nil,
            resolution: Resolution? = nil
        ) {
            self.init(assets: Assets(imageFilePath: photo), endSeconds: endSeconds)
            self.model = model
            self.resolution = resolution
            style = prompt.map { Style(prompt: $0) }
        }

        /// Creates a request in the shape of the API.
        public init(assets: Assets, endSeconds: Double) {
            self.assets = assets
            self.endSeconds = endSeconds
        }

        enum CodingKeys: String, CodingKey {
            case assets, model, resolution, audio, style, name, width, height
            case endSeconds = "end_seconds"
        }

        fileprivate func check(_ validator: inout RequestValidator) {
            validator.notBlank("style.prompt", style?.prompt)
            validator.require(endSeconds > 0 && endSeconds.isFinite, "end_seconds", endSeconds, "more than 0")
            guard let model, let limits = model.limits else { return }
            if endSeconds > 0 {
                let isAllowed = limits.seconds.contains { Double($0) == endSeconds }
                validator.require(isAllowed, "end_seconds", endSeconds, "\(limits.secondsText) with \(model)")
            }
            validator.supported("resolution", resolution, limits.resolutions, outOf: Resolution.known, by: model)
        }
    }
}

extension MagicHour.ImageToVideoRequest {
    /// The resolution of a video.
    public struct Resolution: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 360 lines.
        public static let p360: Resolution = "360p"
        /// 480 lines.
        public static let p480: Resolution = "480p"
        /// 720 lines.
        public static let p720: Resolution = "720p"
        /// 1,080 lines.
        public static let p1080: Resolution = "1080p"
        /// About 4,000 pixels.
        public static let k4: Resolution = "4k"

        /// The known resolutions.
        static let known: [Resolution] = [.p360, .p480, .p720, .p1080, .k4]
    }

    /// The quality mode of a video. ``Resolution`` replaces this type.
    public struct QualityMode: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// 720 lines.
        public static let quick: QualityMode = "quick"
        /// 1,080 lines.
        public static let studio: QualityMode = "studio"
    }
}
