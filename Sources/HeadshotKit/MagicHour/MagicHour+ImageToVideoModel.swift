extension MagicHour {
    /// A model that animates images.
    ///
    /// | Model | Seconds | Resolutions |
    /// |---|---|---|
    /// | `gemini-omni-1.1` | 3 to 10 | 360p 720p 1080p 4k |
    /// | `kling-2.6` | 5, 10 | 720p 1080p |
    /// | `kling-3.0` | 3 to 15 | 720p 1080p 4k |
    /// | `ltx-2.5` | 1 to 60 | 480p 720p 1080p |
    /// | `minimax-h3` | 1 to 30 | 480p 720p 1080p |
    /// | `seedance-1.5` | 4 to 12 | 480p 720p 1080p |
    /// | `seedance-2.0` | 4 to 15 | 480p 720p 1080p 4k |
    /// | `seedance-2.0-fast`, `seedance-2.0-mini` | 4 to 15 | 480p 720p |
    /// | `seedance-2.5` | 4 to 30 | 480p 720p 1080p |
    /// | `veo3.1`, `veo3.1-lite` | 4, 6, 8, 16, 24, 32, 40, 48, 56 | 720p 1080p |
    /// | `wan-2.2` | 3 to 10, 15 | 480p 720p 1080p |
    /// | `wan-3.0` | 2 to 10, 15, 20, 25, 30 | 480p 720p 1080p |
    public struct ImageToVideoModel: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The model that the service chooses.
        public static let `default`: ImageToVideoModel = "default"
        /// Gemini Omni 1.1.
        public static let geminiOmni11: ImageToVideoModel = "gemini-omni-1.1"
        /// Kling 1.6.
        public static let kling16: ImageToVideoModel = "kling-1.6"
        /// Kling 2.5.
        public static let kling25: ImageToVideoModel = "kling-2.5"
        /// Kling 2.5 with sound, by its older name.
        public static let kling25Audio: ImageToVideoModel = "kling-2.5-audio"
        /// Kling 2.6.
        public static let kling26: ImageToVideoModel = "kling-2.6"
        /// Kling 3.0.
        public static let kling30: ImageToVideoModel = "kling-3.0"
        /// LTX 2.
        public static let ltx2: ImageToVideoModel = "ltx-2"
        /// LTX 2.3.
        public static let ltx23: ImageToVideoModel = "ltx-2.3"
        /// LTX 2.5.
        public static let ltx25: ImageToVideoModel = "ltx-2.5"
        /// MiniMax H3.
        public static let minimaxH3: ImageToVideoModel = "minimax-h3"
        /// Seedance.
        public static let seedance: ImageToVideoModel = "seedance"
        /// Seedance 1.5.
        public static let seedance15: ImageToVideoModel = "seedance-1.5"
        /// Seedance 2.0.
        public static let seedance20: ImageToVideoModel = "seedance-2.0"
        /// Seedance 2.0 fast.
        public static let seedance20Fast: ImageToVideoModel = "seedance-2.0-fast"
        /// Seedance 2.0 mini.
        public static let seedance20Mini: ImageToVideoModel = "seedance-2.0-mini"
        /// Seedance 2.5.
        public static let seedance25: ImageToVideoModel = "seedance-2.5"
        /// Sora 2.
        public static let sora2: ImageToVideoModel = "sora-2"
        /// Veo 3.1.
        public static let veo31: ImageToVideoModel = "veo3.1"
        /// Veo 3.1 with sound, by its older name.
        public static let veo31Audio: ImageToVideoModel = "veo3.1-audio"
        /// Veo 3.1 lite.
        public static let veo31Lite: ImageToVideoModel = "veo3.1-lite"
        /// Wan 2.2.
        public static let wan22: ImageToVideoModel = "wan-2.2"
        /// Wan 3.0.
        public static let wan30: ImageToVideoModel = "wan-3.0"

        /// The limits of a model.
        struct Limits {
            let seconds: [Int]
            let resolutions: [ImageToVideoRequest.Resolution]

            init(_ seconds: ClosedRange<Int>, and more: [Int] = [], _ resolutions: [ImageToVideoRequest.Resolution]) {
                self.seconds = Array(seconds) + more
                self.resolutions = resolutions
            }

            init(_ seconds: [Int], _ resolutions: [ImageToVideoRequest.Resolution]) {
                self.seconds = seconds
                self.resolutions = resolutions
            }

            /// The lengths as text, such as `3 to 10, 15`.
            var secondsText: String {
                var ranges: [ClosedRange<Int>] = []
                for second in seconds {
                    if let last = ranges.last, last.upperBound + 1 == second {
                        ranges[ranges.count - 1] = last.lowerBound...second
                    } else {
                        ranges.append(second...second)
                    }
                }
                return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
                    .joined(separator: ", ")
            }
        }

        /// The limits of the model, or `nil` if they are unknown.
        var limits: Limits? {
            switch self {
            case .geminiOmni11: Limits(3...10, [.p360, .p720, .p1080, .k4])
            case .kling26: Limits([5, 10], [.p720, .p1080])
            case .kling30: Limits(3...15, [.p720, .p1080, .k4])
            case .ltx25: Limits(1...60, [.p480, .p720, .p1080])
            case .minimaxH3: Limits(1...30, [.p480, .p720, .p1080])
            case .seedance15: Limits(4...12, [.p480, .p720, .p1080])
            case .seedance20: Limits(4...15, [.p480, .p720, .p1080, .k4])
            case .seedance20Fast, .seedance20Mini: Limits(4...15, [.p480, .p720])
            case .seedance25: Limits(4...30, [.p480, .p720, .p1080])
            case .veo31, .veo31Lite: Limits([4, 6, 8, 16, 24, 32, 40, 48, 56], [.p720, .p1080])
            case .wan22: Limits(3...10, and: [15], [.p480, .p720, .p1080])
            case .wan30: Limits(2...10, and: [15, 20, 25, 30], [.p480, .p720, .p1080])
            default: nil
            }
        }
    }
}
