import Foundation

/// One operation that turns a request into outputs: ``MagicHour/headshots``, ``ModelsLab/headshots`` and so on.
///
/// ``generate(_:options:onEvent:)`` is the whole way. The other verbs are its parts, for those who want to wait elsewhere:
/// ``submit(_:options:onEvent:)`` uploads and creates, ``resume(_:options:onEvent:)`` waits and downloads, ``create(_:)`` is the bare call.
///
/// A create request is sent again only when it is certain that the service did not take it; see ``RetryPolicy``.
public struct Generator<Request: Encodable & Sendable, Created: Sendable, Project: Sendable>: Sendable {
    let endpoint: Endpoint<Request>
    let service: any JobService<Created, Project>

    /// Creates a job from a request whose media are all remote. This costs what the operation costs.
    ///
    /// - Returns: The service's reply.
    /// - Throws: ``HeadshotKitError``. Its code is ``HeadshotKitError/Code/creationUnconfirmed`` where the job may exist although
    ///   no reply came; with every other code nothing was charged.
    public func create(_ request: Request) async throws -> Created {
        try await service.create(request, at: endpoint).created
    }

    /// Uploads what is local in a request and creates the job, without waiting for it. This costs what the operation costs.
    ///
    /// - Parameters:
    ///   - request: What to make.
    ///   - options: What to check before anything is spent; the rest of them is for waiting.
    ///   - onEvent: Told of uploads and of the job.
    /// - Returns: The job, for ``resume(_:options:onEvent:)``: now or on another day, here or in another process.
    /// - Throws: As ``create(_:)``; ``HeadshotKitError/Code/invalidMedia`` before anything is sent.
    @discardableResult
    public func submit(
        _ request: Request,
        options: GenerationOptions = GenerationOptions(),
        onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
    ) async throws -> JobHandle {
        try check(request, options)
        let request = try await preparing(request, options, onEvent)
        let job = try await service.create(request, at: endpoint).job
        onEvent?(.submitted(job))
        return job
    }

    /// Uploads what is local in a request, creates the job, waits for it and downloads its outputs. This costs what the operation
    /// costs, once.
    ///
    /// Cancelling the calling task stops local work at once and leaves the job alone: it can be resumed.
    ///
    /// - Parameters:
    ///   - request: What to make.
    ///   - options: Where to, for how long, and which of the steps.
    ///   - onEvent: Told what happens, one event at a time. It should return quickly.
    /// - Throws: ``HeadshotKitError``, with the job from the moment that it exists; `CancellationError`.
    public func generate(
        _ request: Request,
        options: GenerationOptions = GenerationOptions(),
        onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
    ) async throws -> GenerationResult<Project> {
        try check(request, options)
        // What cannot be saved need not be made.
        if options.waitForCompletion, options.downloadOutputs { try OutputFile.prepare(options.downloadDirectory) }
        let deadline = Deadline(in: options.deadline ?? endpoint.deadline, clock: service.api.configuration.clock)
        let remote = try await deadline.run(orThrow: { tooLate(options, job: nil) }) {
            try await preparing(request, options, onEvent)
        }
        // Outside the deadline: to give up on this reply would be to lose what was just paid for.
        let (_, job, project) = try await service.create(remote, at: endpoint)
        onEvent?(.submitted(job))
        return try await finish(job, known: project, isNew: true, deadline, options, onEvent)
    }

    /// Waits for a job and downloads its outputs. It costs nothing.
    ///
    /// - Parameters:
    ///   - job: A job of this operation, from an event, an error or ``submit(_:options:onEvent:)``.
    ///   - options: Where to, for how long, and which of the steps.
    ///   - onEvent: Told what happens, one event at a time. It should return quickly.
    /// - Throws: ``HeadshotKitError``, with the job; `CancellationError`.
    public func resume(
        _ job: JobHandle,
        options: GenerationOptions = GenerationOptions(),
        onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
    ) async throws -> GenerationResult<Project> {
        guard job.service == service.name else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "Job \(job.id) belongs to \(job.service), and this is a client of \(service.name).",
                operation: endpoint.name,
                job: job
            )
        }
        let deadline = Deadline(in: options.deadline ?? endpoint.deadline, clock: service.api.configuration.clock)
        return try await finish(job, known: nil, isNew: false, deadline, options, onEvent)
    }

    /// What a request is going to cost; nil where that is not known.
    public func cost(of request: Request) -> CreditEstimate? { endpoint.cost(request) }

    /// All that is known to be wrong with a request, without sending it. The workflow asks this first.
    public func problems(with request: Request) -> [RequestProblem] {
        var preflight = Preflight()
        endpoint.check(request, &preflight)
        return preflight.problems
    }

    // MARK: Steps

    /// Refuses what is known to be wrong or too expensive.
    private func check(_ request: Request, _ options: GenerationOptions) throws {
        let problems = options.preflight == .on ? problems(with: request) : []
        guard problems.isEmpty else {
            var error = HeadshotKitError(
                .invalidRequest,
                "The request for \(endpoint.name) was not sent: \(problems.map(\.description).joined(separator: "; ")).",
                operation: endpoint.name
            )
            error.problems = problems
            throw error
        }
        if options.requireFace, !service.detectsFaces {
            throw HeadshotKitError(
                .invalidConfiguration,
                "options.requireFace cannot be kept: \(service.api.serviceName) has no face detection. Leave it off.",
                operation: endpoint.name
            )
        }
        guard let limit = options.maximumCredits else { return }
        let cost = cost(of: request)
        guard let cost, cost.minimum <= limit else {
            let amount =
                cost.map { "\($0.isExact ? "" : "at least ")\($0.minimum) credits" }
                ?? "an amount that is not known beforehand"
            throw HeadshotKitError(
                .tooExpensive,
                "The request for \(endpoint.name) was not sent: it costs \(amount), and options.maximumCredits is \(limit).",
                operation: endpoint.name
            )
        }
    }

    /// Makes everything remote, and looks for faces where asked to.
    private func preparing(
        _ request: Request,
        _ options: GenerationOptions,
        _ onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> Request {
        let request = try await uploadingMedia(of: request, onEvent)
        guard options.requireFace else { return request }
        for field in endpoint.media where field.kind == .image {
            let count = try await service.countFaces(in: request[keyPath: field.keyPath])
            if count == 0 {
                throw HeadshotKitError(
                    .noFace,
                    "No face was found in the photo (\(field.name)), so \(endpoint.name) was not started.",
                    operation: endpoint.name
                )
            }
        }
        return request
    }

    private func uploadingMedia(
        of request: Request,
        _ onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> Request {
        var request = request
        // All are looked at before the first is sent.
        let local = try endpoint.media.compactMap { field in
            try LocalMedia(request[keyPath: field.keyPath], as: field.kind).map { (field, $0) }
        }
        guard !local.isEmpty else { return request }
        let remote = try await service.handOver(local.map(\.1)) { onEvent?(.uploading($0)) }
        for ((field, _), source) in zip(local, remote) { request[keyPath: field.keyPath] = source }
        return request
    }

    private func finish(
        _ job: JobHandle,
        known: Project?,
        isNew: Bool,
        _ deadline: Deadline,
        _ options: GenerationOptions,
        _ onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> GenerationResult<Project> {
        let saved = Locked<[URL]>([])
        let wait = JobWait(service: service, job: job, polling: options.polling ?? endpoint.polling, onEvent: onEvent)
        return try await deadline.run(orThrow: { tooLate(options, job: job, saved: saved.withLock { $0 }) }) {
            guard options.waitForCompletion else {
                let project = if let known { known } else { try await wait.poll() }
                return GenerationResult(job: job, project: project, files: [])
            }
            let (project, outputs) = try await wait.run(from: known, isNew: isNew)
            guard options.downloadOutputs else { return GenerationResult(job: job, project: project, files: []) }
            let saver = OutputSaver(wait: wait, stem: endpoint.fileStem, options: options, saved: saved)
            let files = outputs.isEmpty && endpoint.mayBeEmpty ? [] : try await saver.save(outputs)
            return GenerationResult(job: job, project: project, files: files)
        }
    }

    private func tooLate(_ options: GenerationOptions, job: JobHandle?, saved: [URL] = []) -> HeadshotKitError {
        let limit = (options.deadline ?? endpoint.deadline).seconds
        return HeadshotKitError(
            .deadlineExceeded,
            "\(endpoint.name) was not done within \(limit.formatted()) s.",
            operation: endpoint.name,
            job: job,
            savedFiles: saved
        )
    }
}
