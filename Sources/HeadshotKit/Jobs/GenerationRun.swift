import Foundation

/// One call of a workflow. Its methods are the steps, in the order in which they run.
struct GenerationRun<Request: Encodable & Sendable, Created: Sendable, Project: Sendable>: Sendable {
    private let operation: GenerationOperation<Request, Created, Project>
    private let endpoint: Endpoint<Request>
    private let backend: any JobBackend<Created, Project>
    private var options: GenerationOptions
    private let deadline: Deadline
    private let events: EventReporter

    /// How long a step that must not be cut short may go on after the call was canceled.
    private static var grace: Duration { .seconds(10) }

    init(
        _ operation: GenerationOperation<Request, Created, Project>,
        _ options: GenerationOptions,
        _ events: EventReporter
    ) {
        self.operation = operation
        self.options = options
        self.events = events
        (endpoint, backend) = (operation.endpoint, operation.backend)
        deadline = Deadline(in: options.deadline ?? endpoint.deadline, clock: backend.configuration.clock)
    }

    // MARK: The calls

    func submit(_ request: Request) async throws -> JobHandle {
        try operation.validate(request, options)
        return try await withCreatedJob(of: request) { job, _, journal, _ in
            if journal.isBehind { try await shielded { try await journal.update { _ in } } }
            try Task.checkCancellation()
            return job
        }
    }

    func generate(_ request: Request) async throws -> GenerationResult<Project> {
        try operation.validate(request, options)
        // Check the directory before anything is charged.
        if options.waitForCompletion, options.downloadOutputs {
            try await offPool { [options] in try OutputFile.prepare(options.directory) }
        }
        return try await withCreatedJob(of: request) { job, project, journal, permit in
            try Task.checkCancellation()
            return try await finish(job, known: project, isNew: true, journal, permit)
        }
    }

    func resume(_ job: JobHandle, _ journal: JobJournal) async throws -> GenerationResult<Project> {
        guard job.service == backend.name, job.operation == endpoint.name else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "Job \(job.id) is of \(job.service), \(job.operation), and this is \(endpoint.name) of \(backend.name).",
                operation: endpoint.name,
                job: job
            )
        }
        var run = self
        if options.downloadDirectory == nil, let record = journal.record {
            run.options.downloadDirectory = URL(fileURLWithPath: record.directory, isDirectory: true)
        }
        events.report(.resumed(job))
        return try await run.finish(job, known: nil, isNew: false, journal, nil)
    }

    /// Runs the steps up to the created job, and holds the job's claim and its permit for as long as the body runs.
    private func withCreatedJob<Value>(
        of request: Request,
        _ body: (JobHandle, Project?, JobJournal, AsyncSemaphore.Permit?) async throws -> Value
    ) async throws -> Value {
        let remote = try await beforeDeadline { try await prepare(request) }
        return try await withQueuePermit { permit in
            try await withJournal(of: remote) { journal in
                let (job, project) = try await create(remote, journal)
                return try await body(job, project, journal, permit)
            }
        }
    }

    // MARK: Prepare

    /// Uploads local media and checks for faces.
    private func prepare(_ request: Request) async throws -> Request {
        let request = try await upload(mediaOf: request)
        guard options.faceCheck != .none else { return request }
        for field in endpoint.media where field.kind == .image {
            let count = try await backend.countFaces(of: request[keyPath: field.keyPath], in: context())
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

    private func upload(mediaOf request: Request) async throws -> Request {
        var request = request
        // Check every file before the first one is sent.
        let local = try endpoint.media.compactMap { field in
            try LocalMedia(request[keyPath: field.keyPath], as: field.kind).map { (field, $0) }
        }
        guard !local.isEmpty else { return request }
        let remote = try await backend.upload(local.map(\.1), in: context()) { events.report(.uploading($0)) }
        for ((field, _), source) in zip(local, remote) { request[keyPath: field.keyPath] = source }
        return request
    }

    /// Waits for a permit of the account's queue, and holds it for as long as the body runs.
    private func withQueuePermit<Value>(
        _ body: (AsyncSemaphore.Permit?) async throws -> Value
    ) async throws -> Value {
        let permit = try await beforeDeadline { try await backend.queue?.acquire() }
        defer { permit?.release() }
        guard deadline.remaining > .zero else { throw deadlineExceeded(job: nil) }
        return try await body(permit)
    }

    // MARK: Create

    /// Records the intent to create the job, and holds its claim for as long as the body runs.
    private func withJournal<Value>(
        of request: Request,
        _ body: (JobJournal) async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        guard let store = backend.configuration.jobStore, !endpoint.isFree(request) else {
            return try await body(.none)
        }
        let record = JobRecord(
            service: backend.name,
            operation: endpoint.name,
            reference: options.reference,
            request: try RequestBody.json(of: request).withoutQueries(),
            directory: options.directory
        )
        return try await JobJournal.withIntent(record, in: store.nonblocking, body)
    }

    /// Creates the job and records it. The deadline does not apply: a late response still names a job that is paid for.
    private func create(_ request: Request, _ journal: JobJournal) async throws -> (job: JobHandle, project: Project?) {
        let (job, project) = try await sendCreate(request, journal)
        // Record the job before it is reported, so that an observer can rely on the record. If the store fails, the journal tries again
        // later and the job goes on.
        defer { events.report(.submitted(job)) }
        try await shielded {
            await journal.updateBestEffort { record in
                record.state = .accepted
                record.job = job
            }
        }
        return (job, project)
    }

    /// Sends the create request. If it creates no job, the record keeps what is known.
    private func sendCreate(_ request: Request, _ journal: JobJournal) async throws -> (
        job: JobHandle, project: Project?
    ) {
        do {
            let (_, job, project) = try await backend.create(request, at: endpoint, in: context(until: deadline))
            return (job, project)
        } catch is CancelledInFlight {
            // The outcome is unknown, so the intent stays in the store.
            throw CancellationError()
        } catch {
            let isUnconfirmed = (error as? HeadshotKitError)?.submission == .unconfirmed
            try await shielded {
                if isUnconfirmed {
                    await journal.updateBestEffort { $0.state = .unconfirmed }
                } else {
                    await journal.close()
                }
            }
            try Task.checkCancellation()
            throw error
        }
    }

    // MARK: Wait and download

    private func finish(
        _ job: JobHandle,
        known: Project?,
        isNew: Bool,
        _ journal: JobJournal,
        _ permit: AsyncSemaphore.Permit?
    ) async throws -> GenerationResult<Project> {
        let saved = Locked<[Int: URL]>([:])
        let waiter = JobWaiter(
            backend: backend,
            job: job,
            onRetry: observer,
            polling: options.polling ?? endpoint.polling,
            onEvent: { [events] in events.report($0) },
            beforePoll: { await journal.catchUp() },
            mayBeEmpty: endpoint.mayBeEmpty || !options.downloadOutputs,
            isFree: endpoint.isAlwaysFree,
            isKept: journal.record != nil
        )
        do {
            return try await beforeDeadline(job) {
                guard options.waitForCompletion else {
                    let project = if let known { known } else { try await waiter.poll() }
                    return GenerationResult(job: job, project: project, files: [])
                }
                let (project, outputs) = try await waiter.run(from: known, isNew: isNew)
                permit?.release()
                let files = try await download(outputs, waiter, journal, saved)
                // A server's count can be any number.
                let missing = outputs.isEmpty ? 0 : min(backend.missingOutputs(of: project), 1_000)
                if missing > 0 { events.report(.outputsMissing(missing)) }
                await journal.close()
                return GenerationResult(job: job, project: project, files: files, missingOutputs: missing)
            }
        } catch is CancellationError {
            try await shielded { await journal.catchUp() }
            throw CancellationError()
        } catch let error as any TestFailure {
            throw error
        } catch {
            let failure = failure(error, of: job, saved)
            if failure.isTerminal { await journal.close() } else { await journal.catchUp() }
            throw failure
        }
    }

    private func download(
        _ outputs: [JobOutput],
        _ waiter: JobWaiter<Created, Project>,
        _ journal: JobJournal,
        _ saved: Locked<[Int: URL]>
    ) async throws -> [URL] {
        guard options.downloadOutputs, !(outputs.isEmpty && endpoint.mayBeEmpty) else { return [] }
        let downloader = OutputDownloader(
            waiter: waiter,
            stem: endpoint.fileStem,
            options: options,
            journal: journal,
            saved: saved
        )
        return try await downloader.save(outputs)
    }

    /// Adds the job, which exists and is paid for, to an error.
    private func failure(_ error: any Error, of job: JobHandle, _ saved: Locked<[Int: URL]>) -> HeadshotKitError {
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
        return failure
    }

    // MARK: What the steps share

    private var observer: CallContext.RetryObserver { { [events] in events.observe($0, $1) } }

    private func context(until deadline: Deadline? = nil) -> CallContext {
        CallContext(operation: endpoint.name, deadline: deadline, onRetry: observer)
    }

    private func beforeDeadline<Value: Sendable>(
        _ job: JobHandle? = nil,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await deadline.run(orThrow: { deadlineExceeded(job: job) }, body)
    }

    private func shielded(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withCancellationShield(grace: Self.grace, clock: backend.configuration.clock, body)
    }

    private func deadlineExceeded(job: JobHandle?) -> HeadshotKitError {
        let limit = (options.deadline ?? endpoint.deadline).seconds
        let cause = events.lastFailure
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
