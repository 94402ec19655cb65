/// The properties of a kind of job that the engine needs to wait for the job and to save its outputs.
struct JobTraits: Sendable {
    /// The collection of the service that contains the job, such as `image-projects` of Magic Hour or `faceswap` of ModelsLab.
    var kind: String?
    /// The default policy for polling the job.
    var polling: PollingPolicy
    /// The default deadline of a workflow.
    var deadline: Duration
    /// The beginning of the outputs' file names.
    var filePrefix: String
    /// Whether the job may complete without outputs. The outputs of every other job may appear shortly after its status.
    var mayBeEmpty = false
    /// Whether the service may need time until it knows a new job.
    var mayBeUnknownAtFirst = true
    /// Whether every job of the kind is free of charge. A free job has no record, its create is safe to repeat, and the wait for it ends
    /// after several failures in a row.
    var isFree = false
}

extension Duration {
    /// The default deadline of a workflow that makes images.
    static let imageDeadline = Duration.seconds(15 * 60)
    /// The default deadline of a workflow that makes a video.
    static let videoDeadline = Duration.seconds(60 * 60)
}
