extension MagicHour {
    /// A job that makes images, and its outputs.
    public struct ImageProject: MagicHourProject, Codable {
        /// The project's id.
        public let id: String?
        /// The name that it was given.
        public let name: String?
        /// How it stands.
        public let status: ProjectStatus
        /// What it is, such as `AI_HEADSHOT`.
        public let type: ProjectType?
        /// When it was created.
        public let createdAt: Timestamp?
        /// Whether it exists still; false when it was deleted.
        public let enabled: Bool?
        /// How many images it makes.
        public let imageCount: Int?
        /// The credits that it cost.
        public let creditsCharged: Int?
        /// The same by an older name.
        public let totalFrameCost: Int?
        /// The outputs, when it is complete.
        public let downloads: [Download]
        /// Why it failed, if it did.
        public let error: ProjectError?
        /// How many outputs the service names without a link, or leaves out; `nil` if none.
        public let missingDownloads: Int?

        /// `image-projects`.
        public static let collection = "image-projects"
        /// ``PollingPolicy/images``.
        public static let polling = PollingPolicy.images

        enum CodingKeys: String, CodingKey {
            case id, name, status, type, enabled, downloads, error
            case createdAt = "created_at"
            case imageCount = "image_count"
            case creditsCharged = "credits_charged"
            case totalFrameCost = "total_frame_cost"
            case missingDownloads = "missing_downloads"
        }

        /// Reads a project, whatever of it is there. Without a status it counts as not done.
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
            // Of a job that names none, nobody can say that some are missing: they may come yet.
            let missing = max(links.count, min(imageCount ?? 0, 1_000)) - downloads.count
            missingDownloads = fields.integer(.missingDownloads) ?? (downloads.isEmpty || missing == 0 ? nil : missing)
            error = ProjectError.read(from: decoder, ifFailed: status == .error)
        }
    }
}
