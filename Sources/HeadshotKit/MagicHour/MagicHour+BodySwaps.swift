extension MagicHour {
    /// The operation that puts a person into the scene of another photo: `POST /v1/body-swap`.
    ///
    /// The price starts at 50 credits and depends on the resolution. A job takes about 27 seconds.
    public var bodySwaps: GenerationOperation<BodySwapRequest, CreatedProject, ImageProject> {
        operation(Self.bodySwapEndpoint)
    }

    static let bodySwapEndpoint = Endpoint<BodySwapRequest>(
        "body-swap",
        filePrefix: "body-swap",
        media: [
            .init("assets.person_file_path", \.assets.personFilePath),
            .init("assets.scene_file_path", \.assets.sceneFilePath).withoutFaceCheck(),
        ],
        polling: .adaptive(median: .seconds(27)),
        cost: { _ in .atLeast(50) }
    )

    /// A body swap request, which costs at least 50 credits.
    public struct BodySwapRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo of the person.
            public var personFilePath: MediaSource
            /// The photo of the scene.
            public var sceneFilePath: MediaSource

            /// Creates the assets from photos of a person and a scene.
            public init(personFilePath: MediaSource, sceneFilePath: MediaSource) {
                self.personFilePath = personFilePath
                self.sceneFilePath = sceneFilePath
            }

            enum CodingKeys: String, CodingKey {
                case personFilePath = "person_file_path"
                case sceneFilePath = "scene_file_path"
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The resolution, which determines the model: Nano Banana 2 Lite up to 1k, and Nano Banana 2 for 2k and 4k.
        public var resolution: ImageResolution
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a body swap request.
        ///
        /// - Parameters:
        ///   - person: The photo of the person, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - scene: The photo of the scene.
        ///   - resolution: The resolution, which determines the price: 640px, 1k, 2k, or 4k. Defaults to 1k.
        ///   - name: The project's name, for your own reference.
        public init(person: MediaSource, scene: MediaSource, resolution: ImageResolution = .k1, name: String? = nil) {
            self.init(
                assets: Assets(personFilePath: person, sceneFilePath: scene),
                resolution: resolution,
                name: name
            )
        }

        /// Creates a body swap request in the shape of the API.
        public init(assets: Assets, resolution: ImageResolution, name: String? = nil) {
            self.assets = assets
            self.resolution = resolution
            self.name = name
        }
    }
}
