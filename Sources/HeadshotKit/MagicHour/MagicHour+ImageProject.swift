extension MagicHour {
    /// A job that generates images, with its outputs.
    public struct ImageProject: MagicHourProject, Codable {
        /// The project's id.
        public let id: String?
        /// The project's name from the request.
        public let name: String?
        /// The project's status.
        public let status: ProjectStatus
        /// The project's type, such as `AI_HEADSHOT`.
        public let type: ProjectType?
        /// The time at which the project was created.
        public let createdAt: Timestamp?
        /// Whether the project still exists. `false` if the project was deleted.
        public let enabled: Bool?
        /// The number of images in the project.
        public let imageCount: Int?
        /// The credits charged.
        public let creditsCharged: Int?
        /// The credits charged, from a field with an older name.
        public let totalFrameCost: Int?
        /// The outputs, once the project is complete.
        public let downloads: [Download]
        /// The reason for the failure, or `nil` if there is none.
        public let error: ProjectError?
        /// The number of outputs that the service lists without a URL or omits, or `nil` if there are none.
        public let missingDownloads: Int?

        /// The API collection, `image-projects`.
        public static let collection = "image-projects"
        /// The default polling policy, ``PollingPolicy/images``.
        public static let polling = PollingPolicy.images

        enum CodingKeys: String, CodingKey {
            case id, name, status, type, enabled, downloads, error
            case createdAt = "created_at"
            case imageCount = "image_count"
            case creditsCharged = "credits_charged"
            case totalFrameCost = "total_frame_cost"
            case missingDownloads = "missing_downloads"
        }

        /// Creates a project from a decoder. Every field is optional. A project without a status counts as unfinished.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id)
            name = fields.text(.name)
            status = fields.status(.status) ?? "unknown"
            type = fields.value(.type)
            createdAt = fields.timestamp(.createdAt)
            enabled = fields.flag(.enabled)
            imageCount = fields.integer(.imageCount)
            totalFrameCost = fields.integer(.totalFrameCost)
            creditsCharged = fields.integer(.creditsCharged) ?? totalFrameCost
            let links = try fields.downloads(.downloads)
            downloads = links.compactMap { $0 }
            // If the response lists no outputs, none count as missing, because they may still follow.
            let missing = max(links.count, min(imageCount ?? 0, 1_000)) - downloads.count
            missingDownloads = fields.integer(.missingDownloads) ?? (downloads.isEmpty || missing == 0 ? nil : missing)
            error = ProjectError.read(from: decoder, ifFailed: status == .error)
        }
    }
}
