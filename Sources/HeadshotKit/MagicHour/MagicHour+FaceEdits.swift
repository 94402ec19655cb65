extension MagicHour {
    /// The operation that changes the expression and direction of a face: `POST /v1/ai-face-editor`.
    ///
    /// A photo costs 1 credit and takes about 2 seconds.
    public var faceEdits: GenerationOperation<FaceEditRequest, CreatedProject, ImageProject> {
        operation(Self.faceEditEndpoint)
    }

    static let faceEditEndpoint = Endpoint<FaceEditRequest>(
        "ai-face-editor",
        filePrefix: "face-edit",
        media: [.init("assets.image_file_path", \.assets.imageFilePath)],
        polling: .adaptive(median: .seconds(2)),
        check: { request, validator in request.style.check(&validator) },
        cost: { _ in .exactly(1) }
    )

    /// A face edit request, which costs 1 credit.
    public struct FaceEditRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public typealias Assets = PhotoAssets

        /// The changes to the face. Each number is a multiple of 5 from -100 to 100, and 0 changes nothing.
        ///
        /// ```swift
        /// var style = MagicHour.FaceEditRequest.Style()
        /// style.mouthSmile = 50
        /// ```
        public struct Style: Codable, Equatable, Sendable {
            /// Whether to enhance the face. The service defaults to `false`.
            public var enhanceFace: Bool?
            /// The direction of the eyebrows, from -100 to 100.
            public var eyebrowDirection: Double?
            /// The horizontal direction of the gaze, from -100 to 100.
            public var eyeGazeHorizontal: Double?
            /// The vertical direction of the gaze, from -100 to 100.
            public var eyeGazeVertical: Double?
            /// The opening of the eyes, from -100 to 100.
            public var eyeOpenRatio: Double?
            /// The opening of the lips, from -100 to 100.
            public var lipOpenRatio: Double?
            /// The rotation of the head up or down, from -100 to 100.
            public var headPitch: Double?
            /// The tilt of the head to a shoulder, from -100 to 100.
            public var headRoll: Double?
            /// The rotation of the head to the left or right, from -100 to 100.
            public var headYaw: Double?
            /// The grimness of the mouth, from -100 to 100.
            public var mouthGrim: Double?
            /// The pout of the mouth, from -100 to 100.
            public var mouthPout: Double?
            /// The pursing of the lips, from -100 to 100.
            public var mouthPurse: Double?
            /// The smile, from -100 to 100.
            public var mouthSmile: Double?
            /// The horizontal position of the mouth, from -100 to 100.
            public var mouthPositionHorizontal: Double?
            /// The vertical position of the mouth, from -100 to 100.
            public var mouthPositionVertical: Double?

            /// Creates a style that changes nothing.
            public init() {}

            enum CodingKeys: String, CodingKey {
                case enhanceFace = "enhance_face"
                case eyebrowDirection = "eyebrow_direction"
                case eyeGazeHorizontal = "eye_gaze_horizontal"
                case eyeGazeVertical = "eye_gaze_vertical"
                case eyeOpenRatio = "eye_open_ratio"
                case lipOpenRatio = "lip_open_ratio"
                case headPitch = "head_pitch"
                case headRoll = "head_roll"
                case headYaw = "head_yaw"
                case mouthGrim = "mouth_grim"
                case mouthPout = "mouth_pout"
                case mouthPurse = "mouth_purse"
                case mouthSmile = "mouth_smile"
                case mouthPositionHorizontal = "mouth_position_horizontal"
                case mouthPositionVertical = "mouth_position_vertical"
            }

            fileprivate func check(_ validator: inout RequestValidator) {
                let numbers: [(CodingKeys, Double?)] = [
                    (.eyebrowDirection, eyebrowDirection),
                    (.eyeGazeHorizontal, eyeGazeHorizontal),
                    (.eyeGazeVertical, eyeGazeVertical),
                    (.eyeOpenRatio, eyeOpenRatio),
                    (.lipOpenRatio, lipOpenRatio),
                    (.headPitch, headPitch),
                    (.headRoll, headRoll),
                    (.headYaw, headYaw),
                    (.mouthGrim, mouthGrim),
                    (.mouthPout, mouthPout),
                    (.mouthPurse, mouthPurse),
                    (.mouthSmile, mouthSmile),
                    (.mouthPositionHorizontal, mouthPositionHorizontal),
                    (.mouthPositionVertical, mouthPositionVertical),
                ]
                for case (let key, let number?) in numbers {
                    validator.require(
                        (-100...100).contains(number) && number.truncatingRemainder(dividingBy: 5) == 0,
                        "style.\(key.rawValue)",
                        number,
                        "a multiple of 5 from -100 to 100"
                    )
                }
            }
        }

        /// The input files of the request.
        public var assets: Assets
        /// The changes to the face.
        public var style: Style
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a face edit request.
        ///
        /// - Parameters:
        ///   - photo: The photo, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`. It must show one detectable face.
        ///   - style: The changes to the face.
        ///   - name: The project's name, for your own reference.
        public init(photo: MediaSource, style: Style, name: String? = nil) {
            self.init(assets: Assets(imageFilePath: photo), style: style, name: name)
        }

        /// Creates a face edit request in the shape of the API.
        public init(assets: Assets, style: Style, name: String? = nil) {
            self.assets = assets
            self.style = style
            self.name = name
        }
    }
}
