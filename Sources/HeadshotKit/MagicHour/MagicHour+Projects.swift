public import Foundation

extension MagicHour {
    /// The image projects API: `/v1/image-projects/{id}`, free of charge.
    public var imageProjects: Projects<ImageProject> { Projects(api: api, configuration: configuration) }

    /// The video projects API: `/v1/video-projects/{id}`, free of charge.
    public var videoProjects: Projects<VideoProject> { Projects(api: api, configuration: configuration) }

    /// The projects of one kind, which hold the outputs of jobs.
    public struct Projects<Project: MagicHourProject>: Sendable {
        let api: APIClient
        let configuration: ClientConfiguration

        /// Fetches the current state of a project: `GET /v1/…-projects/{id}`.
        ///
        /// Each call renews the download URLs, although the service may return a cached URL. See ``MagicHour/Download/expiresAt``.
        ///
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` if no project has the id, and
        ///   ``HeadshotKitError/Code/invalidRequest`` if the id is malformed.
        public func get(_ id: String) async throws -> Project {
            try await api.send(try call("GET", id), as: Project.self)
        }

        /// Deletes a project and its outputs permanently: `DELETE /v1/…-projects/{id}`. Credits are not refunded.
        ///
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` if no project has the id.
        public func delete(_ id: String) async throws {
            try await api.send(try call("DELETE", id)) { _ in }
        }

        /// Waits until a project is complete, and returns the project.
        ///
        /// - Parameters:
        ///   - id: The project's id.
        ///   - deadline: The maximum time to wait. Defaults to 15 minutes.
        ///   - polling: The delays between polls. `nil` selects the default policy of the project's kind.
        ///   - onEvent: A closure that receives changes of the project's status, and retries.
        /// - Throws: ``HeadshotKitError`` if the project failed, was canceled or deleted, or cannot be polled, or if the deadline passed.
        ///   The error's ``HeadshotKitError/job`` identifies the project, so that you can wait for the project again. `resume` does not
        ///   accept this handle and requires the one from the job's creation. `CancellationError` if the task is canceled.
        public func wait(
            _ id: String,
            deadline: Duration = .seconds(15 * 60),
            polling: PollingPolicy? = nil,
            onEvent: EventHandler? = nil
        ) async throws -> Project {
            let job = JobHandle(service: .magicHour, operation: Project.collection, id: id)
            let traits = JobTraits(
                kind: Project.collection,
                polling: polling ?? Project.polling,
                deadline: deadline,
                filePrefix: Project.collection,
                mayBeEmpty: true,
                mayBeUnknownAtFirst: false
            )
            let waiter = JobWaiter(
                backend: MagicHourBackend(api: api, configuration: configuration),
                job: job,
                traits: traits,
                events: EventReporter(onEvent)
            )
            let tooLate = HeadshotKitError(
                .deadlineExceeded,
                "Project \(id) was not complete within \(deadline.seconds.plainText) s.",
                operation: Project.collection,
                job: job
            )
            do {
                return try await Deadline(in: deadline, clock: api.clock).run(orThrow: { tooLate }) {
                    try await waiter.run(from: nil, isNew: false).0.response.decoded(as: Project.self)
                }
            } catch var error as HeadshotKitError {
                error.advice = error.advice ?? "The project is not affected. Call wait again."
                throw error
            }
        }

        private func call(_ method: String, _ id: String) throws -> APICall {
            APICall(
                context: CallContext(operation: Project.collection),
                method: method,
                path: "/v1/\(Project.collection)/\(try id.asPathComponent(of: Project.collection))"
            )
        }
    }

    /// The response to a request that creates a project. Credits are charged on creation and refunded if the project fails.
    public struct CreatedProject: Codable, Equatable, Sendable {
        /// The project's id.
        public let id: String
        /// The credits charged.
        public let creditsCharged: Int?
        /// The credits charged, from a field with an older name.
        public let frameCost: Int?
        /// The credits charged for a video, from a field with an older name.
        public let estimatedFrameCost: Int?

        enum CodingKeys: String, CodingKey {
            case id
            case creditsCharged = "credits_charged"
            case frameCost = "frame_cost"
            case estimatedFrameCost = "estimated_frame_cost"
        }

        /// Creates a response from a decoder. Only the id is required.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let data = try decoder.container(keyedBy: Wrapper.self)
            // A gateway in front of the service may wrap the response in `data`.
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

    /// The status of a project.
    public struct ProjectStatus: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not submitted yet.
        public static let draft: ProjectStatus = "draft"
        /// Waiting in the queue.
        public static let queued: ProjectStatus = "queued"
        /// In progress.
        public static let rendering: ProjectStatus = "rendering"
        /// Complete.
        public static let complete: ProjectStatus = "complete"
        /// Failed. The credits are refunded.
        public static let error: ProjectStatus = "error"
        /// Canceled on the service's side.
        public static let canceled: ProjectStatus = "canceled"
    }

    /// The reason why a project failed.
    public struct ProjectError: Codable, Equatable, Sendable {
        /// The error code of a failed project.
        public struct Code: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// No face was found in the photo.
            public static let noSourceFace: Code = "no_source_face"
            /// A file has an unsupported format.
            public static let invalidFileFormat: Code = "invalid_file_format"
            /// A file is too large.
            public static let fileTooLarge: Code = "file_too_large"
            /// The account has too few credits.
            public static let insufficientCredits: Code = "insufficient_credits"
            /// A value of the request is invalid.
            public static let invalidParameters: Code = "invalid_parameters"
            /// The content violates the service's policy.
            public static let contentPolicyViolation: Code = "content_policy_violation"
            /// A video file is invalid.
            public static let invalidVideoFile: Code = "invalid_video_file"
            /// Processing took too long.
            public static let processingTimeout: Code = "processing_timeout"
            /// A text is too long.
            public static let textTooLong: Code = "text_too_long"
            /// A voice does not exist.
            public static let invalidVoice: Code = "invalid_voice"
            /// Any other error.
            public static let unknownError: Code = "unknown_error"
        }

        /// The error code.
        public let code: Code?
        /// The service's error message.
        public let message: String?

        /// Creates an error from a decoder. Missing or malformed fields become `nil`.
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

        /// Returns the error of a project, or `nil` if there is none.
        ///
        /// The error may be an object, a string, or a list, or consist of fields next to the project's other fields.
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

    /// A finished output of a project.
    public struct Download: Codable, Equatable, Sendable {
        /// The download URL, which requires no key. Treat the URL as a secret, because the URL alone grants access to the file.
        public let url: URL
        /// The time at which the URL expires, at most 24 hours after its creation. Fetch the project again to renew the URL.
        public let expiresAt: Timestamp?

        enum CodingKeys: String, CodingKey {
            case url
            case expiresAt = "expires_at"
        }

        init(url: URL, expiresAt: Timestamp? = nil) {
            self.url = url
            self.expiresAt = expiresAt
        }

        /// Creates a download from a decoder. Only the URL is required.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            url = try fields.serverURL(.url)
            expiresAt = fields.timestamp(.expiresAt)
        }
    }
}

extension KeyedDecodingContainer {
    /// Decodes downloads in every shape that the service uses for outputs. An element is `nil` if the output has no URL.
    ///
    /// - Throws: `DecodingError` if an output has a malformed URL, because a later poll may return a valid one.
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
