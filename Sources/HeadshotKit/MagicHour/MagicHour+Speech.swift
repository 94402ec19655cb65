extension MagicHour {
    /// The operation that speaks a text: `POST /v1/ai-voice-generator`.
    ///
    /// The price is 0.1 credits per character, rounded up. A job takes about 19 seconds and makes a WAV recording.
    public var speech: GenerationOperation<SpeechRequest, CreatedProject, AudioProject> {
        operation(Self.speechEndpoint, as: AudioProject.self)
    }

    static let speechEndpoint = Endpoint<SpeechRequest>(
        "ai-voice-generator",
        filePrefix: "speech",
        polling: .adaptive(median: .seconds(19)),
        check: { request, validator in
            validator.notBlank("style.prompt", request.style.prompt)
            validator.notBlank("style.voice_name", request.style.voiceName.rawValue)
        },
        // The service may count more characters in an emoji, but never fewer.
        cost: { .atLeast($0.style.prompt.count / 10 + ($0.style.prompt.count.isMultiple(of: 10) ? 0 : 1)) }
    )

    /// A speech request, which costs 0.1 credits per character, rounded up.
    public struct SpeechRequest: Codable, Equatable, Sendable {
        /// The content of the recording.
        public struct Style: Codable, Equatable, Sendable {
            /// The text to speak, which must not be blank.
            public var prompt: String
            /// The voice.
            public var voiceName: Voice

            /// Creates a style from a text and a voice.
            public init(prompt: String, voiceName: Voice) {
                self.prompt = prompt
                self.voiceName = voiceName
            }

            enum CodingKeys: String, CodingKey {
                case prompt
                case voiceName = "voice_name"
            }
        }

        /// The content of the recording.
        public var style: Style
        /// The project's name in the Magic Hour library.
        public var name: String?

        /// Creates a speech request.
        ///
        /// - Parameters:
        ///   - text: The text to speak, which must not be blank. Its length determines the price.
        ///   - voice: The voice, such as `"Albert Einstein"`.
        ///   - name: The project's name, for your own reference.
        public init(text: String, voice: Voice, name: String? = nil) {
            self.init(style: Style(prompt: text, voiceName: voice), name: name)
        }

        /// Creates a speech request in the shape of the API.
        public init(style: Style, name: String? = nil) {
            self.style = style
            self.name = name
        }
    }

    /// A voice of the service, by its exact name, such as `"Albert Einstein"`.
    ///
    /// Release 0.90.0 of the API lists 1,264 voices under `voice_name`, so there are no static members. A job with an unknown voice is
    /// rejected, or fails with ``ProjectError/Code/invalidVoice`` and is refunded.
    public struct Voice: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }
    }
}
