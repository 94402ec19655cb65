extension MagicHour {
    /// The operation that puts the head in one photo on the body in another: `POST /v1/head-swap`.
    ///
    /// A photo costs 10 credits and takes about 18 seconds.
    public var headSwaps: GenerationOperation<HeadSwapRequest, CreatedProject, ImageProject> {
        operation(Self.headSwapEndpoint)
    }

    static let headSwapEndpoint = Endpoint<HeadSwapRequest>(
        "head-swap",
        filePrefix: "head-swap",
        media: [
            .init("assets.head_file_path", \.assets.headFilePath),
            .init("assets.body_file_path", \.assets.bodyFilePath),
        ],
        polling: .adaptive(median: .seconds(18)),
        check: { request, validator in
            guard let pixels = request.maxResolution else { return }
            validator.require(pixels >= 1, "max_resolution", pixels, "1 or more")
        },
        cost: { _ in .exactly(10) }
    )

    /// A head swap request, which costs 10 credits.
    public struct HeadSwapRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo of the head.
            public var headFilePath: MediaSource
            /// The photo of the body that receives the head.
            public var bodyFilePath: MediaSource

            /// Creates the assets from photos of a head and a body.
            public init(headFilePath: MediaSource, bodyFilePath: MediaSource) {
                self.headFilePath = headFilePath
                self.bodyFilePath = bodyFilePath
            }

            enum CodingKeys: String, CodingKey {
                case headFilePath = "head_file_path"
                case bodyFilePath = "body_file_path"
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The maximum length of the longer side in pixels. The service lowers it to the plan's maximum, at most 2,048.
        public var maxResolution: Int?
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a head swap request.
        ///
        /// - Parameters:
        ///   - head: The photo of the head, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - body: The photo of the body that receives the head.
        ///   - maxResolution: The maximum length of the longer side in pixels. Defaults to the plan's maximum, at most 2,048.
        ///   - name: The project's name, for your own reference.
        public init(head: MediaSource, body: MediaSource, maxResolution: Int? = nil, name: String? = nil) {
            self.init(
                assets: Assets(headFilePath: head, bodyFilePath: body),
                maxResolution: maxResolution,
                name: name
            )
        }

        /// Creates a head swap request in the shape of the API.
        public init(assets: Assets, maxResolution: Int? = nil, name: String? = nil) {
            self.assets = assets
            self.maxResolution = maxResolution
            self.name = name
        }

        enum CodingKeys: String, CodingKey {
            case assets, name
            case maxResolution = "max_resolution"
        }
    }
}
