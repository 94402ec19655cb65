extension MagicHour {
    /// The operation that generates a professional headshot from a photo: `POST /v1/ai-headshot-generator`.
    ///
    /// A headshot costs 50 credits and takes about 16 seconds.
    public var headshots: GenerationOperation<HeadshotRequest, CreatedProject, ImageProject> {
        operation(Self.headshotEndpoint)
    }

    static let headshotEndpoint = Endpoint<HeadshotRequest>(
        "ai-headshot-generator",
        filePrefix: "headshot",
        media: [.init("assets.image_file_path", \.assets.imageFilePath)],
        polling: .headshots,
        check: { request, validator in validator.notBlank("style.prompt", request.style?.prompt) },
        cost: { _ in .exactly(50) }
    )

    /// A headshot request, which costs 50 credits.
    public struct HeadshotRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public typealias Assets = PhotoAssets

        /// The style of the headshot.
        public struct Style: Codable, Equatable, Sendable {
            /// The description of the headshot. If `nil`, the service uses its own professional style, which it recommends.
            public var prompt: String?

            /// Creates a style.
            public init(prompt: String? = nil) {
                self.prompt = prompt
            }
        }

        /// The input files of the request. The photo must show one detectable face.
        public var assets: Assets
        /// The project's name in the Magic Hour library.
        public var name: String?
        /// The style of the headshot.
        public var style: Style?

        /// Creates a headshot request from a photo and a description of the headshot.
        ///
        /// - Parameters:
        ///   - photo: The photo, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`. It must show one detectable face.
        ///   - prompt: The description of the headshot. If `nil`, the service uses its own professional style, which it recommends.
        ///   - name: The project's name, for your own reference.
        public init(photo: MediaSource, prompt: String? = nil, name: String? = nil) {
            self.init(assets: Assets(imageFilePath: photo), name: name, style: prompt.map { Style(prompt: $0) })
        }

        /// Creates a headshot request in the shape of the API.
        public init(assets: Assets, name: String? = nil, style: Style? = nil) {
            self.assets = assets
            self.name = name
            self.style = style
        }
    }
}
