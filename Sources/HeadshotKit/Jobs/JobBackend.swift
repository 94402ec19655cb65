/// The interface to a service that the workflow engine uses.
protocol JobBackend: Sendable {
    var name: JobHandle.Service { get }
    /// The service's name in messages.
    var displayName: String { get }
    var configuration: ClientConfiguration { get }
    /// The transfer of outputs, which sends no API key.
    var transfer: KeylessTransfer { get }
    /// Whether another poll returns new URLs for outputs whose URLs have expired.
    var refreshesDownloadURLs: Bool { get }
    /// The semaphore for the account's queue. `nil` if the service does not limit the queue.
    var queue: AsyncSemaphore? { get }

    /// Returns the URL path of the create request of an operation that names no path.
    func createPath(of operation: String) -> String

    /// The fields of a create request's body that are not part of the request, such as an API key.
    var bodyFields: [String: String] { get }

    /// The correlation that the service supports.
    var correlation: GenerationOptions.Correlation { get }

    /// Returns the fields of a create request that carry a tag, given the fields without the tag.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidRequest`` if the request uses the field for another purpose.
    func fields(of tag: CorrelationTag, in request: JSONValue) throws -> [String: String]

    /// Removes secrets from a server's text, and cuts the text at `limit` characters.
    func redact(_ text: String, limit: Int) -> String

    /// Uploads local files and returns their remote sources in the same order.
    func upload(
        _ media: [LocalMedia],
        in context: CallContext,
        onProgress: @escaping ProgressHandler
    ) async throws -> [MediaSource]

    /// Creates a job. This call costs credits unless the request is free.
    func create(
        _ request: EncodedRequest,
        at path: String,
        isFree: Bool,
        in context: CallContext
    ) async throws -> CreatedJob

    /// Fetches a job's state once.
    func poll(_ job: JobHandle, as traits: JobTraits, in context: CallContext) async throws -> JobSnapshot

    /// Returns the next step after a job failed with the service's error code, and the cause if the code names one.
    func failureAdvice(for code: String?) -> (advice: String, cause: HeadshotKitError.Code?)

    /// Returns the request of a job that follows a delivered job, after the checks of its operation, and the traits of the new job.
    func request(
        of next: NextJob,
        after outcome: GenerationRun.Outcome,
        _ options: GenerationOptions
    ) async throws -> (JobRequest, JobTraits)

    /// Returns the traits of a job whose operation's type is unknown. Returns `nil` if the handle does not say enough.
    func traits(of job: JobHandle) -> JobTraits?
}

/// The response to a create request.
struct CreatedJob: Sendable {
    let job: JobHandle
    let response: TransportResponse
    /// The job's state. `nil` if the response does not contain it.
    var snapshot: JobSnapshot?
}

extension JobBackend {
    var bodyFields: [String: String] { [:] }

    func redact(_ text: String) -> String { redact(text, limit: 500) }

    func request(
        of next: NextJob,
        after outcome: GenerationRun.Outcome,
        _ options: GenerationOptions
    ) throws -> (JobRequest, JobTraits) {
        throw unknownNextJob(next, after: outcome)
    }

    func unknownNextJob(_ next: NextJob, after outcome: GenerationRun.Outcome) -> HeadshotKitError {
        HeadshotKitError(
            .invalidConfiguration,
            "This version cannot create the \(next.operation) job that follows job \(outcome.job.shownID).",
            advice: "Use the version that saved the record.",
            operation: next.operation
        )
    }
}

extension APICall {
    /// Returns the call that creates a job.
    static func create(
        at path: String,
        _ request: EncodedRequest,
        isFree: Bool,
        in context: CallContext
    ) -> APICall {
        APICall(
            context: context,
            method: "POST",
            path: path,
            request: request,
            retrySafety: isFree ? .idempotent : .nonIdempotent,
            timeout: .total(.seconds(120))
        )
    }
}
