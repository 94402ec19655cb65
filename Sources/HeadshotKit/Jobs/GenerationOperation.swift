import Foundation

/// One operation that turns a request into outputs: ``MagicHour/headshots``, ``ModelsLab/headshots`` and so on.
///
/// ``generate(_:options:onEvent:)`` is the whole way. The other verbs are its parts, for those who want to wait elsewhere:
/// ``submit(_:options:onEvent:)`` uploads and creates, ``resume(_:options:onEvent:)`` waits and downloads, ``create(_:)`` is the bare call.
///
/// A create request is sent again only when it is certain that the service did not take it; see ``RetryPolicy``.
public struct GenerationOperation<Request: Encodable & Sendable, Created: Sendable, Project: Sendable>: Sendable {
    let endpoint: Endpoint<Request>
    var service: any JobBackend<Created, Project>

    /// Creates a job from a request whose media are all remote. This costs what the operation costs.
    ///
    /// It is the bare call: nothing is checked first (``validationIssues(for:)`` and ``estimatedCost(of:)`` are there for that), and no store keeps the job
    /// (``submit(_:options:onEvent:)`` does).
    ///
    /// - Returns: The service's response.
    /// - Throws: ``HeadshotKitError``. Its code is ``HeadshotKitError/Code/submissionUnconfirmed`` where the job may exist although
    ///   no response came; with every other code nothing was charged, as with ``HeadshotKitError/Code/invalidRequest`` for a local source.
    ///   `CancellationError`: a request that is on its way then has 10 s to bring its response.
    public func create(_ request: Request) async throws -> Created {
        do { return try await service.create(request, at: endpoint, until: nil).created } catch is CancelledInFlight {
            throw CancellationError()
        }
    }

    /// Uploads what is local in a request and creates the job, without waiting for it. This costs what the operation costs.
    ///
    /// - Parameters:
    ///   - request: What to make.
    ///   - options: What to check before anything is spent, the deadline for that and the upload, and what the store is to know:
    ///     reference and folder.
    ///   - onEvent: Told of uploads and of the job.
    /// - Returns: The job, for ``resume(_:options:onEvent:)``: now or on another day, here or in another process.
    /// - Throws: ``HeadshotKitError``: ``HeadshotKitError/submission`` says what is known about the money. One with a
    ///   ``HeadshotKitError/job`` means that it exists and is paid for, but a store could not keep it. `CancellationError`.
    @discardableResult
    public func submit(
        _ request: Request,
        options: GenerationOptions = GenerationOptions(),
        onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
    ) async throws -> JobHandle {
        try check(request, options)
        let deadline = deadline(options)
        return try await telling(onEvent) { told, emit, failure in
            let (job, _, kept, place) = try await told.beginning(request, options, deadline, emit, failure)
            defer {
                kept.release()
                place?.release()
            }
            if kept.isBehind {
                try await withCancellationShield(grace: .seconds(10), clock: service.api.configuration.clock) {
                    try await kept.update { _ in }
                }
            }
            try Task.checkCancellation()
            return job
        }
    }

    /// Uploads what is local in a request, creates the job, waits for it and downloads its outputs. This costs what the operation
    /// costs, once.
    ///
    /// Cancelling the calling task stops local work at once and leaves the job alone: it can be resumed. Only a create request that
    /// is under way has 10 s to bring its response, and with it the job's id.
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
        if options.waitForCompletion, options.downloadOutputs {
            try await offPool { try OutputFile.prepare(options.directory) }
        }
        let deadline = deadline(options)
        return try await telling(onEvent) { told, emit, failure in
            let (job, project, kept, place) = try await told.beginning(request, options, deadline, emit, failure)
            defer {
                kept.release()
                place?.release()
            }
            try Task.checkCancellation()
            return try await told.finish(
                job,
                known: project,
                isNew: true,
                kept,
                place,
                deadline,
                options,
                emit,
                failure
            )
        }
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
        var kept = JobJournal.none
        if let store = service.api.configuration.jobStore {
            let store = store.nonblocking
            if let record = try await JobJournal.mappingStoreErrors(
                job,
                endpoint.name,
                { try await store.record(for: job) }
            ) {
                kept = try await taking(record, from: store)
            }
        }
        return try await resume(job, kept, options, onEvent)
    }

    func taking(_ record: JobRecord, from store: any JobStore) async throws -> JobJournal {
        guard let kept = try await JobJournal.claim(record, in: store) else {
            throw HeadshotKitError.jobInUse(record)
        }
        return kept
    }

    func resume(
        _ job: JobHandle,
        _ kept: JobJournal,
        _ options: GenerationOptions,
        _ onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> GenerationResult<Project> {
        guard job.service == service.name, job.operation == endpoint.name else {
            kept.release()
            throw HeadshotKitError(
                .invalidConfiguration,
                "Job \(job.id) is of \(job.service), \(job.operation), and this is \(endpoint.name) of \(service.name).",
                operation: endpoint.name,
                job: job
            )
        }
        defer { kept.release() }
        let deadline = deadline(options)
        var options = options
        if options.downloadDirectory == nil, let record = kept.record {
            options.downloadDirectory = URL(fileURLWithPath: record.directory, isDirectory: true)
        }
        return try await telling(onEvent) { [options] told, emit, failure in
            emit(.resumed(job))
            return try await told.finish(job, known: nil, isNew: false, kept, nil, deadline, options, emit, failure)
        }
    }

    /// What a request is going to cost; nil where that is not known.
    public func estimatedCost(of request: Request) -> CreditEstimate? { endpoint.cost(request) }

    /// All that is known to be wrong with a request, without sending it. The workflow asks this first.
    public func validationIssues(for request: Request) -> [ValidationIssue] {
        var validator = RequestValidator()
        endpoint.check(request, &validator)
        return validator.problems
    }

    // MARK: Steps

    /// Refuses what is known to be wrong or too expensive.
    private func check(_ request: Request, _ options: GenerationOptions) throws {
        let problems = options.validateRequest ? validationIssues(for: request) : []
        guard problems.isEmpty else {
            throw HeadshotKitError(
                .invalidRequest,
                "The request for \(endpoint.name) was not sent: \(problems.map(\.description).joined(separator: "; ")).",
                operation: endpoint.name,
                problems: problems
            )
        }
        if options.faceCheck != .none, !service.detectsFaces || !endpoint.media.contains(where: { $0.kind == .image }) {
            let reason =
                service.detectsFaces
                ? "\(endpoint.name) takes no photo" : "\(service.api.serviceName) has no face detection"
            throw HeadshotKitError(
                .invalidConfiguration,
                "options.faceCheck cannot be used: \(reason). Set it to .none.",
                operation: endpoint.name
            )
        }
        guard let limit = options.maximumCredits else { return }
        let cost = estimatedCost(of: request)
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

    private func deadline(_ options: GenerationOptions) -> Deadline {
        Deadline(in: options.deadline ?? endpoint.deadline, clock: service.api.configuration.clock)
    }

    /// All that comes before the wait: makes the media remote, takes a place in the queue, creates the job.
    private func beginning(
        _ request: Request,
        _ options: GenerationOptions,
        _ deadline: Deadline,
        _ emit: @escaping @Sendable (GenerationEvent) -> Void,
        _ failure: Locked<HeadshotKitError?>
    ) async throws -> (job: JobHandle, project: Project?, kept: JobJournal, place: AsyncSemaphore.Place?) {
        let (remote, place) = try await deadline.run(orThrow: { tooLate(options, job: nil, after: failure) }) {
            (try await preparing(request, options, emit), try await service.queue?.enter())
        }
        // What comes with the deadline counts, but is no reason to pay after it.
        guard deadline.remaining > .zero else { throw tooLate(options, job: nil, after: failure) }
        // Not cut short by the deadline: to give up on this response would be to lose what was just paid for.
        let (job, project, kept) = try await creating(remote, options, deadline, emit)
        return (job, project, kept, place)
    }

    /// Makes everything remote, and looks for faces where asked to.
    private func preparing(
        _ request: Request,
        _ options: GenerationOptions,
        _ emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws -> Request {
        let request = try await uploadingMedia(of: request, emit)
        guard options.faceCheck != .none else { return request }
        for field in endpoint.media where field.kind == .image {
            let count = try await service.countFaces(in: request[keyPath: field.keyPath])
            guard count > 0 else {
                throw HeadshotKitError(
                    .noFaceDetected,
                    "No face was found in the photo (\(field.name)), so \(endpoint.name) was not started.",
                    operation: endpoint.name
                )
            }
            guard options.faceCheck != .exactlyOne || count == 1 else {
                throw HeadshotKitError(
                    .multipleFacesDetected,
                    "\(count) faces were found in the photo (\(field.name)), so \(endpoint.name) was not started.",
                    operation: endpoint.name
                )
            }
        }
        return request
    }

    private func uploadingMedia(
        of request: Request,
        _ emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws -> Request {
        var request = request
        // All are looked at before the first is sent.
        let local = try endpoint.media.compactMap { field in
            try LocalMedia(request[keyPath: field.keyPath], as: field.kind).map { (field, $0) }
        }
        guard !local.isEmpty else { return request }
        let remote = try await service.upload(local.map(\.1)) { emit(.uploading($0)) }
        for ((field, _), source) in zip(local, remote) { request[keyPath: field.keyPath] = source }
        return request
    }

    /// Creates the job, between an intent and a handle in the store.
    private func creating(
        _ request: Request,
        _ options: GenerationOptions,
        _ deadline: Deadline,
        _ emit: @escaping @Sendable (GenerationEvent) -> Void
    ) async throws -> (job: JobHandle, project: Project?, kept: JobJournal) {
        try Task.checkCancellation()
        var kept = JobJournal.none
        if let store = service.api.configuration.jobStore, !endpoint.isFree(request) {
            let record = JobRecord(
                service: service.name,
                operation: endpoint.name,
                reference: options.reference,
                request: try RequestBody.json(of: request).withoutQueries(),
                directory: options.directory
            )
            kept = try await .begin(record, in: store.nonblocking)
        }
        let (job, project) = try await sending(request, kept, deadline)
        do {
            // Kept before it is told: whoever hears of a job may count on finding it again. If it cannot be kept now, the job goes on
            // without, and the store is asked again later.
            defer { emit(.submitted(job)) }
            try await withCancellationShield(grace: .seconds(10), clock: service.api.configuration.clock) { [kept] in
                await kept.note { record in
                    record.state = .accepted
                    record.job = job
                }
            }
            return (job, project, kept)
        } catch {
            kept.release()
            throw error
        }
    }

    /// Sends the create request. Where no job comes of it, the record says what is known.
    private func sending(
        _ request: Request,
        _ kept: JobJournal,
        _ deadline: Deadline
    ) async throws -> (job: JobHandle, project: Project?) {
        do {
            let (_, job, project) = try await service.create(request, at: endpoint, until: deadline)
            return (job, project)
        } catch is CancelledInFlight {
            // Nobody knows, and the intent stays.
            kept.release()
            throw CancellationError()
        } catch {
            defer { kept.release() }
            let isUnconfirmed = (error as? HeadshotKitError)?.submission == .unconfirmed
            try await withCancellationShield(grace: .seconds(10), clock: service.api.configuration.clock) {
                if isUnconfirmed { await kept.note { $0.state = .unconfirmed } } else { await kept.end() }
            }
            try Task.checkCancellation()
            throw error
        }
    }

    private func finish(
        _ job: JobHandle,
        known: Project?,
        isNew: Bool,
        _ kept: JobJournal,
        _ place: AsyncSemaphore.Place?,
        _ deadline: Deadline,
        _ options: GenerationOptions,
        _ emit: @escaping @Sendable (GenerationEvent) -> Void,
        _ failure: Locked<HeadshotKitError?>
    ) async throws -> GenerationResult<Project> {
        let saved = Locked<[Int: URL]>([:])
        let wait = JobWaiter(
            service: service,
            job: job,
            polling: options.polling ?? endpoint.polling,
            onEvent: emit,
            beforePoll: { await kept.catchUp() },
            mayBeEmpty: endpoint.mayBeEmpty || !options.downloadOutputs,
            isFree: endpoint.isAlwaysFree,
            isKept: kept.record != nil
        )
        do {
            return try await deadline.run(orThrow: { tooLate(options, job: job, after: failure) }) {
                guard options.waitForCompletion else {
                    let project = if let known { known } else { try await wait.poll() }
                    return GenerationResult(job: job, project: project, files: [])
                }
                let (project, outputs) = try await wait.run(from: known, isNew: isNew)
                place?.release()
                var files: [URL] = []
                if options.downloadOutputs, !(outputs.isEmpty && endpoint.mayBeEmpty) {
                    let saver = OutputDownloader(
                        wait: wait,
                        stem: endpoint.fileStem,
                        options: options,
                        kept: kept,
                        saved: saved
                    )
                    files = try await saver.save(outputs)
                }
                // Counts of servers may be anything.
                let missing = outputs.isEmpty ? 0 : min(service.missingOutputs(of: project), 1_000)
                if missing > 0 { emit(.outputsMissing(missing)) }
                await kept.end()
                return GenerationResult(job: job, project: project, files: files, missingOutputs: missing)
            }
        } catch is CancellationError {
            try await withCancellationShield(grace: .seconds(10), clock: service.api.configuration.clock) {
                await kept.catchUp()
            }
            throw CancellationError()
        } catch let error as any TestFailure {
            throw error
        } catch {
            // It exists and is paid for: whatever went wrong, the error says so.
            var failure =
                error as? HeadshotKitError
                ?? HeadshotKitError(
                    .fileSystem,
                    "Job \(job.id) was not finished: \(error.systemReason).",
                    underlyingError: error
                )
            failure.job = failure.job ?? job
            failure.operation = failure.operation ?? job.operation
            failure.savedFiles = saved.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
            if failure.isTerminal { await kept.end() } else { await kept.catchUp() }
            throw failure
        }
    }

    /// Hands events on one at a time, also where outputs are downloaded side by side, and retries among them.
    ///
    /// - Parameter body: Gets this generator, whose retries are told; the way to tell an event; and the failure after which something is
    ///   being tried again at the moment.
    private func telling<Value>(
        _ onEvent: (@Sendable (GenerationEvent) -> Void)?,
        _ body: (Self, @escaping @Sendable (GenerationEvent) -> Void, Locked<HeadshotKitError?>) async throws -> Value
    ) async throws -> Value {
        let turn = NSLock()
        let emit: @Sendable (GenerationEvent) -> Void = { event in turn.withLock { onEvent?(event) } }
        let last = Locked<HeadshotKitError?>(nil)
        // One workflow may be a step of another, as the search for faces is.
        let outer = service.api.configuration.onRetry
        var told = self
        told.service.api.configuration.onRetry = { error, pause in
            outer?(error, pause)
            last.withLock { $0 = error }
            if let error { emit(.retrying(reason: error.message, after: pause)) }
        }
        return try await body(told, emit, last)
    }

    private func tooLate(
        _ options: GenerationOptions,
        job: JobHandle?,
        after failure: Locked<HeadshotKitError?>
    ) -> HeadshotKitError {
        let limit = (options.deadline ?? endpoint.deadline).seconds
        let cause = failure.withLock { $0 }
        return HeadshotKitError(
            .deadlineExceeded,
            "\(endpoint.name) was not done within \(limit.formatted()) s."
                + (cause.map { " It was being tried again: \($0.message)" } ?? ""),
            operation: endpoint.name,
            job: job,
            underlyingError: cause
        )
    }
}
