public import Foundation

extension MagicHour {
    /// Faces in a photo: `POST /v1/face-detection`, free of charge. `generate` saves the faces' crops; a photo without a face is no
    /// error.
    public var faceDetection: GenerationOperation<FaceDetectionRequest, CreatedProject, FaceDetection> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "face-detection",
                path: "/v1/face-detection",
                polling: .images,
                deadline: .imageDeadline,
                fileStem: "face",
                media: [.init(name: "assets.target_file_path", kind: .image, keyPath: \.assets.targetFilePath)],
                mayBeEmpty: true,
                isAlwaysFree: true,
                check: { request, validator in validator.within("confidence_score", request.confidenceScore, 0...1) },
                cost: { _ in .exactly(0) }
            ),
            service: MagicHourBackend<FaceDetection>(api: api)
        )
    }

    /// A request to find faces.
    public struct FaceDetectionRequest: Codable, Hashable, Sendable {
        /// The files of the request.
        public struct Assets: Codable, Hashable, Sendable {
            /// The photo. A video can be named by an address or an uploaded path.
            public var targetFilePath: MediaSource

            /// The files of the request.
            public init(targetFilePath: MediaSource) {
                self.targetFilePath = targetFilePath
            }

            enum CodingKeys: String, CodingKey {
                case targetFilePath = "target_file_path"
            }
        }

        /// The files of the request.
        public var assets: Assets
        /// How sure the service has to be that something is a face, from 0 to 1; 0.5 unless set.
        public var confidenceScore: Double?

        /// A request to find faces.
        public init(assets: Assets, confidenceScore: Double? = nil) {
            self.assets = assets
            self.confidenceScore = confidenceScore
        }

        enum CodingKeys: String, CodingKey {
            case assets
            case confidenceScore = "confidence_score"
        }
    }

    /// A search for faces, and what it found.
    public struct FaceDetection: MagicHourProject, Codable {
        /// A face.
        public struct Face: Codable, Hashable, Sendable {
            /// What stands for the crop in requests: `api-assets/...`.
            public let path: String?
            /// Where the crop can be downloaded. A secret: whoever has the address has the file.
            public let url: URL?

            /// Reads a face, whatever of it is there.
            public init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                path = fields.text(.path)
                url = fields.text(.url).flatMap { URL(serverText: $0) }
            }
        }

        /// The search's id.
        public let id: String?
        /// The credits that it cost: none.
        public let creditsCharged: Int?
        /// How it stands.
        public let status: ProjectStatus
        /// The faces, when it is complete.
        public let faces: [Face]

        /// Not a field of this response: nil.
        public var enabled: Bool? { nil }
        /// Not a field of this response: nil.
        public var error: ProjectError? { nil }
        /// The faces' crops.
        public var downloads: [Download] { faces.compactMap { $0.url.map { Download(url: $0) } } }

        /// `face-detection`.
        public static let collection = "face-detection"
        /// ``PollingPolicy/images``.
        public static let polling = PollingPolicy.images

        enum CodingKeys: String, CodingKey {
            case id, status, faces
            case creditsCharged = "credits_charged"
        }

        /// Reads a search, whatever of it is there. Without a status it counts as not done.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            id = fields.text(.id)
            creditsCharged = fields.integer(.creditsCharged)
            status = fields.status(.status) ?? "unknown"
            faces = try fields.list(.faces)
        }
    }
}

extension GenerationOperation where Request == MagicHour.FaceDetectionRequest, Project == MagicHour.FaceDetection {
    /// Asks once for a search as it is now: `GET /v1/face-detection/{id}`, free of charge.
    ///
    /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/notFound`` for an id that the service does not know.
    public func get(_ id: String) async throws -> MagicHour.FaceDetection {
        try await MagicHour.Projects<MagicHour.FaceDetection>(api: service.api).get(id)
    }
}
