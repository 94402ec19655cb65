extension MagicHour {
    /// The operation that colors a black and white photo: `POST /v1/photo-colorizer`.
    ///
    /// A photo costs 10 credits and takes about 10 seconds.
    public var photoColorizations: GenerationOperation<PhotoColorizationRequest, CreatedProject, ImageProject> {
        operation(Self.photoColorizationEndpoint)
    }

    static let photoColorizationEndpoint = Endpoint<PhotoColorizationRequest>(
        "photo-colorizer",
        filePrefix: "colorized",
        media: [.init("assets.image_file_path", \.assets.imageFilePath)],
        polling: .adaptive(median: .seconds(10)),
        cost: { _ in .exactly(10) }
    )

    /// A photo colorization request, which costs 10 credits.
    public struct PhotoColorizationRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public typealias Assets = PhotoAssets

        /// The input files of the request.
        public var assets: Assets
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a request from a black and white photo, such as `.file("old.jpg")`, `MediaSource(url)`, or `.data(data)`.
        public init(photo: MediaSource, name: String? = nil) {
            self.init(assets: Assets(imageFilePath: photo), name: name)
        }

        /// Creates a request in the shape of the API.
        public init(assets: Assets, name: String? = nil) {
            self.assets = assets
            self.name = name
        }
    }
}
