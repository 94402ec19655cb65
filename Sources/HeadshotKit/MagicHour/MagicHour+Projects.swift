public import Foundation

extension MagicHour {
    /// Image projects: `/v1/image-projects/{id}`, free of charge.
    public var imageProjects: Projects<ImageProject> { Projects(api: api) }

    /// Video projects: `/v1/video-projects/{id}`, free of charge.
    public var videoProjects: Projects<VideoProject> { Projects(api: api) }

    /// The projects of one kind, which hold the jobs' outputs.
    public struct Projects<Project: MagicHourProject>: Sendable {
        let api: APIClient

        /// Asks for a project as it is now: `GET /v1/…-projects/{id}`. Each call makes the links of its downloads anew.
        ///
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` for an id that the service does not know.
        public func get(_ id: String) async throws -> Project {
            try await api.send(call("GET", id), as: Project.self)
        }

        /// Deletes a project and its outputs for good: `DELETE /v1/…-projects/{id}`. Credits are not given back.
        ///
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` for an id that the service does not know.
        public func delete(_ id: String) async throws {
            try await api.send(call("DELETE", id)) { _ in }
        }

        /// Waits until a project is complete.
        ///
        /// - Parameters:
        ///   - id: The project's id.
        ///   - deadline: How long to wait.
        ///   - polling: After what delays it is asked about.
        ///   - onEvent: Told of changes of its status.
        /// - Throws: ``HeadshotKitError`` when it failed, was cancelled or deleted, cannot be asked about, or the deadline passed. Its
        ///   ``HeadshotKitError/job`` names the project: wait for it again; `resume` wants the handle that came with the job's creation.
        ///   `CancellationError`.
        public func wait(
            _ id: String,
            deadline: Duration = .seconds(15 * 60),
            polling: PollingPolicy? = nil,
            onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
        ) async throws -> Project {
            let job = JobHandle(service: .magicHour, operation: Project.collection, id: id)
            let wait = JobWait(
                service: MagicHourJobs<Project>(api: api),
                job: job,
                polling: polling ?? Project.polling,
                onEvent: { onEvent?($0) }
            )
            return try await Deadline(in: deadline, clock: api.configuration.clock).run(
                orThrow: {
                    HeadshotKitError(
                        .deadlineExceeded,
                        "Project \(id) was not complete within \(deadline.seconds.formatted()) s.",
                        operation: Project.collection,
                        job: job
                    )
                },
                { try await wait.run(from: nil, isNew: false).0 }
            )
        }

        private func call(_ method: String, _ id: String) -> APICall {
            APICall(
                operation: Project.collection,
                method: method,
                path: "/v1/\(Project.collection)/\(id.asPathComponent)"
            )
        }
    }

    /// The reply to a request that creates a project. Its credits are charged now, and refunded if it fails.
    public struct CreatedProject: Codable, Hashable, Sendable {
        /// The project's id.
        public let id: String
        /// The credits that were charged.
        public let creditsCharged: Int?
        /// The same by an older name.
        public let frameCost: Int?
        /// The same by an older name, of videos.
        public let estimatedFrameCost: Int?

        enum CodingKeys: String, CodingKey {
            case id
            case creditsCharged = "credits_charged"
            case frameCost = "frame_cost"
            case estimatedFrameCost = "estimated_frame_cost"
        }

        /// Reads a reply; of its fields, only the id is indispensable.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            guard let id = fields.text(.id), !id.isEmpty else {
                throw DecodingError.dataCorruptedError(forKey: .id, in: fields, debugDescription: "There is no id.")
            }
            self.id = id
            frameCost = fields.integer(.frameCost)
            estimatedFrameCost = fields.integer(.estimatedFrameCost)
            creditsCharged = fields.integer(.creditsCharged) ?? frameCost ?? estimatedFrameCost
        }
    }

    /// How a project stands.
    public struct ProjectStatus: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not submitted yet.
        public static let draft: ProjectStatus = "draft"
        /// Waiting for its turn.
        public static let queued: ProjectStatus = "queued"
        /// Being made.
        public static let rendering: ProjectStatus = "rendering"
        /// Done.
        public static let complete: ProjectStatus = "complete"
        /// Failed; its credits are refunded.
        public static let error: ProjectStatus = "error"
        /// Cancelled at the service.
        public static let canceled: ProjectStatus = "canceled"
    }

    /// Why a project failed.
    public struct ProjectError: Codable, Hashable, Sendable {
        /// A reason that is known by name.
        public struct Code: OpenEnum {
            /// The value as it stands on the wire.
            public let rawValue: String
            /// A value as it stands on the wire.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// No face was found in the photo.
            public static let noSourceFace: Code = "no_source_face"
            /// A file is not of a format that can be used.
            public static let invalidFileFormat: Code = "invalid_file_format"
            /// A file is too large.
            public static let fileTooLarge: Code = "file_too_large"
            /// The account has too few credits.
            public static let insufficientCredits: Code = "insufficient_credits"
            /// A value of the request cannot be used.
            public static let invalidParameters: Code = "invalid_parameters"
            /// Something else.
            public static let unknownError: Code = "unknown_error"
        }

        /// The reason by name.
        public let code: Code?
        /// The reason in the service's words.
        public let message: String?

        /// Reads an error, whatever of it is there.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            code = fields.value(.code)
            message = fields.text(.message)
        }
    }

    /// A finished output.
    public struct Download: Codable, Hashable, Sendable {
        /// Where it can be downloaded without a key. A secret: whoever has the address has the file.
        public let url: URL
        /// When the address stops working, 24 hours after it was made. Asking for the project again makes another.
        public let expiresAt: Timestamp?

        enum CodingKeys: String, CodingKey {
            case url
            case expiresAt = "expires_at"
        }

        init(url: URL) {
            self.url = url
            expiresAt = nil
        }

        /// Reads an output; of its fields, only the address is indispensable.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            url = try fields.serverURL(.url)
            expiresAt = fields.timestamp(.expiresAt)
        }
    }
}

extension JobHandle {
    /// Whether it stands for a project whose operation nobody has told.
    var isOfProject: Bool {
        operation == MagicHour.ImageProject.collection || operation == MagicHour.VideoProject.collection
    }
}
