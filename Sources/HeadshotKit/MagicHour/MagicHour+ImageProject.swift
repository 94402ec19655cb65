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
        public let type: String?
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
        }

        /// Reads a project, whatever of it is there. Without a status it counts as not done.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id)
            name = fields.text(.name)
            status = fields.value(.status) ?? "unknown"
            type = fields.text(.type)
            createdAt = fields.timestamp(.createdAt)
            enabled = fields.flag(.enabled)
            imageCount = fields.integer(.imageCount)
            totalFrameCost = fields.integer(.totalFrameCost)
            creditsCharged = fields.integer(.creditsCharged) ?? totalFrameCost
            downloads = try fields.list(.downloads)
            error = fields.object(.error)
        }
    }
}
