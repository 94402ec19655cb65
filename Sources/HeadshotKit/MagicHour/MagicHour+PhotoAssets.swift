extension MagicHour {
    /// The input files of a request that takes one photo.
    public struct PhotoAssets: Codable, Equatable, Sendable {
        /// The photo.
        public var imageFilePath: MediaSource

        /// Creates the assets from a photo.
        public init(imageFilePath: MediaSource) {
            self.imageFilePath = imageFilePath
        }

        enum CodingKeys: String, CodingKey {
            case imageFilePath = "image_file_path"
        }
    }
}
