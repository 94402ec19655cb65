extension MagicHour {
    /// The operation that removes or replaces the background of a photo: `POST /v1/image-background-remover`.
    ///
    /// A photo costs 5 credits and takes about 4 seconds.
    public var backgroundRemovals: GenerationOperation<BackgroundRemovalRequest, CreatedProject, ImageProject> {
        operation(Self.backgroundRemovalEndpoint)
    }

    static let backgroundRemovalEndpoint = Endpoint<BackgroundRemovalRequest>(
        "image-background-remover",
        filePrefix: "cutout",
        media: [
            .init("assets.image_file_path", \.assets.imageFilePath),
            .init("assets.background_image_file_path", \.assets.backgroundImageFilePath).withoutFaceCheck(),
        ],
        polling: .adaptive(median: .seconds(4)),
        cost: { _ in .exactly(5) }
    )

    /// A background removal request, which costs 5 credits.
    public struct BackgroundRemovalRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo.
            public var imageFilePath: MediaSource
            /// The new background, which the service scales to the size of the photo. If `nil`, the background is transparent.
            public var backgroundImageFilePath: MediaSource?

            /// Creates the assets from a photo and a new background.
            public init(imageFilePath: MediaSource, backgroundImageFilePath: MediaSource? = nil) {
                self.imageFilePath = imageFilePath
                self.backgroundImageFilePath = backgroundImageFilePath
            }

            enum CodingKeys: String, CodingKey {
                case imageFilePath = "image_file_path"
                case backgroundImageFilePath = "background_image_file_path"
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a background removal request.
        ///
        /// - Parameters:
        ///   - photo: The photo, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - background: The new background, of about the same resolution. If `nil`, the background is transparent.
        ///   - name: The project's name, for your own reference.
        public init(photo: MediaSource, background: MediaSource? = nil, name: String? = nil) {
            self.init(assets: Assets(imageFilePath: photo, backgroundImageFilePath: background), name: name)
        }

        /// Creates a background removal request in the shape of the API.
        public init(assets: Assets, name: String? = nil) {
            self.assets = assets
            self.name = name
        }
    }
}
