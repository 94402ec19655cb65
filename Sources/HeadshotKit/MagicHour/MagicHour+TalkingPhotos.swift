extension MagicHour {
    /// Photos that speak a recording: `POST /v1/ai-talking-photo`, about 41 s.
    ///
    /// Priced by length: from 24 credits a second with ``TalkingPhotoRequest/GenerationMode/prompted``, from 48 with
    /// ``TalkingPhotoRequest/GenerationMode/realistic``.
    public var talkingPhotos: GenerationOperation<TalkingPhotoRequest, CreatedProject, VideoProject> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "ai-talking-photo",
                path: "/v1/ai-talking-photo",
                polling: .talkingPhotos,
                deadline: .videoDeadline,
                fileStem: "talking-photo",
                media: [
                    .init(name: "assets.image_file_path", kind: .image, keyPath: \.assets.imageFilePath),
                    .init(name: "assets.audio_file_path", kind: .audio, keyPath: \.assets.audioFilePath),
                ],
                check: { request, validator in request.check(&validator) },
                cost: { $0.cost }
            ),
            service: MagicHourBackend<VideoProject>(api: api)
        )
    }

    /// A request for a photo that speaks a recording.
    public struct TalkingPhotoRequest: Codable, Hashable, Sendable {
        /// The files of the request.
        public struct Assets: Codable, Hashable, Sendable {
            /// The photo.
            public var imageFilePath: MediaSource
            /// The recording.
            public var audioFilePath: MediaSource

            /// The files of the request.
            public init(imageFilePath: MediaSource, audioFilePath: MediaSource) {
                self.imageFilePath = imageFilePath
                self.audioFilePath = audioFilePath
            }

            enum CodingKeys: String, CodingKey {
                case imageFilePath = "image_file_path"
                case audioFilePath = "audio_file_path"
            }
        }

        /// How the photo moves.
        public struct Style: Codable, Hashable, Sendable {
            /// The way of moving; the service's choice unless set.
            public var generationMode: GenerationMode?
            /// How it is to move and look, for ``GenerationMode/prompted``.
            public var prompt: String?
            /// How much it moves, with up to two decimals, for the older ``GenerationMode/expressive``.
            public var intensity: Double?

            /// How the photo moves.
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

        /// A way of moving.
        public struct GenerationMode: OpenEnum {
            /// The value as it stands on the wire.
            public let rawValue: String
            /// A value as it stands on the wire.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// True to the photo; clips of up to 300 s.
            public static let realistic: GenerationMode = "realistic"
            /// As a prompt says; clips of up to 45 s.
            public static let prompted: GenerationMode = "prompted"
            /// An older name of ``realistic``.
            public static let pro: GenerationMode = "pro"
            /// An older name of ``realistic``.
            public static let stable: GenerationMode = "stable"
            /// An older name of ``prompted``.
            public static let standard: GenerationMode = "standard"
            /// An older name of ``prompted``.
            public static let expressive: GenerationMode = "expressive"

            /// The longest clip in seconds; nil for a mode that is not known here.
            var maximumSeconds: Double? {
                switch self {
                case .realistic, .pro, .stable: 300
                case .prompted, .standard, .expressive: 45
                default: nil
                }
            }

            /// The fewest credits that a second costs; those of the cheapest mode for one that is not known here.
            var minimumCreditsPerSecond: Double {
                switch self {
                case .realistic, .pro, .stable: 48
                default: 24
                }
            }
        }

        /// The size of a video.
        public struct Resolution: OpenEnum {
            /// The value as it stands on the wire.
            public let rawValue: String
            /// A value as it stands on the wire.
            public init(rawValue: String) { self.rawValue = rawValue }

            /// 480 lines.
            public static let p480: Resolution = "480p"
            /// 720 lines.
            public static let p720: Resolution = "720p"
        }

        /// The files of the request.
        public var assets: Assets
        /// Where in the recording to begin, in seconds: 0 or more.
        public var startSeconds: Double
        /// Where in the recording to end, in seconds: 0.1 or more, and behind the beginning.
        public var endSeconds: Double
        /// A name for the project, for your own use.
        public var name: String?
        /// The size of the video.
        public var resolution: Resolution?
        /// How the photo moves.
        public var style: Style?
        /// The longer side of the video in pixels.
        @available(*, deprecated, message: "Use resolution.")
        public var maxResolution: Int?

        /// A request for a photo that speaks a recording.
        public init(
            assets: Assets,
            startSeconds: Double = 0,
            endSeconds: Double,
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

        /// What it costs at least: the length of the clip by the second.
        var cost: CreditEstimate {
            let seconds = endSeconds - startSeconds
            let rate = style?.generationMode?.minimumCreditsPerSecond ?? 24
            // What is beyond a day is refused anyway, and the largest numbers are no whole ones.
            let credits = (min(max(0, seconds.isNaN ? 0 : seconds), 86_400) * rate - 1e-6).rounded(.up)
            return .atLeast(Int(exactly: credits) ?? 0)
        }

        func check(_ validator: inout RequestValidator) {
            validator.require(startSeconds >= 0, "start_seconds", startSeconds, "0 or more")
            validator.require(endSeconds >= 0.1, "end_seconds", endSeconds, "0.1 or more")
            validator.require(
                endSeconds > startSeconds,
                "end_seconds",
                endSeconds,
                "more than start_seconds"
            )
            let mode = style?.generationMode
            // Without a mode, only what no mode allows is known to be wrong.
            if let limit = mode == nil ? 300 : mode?.maximumSeconds {
                validator.require(
                    endSeconds - startSeconds <= limit,
                    "end_seconds - start_seconds",
                    endSeconds - startSeconds,
                    "at most \(Int(limit)) s\(mode.map { " with \($0)" } ?? "")"
                )
            }
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
    }
}
