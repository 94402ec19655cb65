extension MagicHour {
    /// The operation that animates a photo so that it speaks a recording: `POST /v1/ai-talking-photo`.
    ///
    /// A job takes about 41 seconds. The price depends on the length of the clip. It starts at 24 credits per second with
    /// ``TalkingPhotoRequest/GenerationMode/prompted`` and at 48 with ``TalkingPhotoRequest/GenerationMode/realistic``.
    public var talkingPhotos: GenerationOperation<TalkingPhotoRequest, CreatedProject, VideoProject> {
        operation(Self.talkingPhotoEndpoint, as: VideoProject.self)
    }

    static let talkingPhotoEndpoint = Endpoint<TalkingPhotoRequest>(
        "ai-talking-photo",
        filePrefix: "talking-photo",
        media: [
            .init("assets.image_file_path", \.assets.imageFilePath),
            .init("assets.audio_file_path", kind: .audio, \.assets.audioFilePath),
        ],
        check: { request, validator in request.check(&validator) },
        cost: { $0.cost },
        completed: { try $0.completed() }
    )

    /// A talking photo request.
    public struct TalkingPhotoRequest: Codable, Equatable, Sendable {
        /// The input files of the request.
        public struct Assets: Codable, Equatable, Sendable {
            /// The photo to animate.
            public var imageFilePath: MediaSource
            /// The audio recording.
            public var audioFilePath: MediaSource

            /// Creates the assets from a photo and a recording.
            public init(imageFilePath: MediaSource, audioFilePath: MediaSource) {
                self.imageFilePath = imageFilePath
                self.audioFilePath = audioFilePath
            }

            enum CodingKeys: String, CodingKey {
                case imageFilePath = "image_file_path"
                case audioFilePath = "audio_file_path"
            }
        }

        /// The style of the animation.
        public struct Style: Codable, Equatable, Sendable {
            /// The generation mode. If `nil`, the service chooses one.
            public var generationMode: GenerationMode?
            /// The description of the movement and appearance, for ``GenerationMode/prompted``.
            public var prompt: String?
            /// The intensity of the movement, with at most two decimals, for the older ``GenerationMode/expressive``.
            public var intensity: Double?

            /// Creates a style.
            public init(generationMode: GenerationMode? = nil, prompt: String? = nil, intensity: Double? = nil) {
                self.generationMode = generationMode
                self.prompt = prompt
                self.intensity = intensity
            }

            enum CodingKeys: String, CodingKey {
                case prompt, intensity
                case generationMode = "generation_mode"
            }
        }

        /// A generation mode, which determines how the photo moves.
        public struct GenerationMode: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// The mode that stays true to the photo, for clips of up to 300 seconds.
            public static let realistic: GenerationMode = "realistic"
            /// The mode that follows a prompt, for clips of up to 45 seconds.
            public static let prompted: GenerationMode = "prompted"
            /// An older name for ``realistic``.
            public static let pro: GenerationMode = "pro"
            /// An older name for ``realistic``.
            public static let stable: GenerationMode = "stable"
            /// An older name for ``prompted``.
            public static let standard: GenerationMode = "standard"
            /// An older name for ``prompted``.
            public static let expressive: GenerationMode = "expressive"

            /// The maximum clip length in seconds, or `nil` if the mode is unknown.
            var maximumSeconds: Double? {
                switch self {
                case .realistic, .pro, .stable: 300
                case .prompted, .standard, .expressive: 45
                default: nil
                }
            }

            /// The minimum number of credits per second. An unknown mode counts as the cheapest one.
            var minimumCreditsPerSecond: Double {
                switch self {
                case .realistic, .pro, .stable: 48
                default: 24
                }
            }
        }

        /// The resolution of a video.
        public struct Resolution: OpenEnum {
            /// The raw value in API requests and responses.
            public let rawValue: String
            /// Creates a value from its raw API value.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// 480 lines.
            public static let p480: Resolution = "480p"
            /// 720 lines.
            public static let p720: Resolution = "720p"
        }

        /// The input files of the request.
        public var assets: Assets
        /// The start of the clip in the recording, in seconds. It must be 0 or more.
        public var startSeconds: Double
        /// The end of the clip in the recording, in seconds. It must be 0.1 or more, and greater than ``startSeconds``.
        ///
        /// If `nil`, the clip ends with the recording, which must be local and of a known length. See ``MediaInfo/duration``.
        public var endSeconds: Double?
        /// The project's name in the Magic Hour library.
        public var name: String?
        /// The resolution of the video.
        public var resolution: Resolution?
        /// The style of the animation.
        public var style: Style?
        /// The longer side of the video in pixels.
        @available(*, deprecated, message: "Use resolution.")
        public var maxResolution: Int?

        /// Creates a talking photo request from a photo and a recording.
        ///
        /// - Parameters:
        ///   - photo: The photo to animate, such as `.file("me.jpg")`, `MediaSource(url)`, or `.data(data)`.
        ///   - audio: The recording.
        ///   - startSeconds: The start of the clip in the recording, in seconds. Defaults to 0.
        ///   - endSeconds: The end of the clip in the recording, in seconds. It determines the price. Defaults to `nil`, the end of a
        ///     local recording.
        public init(photo: MediaSource, audio: MediaSource, startSeconds: Double = 0, endSeconds: Double? = nil) {
            self.init(
                assets: Assets(imageFilePath: photo, audioFilePath: audio),
                startSeconds: startSeconds,
                endSeconds: endSeconds
            )
        }

        /// Creates a talking photo request.
        public init(
            assets: Assets,
            startSeconds: Double = 0,
            endSeconds: Double? = nil,
            name: String? = nil,
            resolution: Resolution? = nil,
            style: Style? = nil
        ) {
            self.assets = assets
            self.startSeconds = startSeconds
            self.endSeconds = endSeconds
            self.name = name
            self.resolution = resolution
            self.style = style
        }

        enum CodingKeys: String, CodingKey {
            case assets, name, resolution, style
            case startSeconds = "start_seconds"
            case endSeconds = "end_seconds"
            case maxResolution = "max_resolution"
        }

        /// Returns the request with the end of its recording if it has no end. The service requires one.
        func completed() throws -> TalkingPhotoRequest {
            guard endSeconds == nil, let length = try assets.audioFilePath.check(as: .audio)?.duration else {
                return self
            }
            // Rounded down, because the clip must not be longer than the recording.
            let hundredths = length.components.seconds * 100 + length.components.attoseconds / 10_000_000_000_000_000
            var request = self
            request.endSeconds = Double(hundredths) / 100
            return request
        }

        /// The minimum cost, based on the length of the clip in seconds. `nil` if the length is unknown.
        var cost: CreditEstimate? {
            guard let endSeconds else { return nil }
            let seconds = endSeconds - startSeconds
            let rate = style?.generationMode?.minimumCreditsPerSecond ?? 24
            // The cap of one day keeps the result within `Int`. The service rejects longer clips anyway.
            let credits = (min(max(0, seconds.isNaN ? 0 : seconds), 86_400) * rate - 1e-6).rounded(.up)
            return .atLeast(Int(exactly: credits) ?? 0)
        }

        func check(_ validator: inout RequestValidator) {
            validator.require(startSeconds >= 0, "start_seconds", startSeconds, "0 or more")
            checkEnd(&validator)
            validator.notBlank("style.prompt", style?.prompt)
            if let intensity = style?.intensity {
                let hundredfold = intensity * 100
                validator.require(
                    abs(hundredfold - hundredfold.rounded()) < 1e-6,
                    "style.intensity",
                    intensity,
                    "at most two decimals"
                )
            }
        }

        private func checkEnd(_ validator: inout RequestValidator) {
            guard let endSeconds else {
                validator.require(
                    false,
                    "end_seconds",
                    "missing",
                    "0.1 or more, because the recording is remote or of unknown length"
                )
                return
            }
            validator.require(endSeconds >= 0.1, "end_seconds", endSeconds, "0.1 or more")
            validator.require(
                endSeconds > startSeconds,
                "end_seconds",
                endSeconds,
                "more than start_seconds"
            )
            let mode = style?.generationMode
            // Without a mode, the limit is the longest clip that any mode allows.
            if let limit = mode == nil ? 300 : mode?.maximumSeconds {
                validator.require(
                    endSeconds - startSeconds <= limit,
                    "end_seconds - start_seconds",
                    endSeconds - startSeconds,
                    "at most \(Int(limit)) s\(mode.map { " with \($0)" } ?? "")"
                )
            }
        }
    }
}
