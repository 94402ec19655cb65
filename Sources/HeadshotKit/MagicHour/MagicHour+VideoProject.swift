extension MagicHour {
    /// A job that makes a video, and its outputs.
    public struct VideoProject: MagicHourProject, Codable {
        /// The project's id.
        public let id: String?
        /// The name that it was given.
        public let name: String?
        /// How it stands.
        public let status: ProjectStatus
        /// What it is, such as `TALKING_PHOTO`.
        public let type: ProjectType?
        /// When it was created.
        public let createdAt: Timestamp?
        /// Whether it exists still; false when it was deleted.
        public let enabled: Bool?
        /// The width in pixels.
        public let width: Int?
        /// The height in pixels.
        public let height: Int?
        /// Frames in a second.
        public let fps: Double?
        /// Where in the source it begins, in seconds.
        public let startSeconds: Double?
        /// Where in the source it ends, in seconds.
        public let endSeconds: Double?
        /// The credits that it cost.
        public let creditsCharged: Int?
        /// The same by an older name.
        public let totalFrameCost: Int?
        /// The outputs, when it is complete.
        public let downloads: [Download]
        /// The first output by an older name.
        public let download: Download?
        /// Why it failed, if it did.
        public let error: ProjectError?
        /// How many outputs the service names without a link; `nil` if none.
        public let missingDownloads: Int?

        /// `video-projects`.
        public static let collection = "video-projects"
        /// ``PollingPolicy/talkingPhotos``.
        public static let polling = PollingPolicy.talkingPhotos

        enum CodingKeys: String, CodingKey {
            case id, name, status, type, enabled, width, height, fps, downloads, download, error
            case createdAt = "created_at"
            case startSeconds = "start_seconds"
            case endSeconds = "end_seconds"
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
            width = fields.integer(.width)
            height = fields.integer(.height)
            fps = fields.number(.fps)
            startSeconds = fields.number(.startSeconds)
            endSeconds = fields.number(.endSeconds)
            totalFrameCost = fields.integer(.totalFrameCost)
            creditsCharged = fields.integer(.creditsCharged) ?? totalFrameCost
            download = try fields.downloads(.download).compactMap { $0 }.first
            let links = try fields.downloads(.downloads)
            let all = links.compactMap { $0 }
            downloads = all.isEmpty ? [download].compactMap { $0 } : all
            let missing = links.count - all.count
            missingDownloads = fields.integer(.missingDownloads) ?? (all.isEmpty || missing == 0 ? nil : missing)
            error = ProjectError.read(from: decoder, ifFailed: status == .error)
        }
    }
}
