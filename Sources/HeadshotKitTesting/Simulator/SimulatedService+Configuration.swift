public import Foundation

extension SimulatedService {
    /// What a ``SimulatedService`` grants its one account, what it charges, and how long it takes.
    public struct Configuration: Sendable {
        /// The key that Magic Hour's part accepts; a request with another is answered 401.
        public var magicHourKey = "mhk_live_simulated"
        /// The key that ModelsLab's part accepts.
        public var modelsLabKey = "modelslab-simulated"
        /// The Magic Hour credits at the start.
        public var credits = 1_000
        /// The ModelsLab wallet at the start, in US cents.
        public var walletCents = 1_000

        /// Credits for a headshot of Magic Hour, as the real service charges. Images are charged by model, and talking photos by
        /// begun second and mode.
        public var headshotCredits = 50
        /// US cents for each ModelsLab image. The price is the simulator's own.
        public var modelsLabImageCents = 2

        /// How long a job is queued before it renders.
        public var queueDuration: Duration = .milliseconds(500)
        /// How long a job renders, unless ``jobDurations`` says otherwise.
        public var jobDuration: Duration = .seconds(2)
        /// How long jobs of some operations render.
        public var jobDurations: [Route: Duration] = [:]
        /// How many unfinished jobs ModelsLab allows at once: 5, 10 or 15 by plan.
        public var queueLimit = 5

        /// How long a link to upload to holds.
        public var uploadLinkLifetime: Duration = .seconds(3_600)
        /// How long a link to an output holds.
        public var outputLinkLifetime: Duration = .seconds(24 * 3_600)
        /// The date at which the service's clock starts; now unless set.
        public var startDate = Date()

        /// A text that stands for "no face is in this photo": in a photo's bytes, in its address, or in the prompt.
        public var noFaceMarker = "no-face"
        /// Width and height of output images, in pixels.
        public var outputPixels = 256
        /// The size of every output file, where larger than it would be; the rest is filled up with a pattern.
        public var outputBytes = 0
        /// Uploads up to this size are kept in memory whole; of larger ones only ``Upload/head``, size and digest.
        public var keptUploadBytes = 4 << 20

        /// The defaults: a good account and short waits.
        public init() {}
    }
}
