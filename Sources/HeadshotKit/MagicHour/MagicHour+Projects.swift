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
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` for an id that the service does not know, and
        ///   ``HeadshotKitError/Code/invalidRequest`` for what is no id.
        public func get(_ id: String) async throws -> Project {
            try await api.send(try call("GET", id), as: Project.self)
        }

        /// Deletes a project and its outputs for good: `DELETE /v1/…-projects/{id}`. Credits are not given back.
        ///
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` for an id that the service does not know.
        public func delete(_ id: String) async throws {
            try await api.send(try call("DELETE", id)) { _ in }
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
            let wait = JobWaiter(
                service: MagicHourBackend<Project>(api: api),
                job: job,
                polling: polling ?? Project.polling,
                onEvent: { onEvent?($0) },
                mayBeEmpty: true
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

        private func call(_ method: String, _ id: String) throws -> APICall {
            APICall(
                operation: Project.collection,
                method: method,
                path: "/v1/\(Project.collection)/\(try id.asPathComponent(of: Project.collection))"
            )
        }
    }

    /// The response to a request that creates a project. Its credits are charged now, and refunded if it fails.
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

        /// Reads a response; of its fields, only the id is indispensable.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let data = try decoder.container(keyedBy: Wrapper.self)
            // What stands in front of the service may wrap what it says.
            if fields.text(.id)?.isBlank != false, let wrapped: CreatedProject = data.object(.data) {
                self = wrapped
                return
            }
            guard let id = fields.text(.id), !id.isBlank else {
                throw DecodingError.dataCorruptedError(forKey: .id, in: fields, debugDescription: "There is no id.")
            }
            self.id = id
            frameCost = fields.integer(.frameCost)
            estimatedFrameCost = fields.integer(.estimatedFrameCost)
            creditsCharged = fields.integer(.creditsCharged) ?? frameCost ?? estimatedFrameCost
        }

        private enum Wrapper: String, CodingKey {
            case data
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
            /// The rules of the service do not allow it.
            public static let contentPolicyViolation: Code = "content_policy_violation"
            /// A video cannot be used.
            public static let invalidVideoFile: Code = "invalid_video_file"
            /// It took too long.
            public static let processingTimeout: Code = "processing_timeout"
            /// A text is too long.
            public static let textTooLong: Code = "text_too_long"
            /// A voice does not exist.
            public static let invalidVoice: Code = "invalid_voice"
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

        private init(code: Code?, message: String?) {
            self.code = code
            self.message = message
        }

        private enum Fields: String, CodingKey {
            case error, message, messege, detail, errors
        }

        /// The error of a project, whatever its shape: an object, a text, a list, or beside the project's other fields. `nil` if there is none.
        static func read(from decoder: any Decoder, ifFailed hasFailed: Bool) -> ProjectError? {
            do {
                let fields = try decoder.container(keyedBy: Fields.self)
                let error = fields.json(.error)
                var texts: [JSONValue?] = []
                var code: Code?
                if case .object = error {
                    code = error?["code"]?.string.map { Code(rawValue: $0) }
                    texts = [error?["message"], error?["messege"], error?["error"], error?["detail"], error?["reason"]]
                    if code == nil, hasFailed { texts.append(error) }
                } else if hasFailed {
                    texts = [error]
                }
                if hasFailed { texts += [Fields.message, .messege, .detail, .errors].map { fields.json($0) } }
                let message = texts.lazy.compactMap { $0?.flattenedText }.first { !$0.isBlank }
                guard code != nil || message != nil || error?["code"] != nil else { return nil }
                return ProjectError(code: code, message: message)
            } catch { return nil }
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

        init(url: URL, expiresAt: Timestamp? = nil) {
            self.url = url
            self.expiresAt = expiresAt
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

extension KeyedDecodingContainer {
    /// Downloads in each shape that outputs come in; `nil` stands for one that has no link.
    ///
    /// - Throws: An error if there is something in the place of a link that is none: asking again may bring it.
    func downloads(_ key: Key) throws -> [MagicHour.Download?] {
        try (json(key)?.outputs ?? []).map { output in
            guard let output else { return nil }
            guard let url = URL(serverText: output.text) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "An output has no URL.")
            }
            return MagicHour.Download(
                url: url,
                expiresAt: output.fields?["expires_at"]?.string.map { Timestamp(rawValue: $0) }
            )
        }
    }
}
