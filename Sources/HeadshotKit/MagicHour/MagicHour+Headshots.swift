extension MagicHour {
    /// Professional headshots from a photo: `POST /v1/ai-headshot-generator`, 50 credits each, about 16 s.
    public var headshots: GenerationOperation<HeadshotRequest, CreatedProject, ImageProject> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "ai-headshot-generator",
                path: "/v1/ai-headshot-generator",
                polling: .headshots,
                deadline: .imageDeadline,
                fileStem: "headshot",
                media: [.init(name: "assets.image_file_path", kind: .image, keyPath: \.assets.imageFilePath)],
                check: { request, validator in validator.notBlank("style.prompt", request.style?.prompt) },
                cost: { _ in .exactly(50) }
            ),
            service: MagicHourBackend<ImageProject>(api: api)
        )
    }

    /// A request for a headshot: 50 credits.
    public struct HeadshotRequest: Codable, Hashable, Sendable {
        /// The files of the request.
        public struct Assets: Codable, Hashable, Sendable {
            /// The photo. It has to show one face that can be detected.
            public var imageFilePath: MediaSource

            /// The files of the request.
            public init(imageFilePath: MediaSource) {
                self.imageFilePath = imageFilePath
            }

            enum CodingKeys: String, CodingKey {
                case imageFilePath = "image_file_path"
            }
        }

        /// How the headshot is to look.
        public struct Style: Codable, Hashable, Sendable {
            /// What the headshot is to look like. Left out, the service uses its own professional style, which it recommends.
            public var prompt: String?

            /// How the headshot is to look.
            public init(prompt: String? = nil) {
                self.prompt = prompt
            }
        }

        /// The files of the request.
        public var assets: Assets
        /// A name for the project, for your own use.
        public var name: String?
        /// How the headshot is to look.
        public var style: Style?

        /// A request for a headshot.
        public init(assets: Assets, name: String? = nil, style: Style? = nil) {
            self.assets = assets
            self.name = name
            self.style = style
        }
    }
}
