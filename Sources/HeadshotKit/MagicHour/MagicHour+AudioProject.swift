extension MagicHour {
    /// The audio projects API: `/v1/audio-projects/{id}`, free of charge.
    public var audioProjects: Projects<AudioProject> { Projects(api: api, configuration: configuration) }

    /// A job that generates a recording, with its outputs.
    public struct AudioProject: MagicHourProject, Codable {
        /// The project's id.
        public let id: String?
        /// The project's name from the request.
        public let name: String?
        /// The project's status.
        public let status: ProjectStatus
        /// The project's type, such as `VOICE_GENERATOR`.
        public let type: ProjectType?
        /// The time at which the project was created.
        public let createdAt: Timestamp?
        /// Whether the project still exists. `false` if the project was deleted.
        public let enabled: Bool?
        /// The credits charged.
        public let creditsCharged: Int?
        /// The outputs, once the project is complete.
        public let downloads: [Download]
        /// The reason for the failure, or `nil` if there is none.
        public let error: ProjectError?
        /// The number of outputs that the service lists without a URL, or `nil` if there are none.
        public let missingDownloads: Int?

        /// The API collection, `audio-projects`.
        public static let collection = "audio-projects"
        /// The default polling policy, with a median of 19 seconds.
        public static let polling = PollingPolicy.adaptive(median: .seconds(19))

        enum CodingKeys: String, CodingKey {
            case id, name, status, type, enabled, downloads, error
            case createdAt = "created_at"
            case creditsCharged = "credits_charged"
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
            creditsCharged = fields.integer(.creditsCharged)
            let links = try fields.downloads(.downloads)
            downloads = links.compactMap { $0 }
            let missing = links.count - downloads.count
            missingDownloads = fields.integer(.missingDownloads) ?? (downloads.isEmpty || missing == 0 ? nil : missing)
            error = ProjectError.read(from: decoder, ifFailed: status == .error)
        }
    }
}
