extension MagicHour {
    /// A job that generates a video, with its outputs.
    public struct VideoProject: MagicHourProject, Codable {
        /// The project's id.
        public let id: String?
        /// The project's name from the request.
        public let name: String?
        /// The project's status.
        public let status: ProjectStatus
        /// The project's type, such as `TALKING_PHOTO`.
        public let type: ProjectType?
        /// The time at which the project was created.
        public let createdAt: Timestamp?
        /// Whether the project still exists. `false` if the project was deleted.
        public let enabled: Bool?
        /// The width of the video in pixels.
        public let width: Int?
        /// The height of the video in pixels.
        public let height: Int?
        /// The frame rate, in frames per second.
        public let fps: Double?
        /// The start of the clip in the source, in seconds.
        public let startSeconds: Double?
        /// The end of the clip in the source, in seconds.
        public let endSeconds: Double?
        /// The credits charged.
        public let creditsCharged: Int?
        /// The credits charged, from a field with an older name.
        public let totalFrameCost: Int?
        /// The outputs, once the project is complete.
        public let downloads: [Download]
        /// The first output, from a field with an older name.
        public let download: Download?
        /// The reason for the failure, or `nil` if there is none.
        public let error: ProjectError?
        /// The number of outputs that the service lists without a URL, or `nil` if there are none.
        public let missingDownloads: Int?

        /// The API collection, `video-projects`.
        public static let collection = "video-projects"
        /// The default polling policy, ``PollingPolicy/talkingPhotos``.
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

        /// Creates a project from a decoder. Every field is optional. A project without a status counts as unfinished.
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
