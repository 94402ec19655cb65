/// An operation that turns a request into outputs. A client has one for each kind of job, such as ``MagicHour/headshots``.
///
/// ``generate(_:options:onEvent:)`` runs the whole workflow. Its parts are available separately: ``submit(_:options:onEvent:)`` uploads
/// media and creates the job, ``resume(_:options:onEvent:)`` waits and downloads, and ``create(_:)`` is the bare API call.
///
/// A create request is sent again only if the service is certain not to have accepted it. See ``RetryPolicy``.
public struct GenerationOperation<
    Request: Encodable & Sendable,
    Created: Decodable & Sendable,
    Project: Decodable & Sendable
>: Sendable {
    let endpoint: Endpoint<Request>
    let traits: JobTraits
    let backend: any JobBackend
    /// The face detection for ``GenerationOptions/faceCheck``. `nil` if the service has none.
    var countFaces: JobRequest.FaceCounter?

    /// Creates a job from a request whose media are all remote. This costs what the operation costs.
    ///
    /// This is the bare API call. It does not validate the request, and no store records the job. Use ``validationIssues(for:)`` and
    /// ``estimatedCost(of:)`` first, or ``submit(_:options:onEvent:)`` instead.
    ///
    /// - Returns: The service's response.
    /// - Throws: ``HeadshotKitError``. With ``HeadshotKitError/Code/submissionUnconfirmed``, the job may exist although no response
    ///   arrived. With every other code, such as ``HeadshotKitError/Code/invalidRequest`` for a local source, nothing was charged.
    ///   `CancellationError`, at most 10 s after the cancellation if the request is in flight. The job may then exist and may have been
    ///   charged.
    public func create(_ request: Request) async throws -> Created {
        do {
            let context = CallContext(operation: endpoint.name)
            let encoded = try EncodedRequest(request, adding: backend.bodyFields)
            let isFree = traits.isFree
            let created = try await backend.create(encoded, at: createPath, isFree: isFree, in: context)
            return try created.response.decoded(as: Created.self)
        } catch is CancelledInFlight {
            throw CancellationError()
        }
    }

    /// Uploads local media and creates the job, without waiting for it. This costs what the operation costs.
    ///
    /// - Parameters:
    ///   - request: The request. Its media may be local.
    ///   - options: The checks before anything is charged, the deadline for the checks and the upload, and the reference and directory
    ///     for the job's record.
    ///   - onEvent: Called with the events of the upload and the created job.
    /// - Returns: The job. Pass it to ``resume(_:options:onEvent:)``, at any time and in any process.
    /// - Throws: ``HeadshotKitError``; its ``HeadshotKitError/submission`` says whether credits were charged. If the error has a
    ///   ``HeadshotKitError/job``, the job exists and is paid for, but the store failed to record it. `CancellationError`.
    @discardableResult
    public func submit(
        _ request: Request,
        options: GenerationOptions = GenerationOptions(),
        onEvent: EventHandler? = nil
    ) async throws -> JobHandle {
        try await run(options, EventReporter(onEvent)).submit(try await prepared(request, options))
    }

    /// Uploads local media, creates the job, waits for it, and downloads its outputs. This costs what the operation costs, once.
    ///
    /// Canceling the calling task stops local work at once and does not affect the job, which can be resumed. Only a create request in
    /// flight gets up to 10 s to return the job's id.
    ///
    /// - Parameters:
    ///   - request: The request. Its media may be local.
    ///   - options: The download directory, the deadline, and the steps to run.
    ///   - onEvent: Called with one event at a time. It should return quickly.
    /// - Throws: ``HeadshotKitError``, with the job as soon as it exists; `CancellationError`.
    public func generate(
        _ request: Request,
        options: GenerationOptions = GenerationOptions(),
        onEvent: EventHandler? = nil
    ) async throws -> GenerationResult<Project> {
        try await generate(request, options: options, events: EventReporter(onEvent))
    }

    func generate(
        _ request: Request,
        options: GenerationOptions,
        events: EventReporter
    ) async throws -> GenerationResult<Project> {
        let request = try await prepared(request, options)
        return try decode(await run(options, events).generate(request))
    }

    /// Waits for a job and downloads its outputs. This is free.
    ///
    /// - Parameters:
    ///   - job: A job of this operation, from an event, an error or ``submit(_:options:onEvent:)``.
    ///   - options: The download directory, the deadline, and the steps to run.
    ///   - onEvent: Called with one event at a time. It should return quickly.
    /// - Throws: ``HeadshotKitError``, with the job; `CancellationError`.
    public func resume(
        _ job: JobHandle,
        options: GenerationOptions = GenerationOptions(),
        onEvent: EventHandler? = nil
    ) async throws -> GenerationResult<Project> {
        try await resume(job, options: options, events: EventReporter(onEvent))
    }

    func resume(
        _ job: JobHandle,
        options: GenerationOptions,
        events: EventReporter
    ) async throws -> GenerationResult<Project> {
        guard job.service == backend.name, job.operation == endpoint.name else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "Job \(job.shownID) is of \(job.service), \(job.operation), and this is \(endpoint.name) of \(backend.name).",
                advice: "Resume the job with the operation that created it.",
                operation: endpoint.name,
                job: job
            )
        }
        return try decode(await run(options, events).resume(job))
    }

    /// The URL path of the create request.
    var createPath: String { endpoint.path ?? backend.createPath(of: endpoint.name) }

    func run(_ options: GenerationOptions, _ events: EventReporter) -> GenerationRun {
        GenerationRun(endpoint.name, traits, at: backend, options, events)
    }

    func decode(_ outcome: GenerationRun.Outcome) throws -> GenerationResult<Project> {
        let project: Project
        do { project = try outcome.snapshot.response.decoded(as: Project.self) } catch {
            throw HeadshotKitError(
                .invalidResponse,
                "The response about job \(outcome.job.shownID) cannot be read as \(Project.self).",
                advice: outcome.files.isEmpty ? "The job exists. Resume it to try again." : "The outputs are saved.",
                operation: endpoint.name,
                job: outcome.job,
                savedFiles: outcome.files,
                underlyingError: error
            )
        }
        return GenerationResult(
            job: outcome.job,
            project: project,
            files: outcome.files,
            missingOutputs: outcome.missingOutputs
        )
    }

    /// Returns what a request is going to cost; `nil` if that is not known in advance.
    ///
    /// The price of a talking photo without an end depends on the length of the recording. The header of a local one is read.
    public func estimatedCost(of request: Request) -> CreditEstimate? { endpoint.cost(completedIfReadable(request)) }

    /// Returns everything that is known to be wrong with a request, without sending it. The workflow runs this check first.
    ///
    /// The files of the request are not checked. To check a file, use ``MediaSource/check(as:)``. The services document no limits for the
    /// width and height of a photo, so no issue is about these. ``GenerationEvent/uploading(_:)`` reports both.
    public func validationIssues(for request: Request) -> [ValidationIssue] {
        validator(for: completedIfReadable(request)).issues
    }

    /// Returns a request with the values that its local media determine. Media that cannot be read determine none.
    private func completedIfReadable(_ request: Request) -> Request {
        do { return try endpoint.completed(request) } catch { return request }
    }

    /// Returns a validator with the issues of a request.
    func validator(for request: Request) -> RequestValidator {
        var validator = RequestValidator()
        endpoint.check(request, &validator)
        return validator
    }
}
