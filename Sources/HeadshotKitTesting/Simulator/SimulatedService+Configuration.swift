public import Foundation

extension SimulatedService {
    /// The account, prices and durations of a ``SimulatedService``, which has a single account.
    public struct Configuration: Sendable {
        /// The API key that Magic Hour accepts. A request with any other key receives a 401 response.
        public var magicHourKey = "mhk_live_simulated"
        /// The API key that ModelsLab accepts.
        public var modelsLabKey = "modelslab-simulated"
        /// The initial number of Magic Hour credits. Defaults to 1,000.
        public var credits = 1_000
        /// The initial balance of the ModelsLab wallet, in US cents. Defaults to 1,000.
        public var walletCents = 1_000

        /// The price of a Magic Hour headshot, in credits. Defaults to 50, the price of the real service.
        ///
        /// Images are charged by model. Talking photos are charged by mode for each started second.
        public var headshotCredits = 50
        /// The price of a ModelsLab image, in US cents. Defaults to 2, which is not the price of the real service.
        public var modelsLabImageCents = 2

        /// The time in the queue before a job renders. Defaults to 500 milliseconds.
        public var queueDuration: Duration = .milliseconds(500)
        /// The rendering time of a job if ``jobDurations`` has no value for its operation. Defaults to 2 seconds.
        public var jobDuration: Duration = .seconds(2)
        /// The rendering times of jobs, by operation. Defaults to an empty dictionary.
        public var jobDurations: [Route: Duration] = [:]
        /// The number of unfinished jobs that ModelsLab allows at once, which is 5, 10 or 15 by plan. Defaults to 5.
        public var queueLimit = 5

        /// The time until an upload URL expires. Defaults to 1 hour.
        public var uploadLinkLifetime: Duration = .seconds(3_600)
        /// The time until an output URL expires. Defaults to 24 hours.
        public var outputLinkLifetime: Duration = .seconds(24 * 3_600)
        /// The delay before a webhook request that was not accepted is sent again. Each further delay is twice as long. Defaults to
        /// 1 second, the delay of Magic Hour.
        public var webhookRetryDelay: Duration = .seconds(1)
        /// The date at which the service's clock starts. Defaults to the current date.
        public var startDate = Date()

        /// The text that marks a photo without a face. The text can be in the photo's bytes, in the photo's URL or in the prompt.
        /// Defaults to `no-face`.
        public var noFaceMarker = "no-face"
        /// The width and height of output images, in pixels. Defaults to 256.
        public var outputPixels = 256
        /// The minimum size of an output file, in bytes. A smaller file is padded with a pattern. Defaults to 0.
        public var outputBytes = 0
        /// The size of the largest upload whose contents are kept in memory, in bytes. Defaults to 4 MiB.
        ///
        /// For a larger upload, only ``Upload/head``, the size and the digest are kept.
        public var keptUploadBytes = 4 << 20

        /// Creates a configuration with the default values, which provide a funded account and short waits.
        public init() {}
    }
}
