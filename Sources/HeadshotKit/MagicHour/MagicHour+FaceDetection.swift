public import Foundation

extension MagicHour {
    /// The operation that detects faces in a photo: `POST /v1/face-detection`, free of charge.
    ///
    /// `generate` saves the cropped faces. A photo without a face is not an error.
    public var faceDetection: GenerationOperation<FaceDetectionRequest, CreatedProject, FaceDetection> {
        operation(Self.faceDetectionEndpoint, as: FaceDetection.self)
    }

    static let faceDetectionEndpoint = Endpoint<FaceDetectionRequest>(
        "face-detection",
        filePrefix: "face",
        media: [.init("assets.target_file_path", \.assets.targetFilePath)],
        mayBeEmpty: true,
        isFree: true,
        check: { request, validator in validator.within("confidence_score", request.confidenceScore, 0...1) },
        cost: { _ in .exactly(0) }
    )

    /// A face detection request.
    public struct FaceDetectionRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo. A video is also accepted, but only by URL or uploaded path.
            public var targetFilePath: MediaSource

            /// Creates the assets from a photo or video.
            public init(targetFilePath: MediaSource) {
                self.targetFilePath = targetFilePath
            }

            enum CodingKeys: String, CodingKey {
                case targetFilePath = "target_file_path"
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The minimum confidence that a detection is a face, from 0 to 1. The service defaults to 0.5.
        public var confidenceScore: Double?

        /// Creates a face detection request from a photo, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        public init(photo: MediaSource, confidenceScore: Double? = nil) {
            self.init(assets: Assets(targetFilePath: photo), confidenceScore: confidenceScore)
        }

        /// Creates a face detection request in the shape of the API.
        public init(assets: Assets, confidenceScore: Double? = nil) {
            self.assets = assets
            self.confidenceScore = confidenceScore
        }

        enum CodingKeys: String, CodingKey {
            case assets
            case confidenceScore = "confidence_score"
        }
    }

    /// A face detection job and its results.
    public struct FaceDetection: MagicHourProject, Codable {
        /// A detected face.
        public struct Face: Codable, Equatable, Sendable {
            /// The path that identifies the cropped face in requests: `api-assets/...`.
            public let path: String?
            /// The download URL of the cropped face. Treat the URL as a secret, because the URL alone grants access to the file.
            public let url: URL?

            /// Creates a face from a decoder. Missing or malformed fields become `nil`.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                path = fields.text(.path)
                url = fields.text(.url).flatMap { URL(serverText: $0) }
            }
        }

        /// The job's id.
        public let id: String?
        /// The credits charged. Face detection is free.
        public let creditsCharged: Int?
        /// The job's status.
        public let status: ProjectStatus
        /// The detected faces, once the job is complete.
        public let faces: [Face]

        /// Always `nil`, because face detection responses lack this field.
        public var enabled: Bool? { nil }
        /// Always `nil`, because face detection responses lack this field.
        public var error: ProjectError? { nil }
        /// The downloads of the cropped faces.
        public var downloads: [Download] { faces.compactMap { $0.url.map { Download(url: $0) } } }

        /// The API collection, `face-detection`.
        public static let collection = "face-detection"
        /// The default polling policy, ``PollingPolicy/images``.
        public static let polling = PollingPolicy.images

        enum CodingKeys: String, CodingKey {
            case id, status, faces
            case creditsCharged = "credits_charged"
        }

        /// Creates a face detection job from a decoder. Every field is optional. A job without a status counts as unfinished.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id)
            creditsCharged = fields.integer(.creditsCharged)
            status = fields.status(.status) ?? "unknown"
            faces = try fields.list(.faces)
        }
    }
}

extension MagicHour {
    /// Counts the faces in an uploaded photo before a job is created.
    func countFaces(in photo: MediaSource, _ context: CallContext) async throws -> Int {
        do {
            let detection = try await faceDetection.generate(
                .init(assets: .init(targetFilePath: photo)),
                options: GenerationOptions(downloadOutputs: false, deadline: .seconds(120)),
                events: EventReporter(nil, outer: context.onRetry)
            )
            return detection.project.faces.count
        } catch var error as HeadshotKitError {
            // Face detection is free and needs no recovery. The error reports only that the job was not started.
            error.submission = .notSent
            if error.code == .jobFailed { error.code = .serverError }
            error.advice = FailureClassifier.Meaning(error.code).advice
            error.message = "The face detection failed. \(error.message)"
            throw error
        }
    }
}

extension GenerationOperation where Request == MagicHour.FaceDetectionRequest, Project == MagicHour.FaceDetection {
    /// Fetches a face detection job once, without waiting for its completion: `GET /v1/face-detection/{id}`, free of charge.
    ///
    /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` if no job has the id.
    public func get(_ id: String) async throws -> MagicHour.FaceDetection {
        let job = JobHandle(service: .magicHour, operation: endpoint.name, id: id)
        let context = CallContext(operation: endpoint.name)
        return try await backend.configuration.retrier.run(in: context) {
            do {
                let snapshot = try await backend.poll(job, as: traits, in: context)
                return .success(try snapshot.response.decoded(as: MagicHour.FaceDetection.self))
            } catch let error as HeadshotKitError {
                return .failure(Failure(error: error, isRetryable: error.isTransient))
            }
        }
    }
}
