extension MagicHour {
    /// The operation that replaces faces in a photo: `POST /v1/face-swap-photo`.
    ///
    /// A photo costs 10 credits and takes about 4 seconds.
    public var photoFaceSwaps: GenerationOperation<PhotoFaceSwapRequest, CreatedProject, ImageProject> {
        operation(Self.photoFaceSwapEndpoint)
    }

    static let photoFaceSwapEndpoint = Endpoint<PhotoFaceSwapRequest>(
        "face-swap-photo",
        filePrefix: "face-swap",
        media: [
            .init("assets.source_file_path", \.assets.sourceFilePath),
            .init("assets.face_mappings.new_face", \.assets.newFaces),
            // A photo of a group shows several faces.
            .init("assets.target_file_path", \.assets.targetFilePath).withoutFaceCheck(),
        ],
        polling: .adaptive(median: .seconds(4)),
        check: { request, validator in request.assets.check(&validator) },
        cost: { _ in .exactly(10) }
    )

    /// A request to replace faces in a photo, which costs 10 credits.
    public struct PhotoFaceSwapRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo in which faces are replaced.
            public var targetFilePath: MediaSource
            /// The photo of the new face, for ``FaceSwapMode/allFaces``.
            public var sourceFilePath: MediaSource?
            /// The replacements, 1 to 5, for ``FaceSwapMode/individualFaces``.
            public var faceMappings: [FaceMapping]?
            /// The faces to replace. The service defaults to ``FaceSwapMode/allFaces``.
            public var faceSwapMode: FaceSwapMode?

            /// Creates the assets from a photo and the new faces.
            public init(
                targetFilePath: MediaSource,
                sourceFilePath: MediaSource? = nil,
                faceMappings: [FaceMapping]? = nil,
                faceSwapMode: FaceSwapMode? = nil
            ) {
                self.targetFilePath = targetFilePath
                self.sourceFilePath = sourceFilePath
                self.faceMappings = faceMappings
                self.faceSwapMode = faceSwapMode
            }

            enum CodingKeys: String, CodingKey {
                case targetFilePath = "target_file_path"
                case sourceFilePath = "source_file_path"
                case faceMappings = "face_mappings"
                case faceSwapMode = "face_swap_mode"
            }

            fileprivate var newFaces: [MediaSource]? {
                get { faceMappings?.map(\.newFace) }
                set {
                    faceMappings = zip(faceMappings ?? [], newValue ?? []).map {
                        FaceMapping(originalFace: $0.originalFace, newFace: $1)
                    }
                }
            }

            fileprivate func check(_ validator: inout RequestValidator) {
                let count = faceMappings?.count ?? 0
                let (field, text) = ("assets.face_mappings", "\(count) faces")
                if faceSwapMode == .individualFaces {
                    validator.require((1...5).contains(count), field, text, "1 to 5 faces with individual-faces")
                } else {
                    validator.require(count <= 5, field, text, "at most 5 faces")
                }
                if faceSwapMode ?? .allFaces == .allFaces {
                    validator.require(
                        sourceFilePath != nil,
                        "assets.source_file_path",
                        "absent",
                        "a photo of the new face with all-faces"
                    )
                }
            }
        }

        /// The replacement of one face.
        public struct FaceMapping: Codable, Equatable, Sendable {
            /// The face to replace: the ``MagicHour/FaceDetection/Face/path`` of a face that ``MagicHour/faceDetection`` found in the photo.
            public var originalFace: String
            /// The photo of the new face.
            public var newFace: MediaSource

            /// Creates the replacement of a detected face.
            public init(originalFace: String, newFace: MediaSource) {
                self.originalFace = originalFace
                self.newFace = newFace
            }

            enum CodingKeys: String, CodingKey {
                case originalFace = "original_face"
                case newFace = "new_face"
            }
        }

        /// The faces that are replaced.
        public struct FaceSwapMode: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// All faces, by the same new face.
            public static let allFaces: FaceSwapMode = "all-faces"
            /// Chosen faces, each by a face of its own.
            public static let individualFaces: FaceSwapMode = "individual-faces"
        }

        /// The input files of the request.
        public var assets: Assets
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a request that replaces all faces in a photo by one face.
        ///
        /// - Parameters:
        ///   - photo: The photo in which faces are replaced, such as `.file("team.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - face: The photo of the new face.
        ///   - name: The project's name, for your own reference.
        public init(photo: MediaSource, face: MediaSource, name: String? = nil) {
            self.init(assets: Assets(targetFilePath: photo, sourceFilePath: face), name: name)
        }

        /// Creates a request that replaces chosen faces in a photo.
        ///
        /// - Parameters:
        ///   - photo: The photo in which faces are replaced, such as `.file("team.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - faceMappings: The replacements, 1 to 5.
        ///   - name: The project's name, for your own reference.
        public init(photo: MediaSource, faceMappings: [FaceMapping], name: String? = nil) {
            let assets = Assets(
                targetFilePath: photo,
                faceMappings: faceMappings,
                faceSwapMode: .individualFaces
            )
            self.init(assets: assets, name: name)
        }

        /// Creates a request in the shape of the API.
        public init(assets: Assets, name: String? = nil) {
            self.assets = assets
            self.name = name
        }
    }
}
