import Foundation

/// One call of a workflow. Its methods are the steps, in the order in which they run.
struct GenerationRun: Sendable {
    let operation: String
    let traits: JobTraits
    let backend: any JobBackend
    private(set) var options: GenerationOptions
    var deadline: Deadline
    let events: EventReporter
    /// Which job follows the job of this run.
    var continuation = Continuation.none
    /// The only request whose delivered job the reference may return. `nil` for any.
    var reusableRequest: JSONValue?
    /// The record of the job that this run's job follows.
    var predecessor: Predecessor?

    /// How long a step that must not be cut short may go on after the call was canceled.
    private static var grace: Duration { .seconds(10) }

    init(
        _ operation: String,
        _ traits: JobTraits,
        at backend: any JobBackend,
        _ options: GenerationOptions,
        _ events: EventReporter
    ) {
        self.operation = operation
        self.traits = traits
        self.backend = backend
        self.options = options
        self.events = events
        deadline = Deadline(in: options.deadline ?? traits.deadline, clock: backend.configuration.clock)
    }

    /// The outcome of a run, without the caller's type.
    struct Outcome: Sendable {
        let job: JobHandle
        let snapshot: JobSnapshot
        var files: [URL] = []
        var missingOutputs = 0
        var reference: String?
    }

    // MARK: The calls

    func submit(_ request: JobRequest) async throws -> JobHandle {
        try await withReference {
            try await withCreatedJob(of: request) { job, _, journal, _ in
                if job.isUnnamed, let record = journal.record {
                    // Only `generate` can save the outputs, which are in the response.
                    throw HeadshotKitError.unconfirmed(record, at: backend)
                }
                if journal.isBehind { try await shielded { try await journal.update() } }
                try Task.checkCancellation()
                return job
            }
        } orExisting: { job, _ in
            events.report(.resumed(job))
            return job
        }
    }

    func generate(_ request: JobRequest) async throws -> Outcome {
        try await generate {
            try await withCreatedJob(of: request) { job, snapshot, journal, permit in
                try await finish(job, isNew: true, known: snapshot, journal, permit)
            }
        }
    }

    /// - Parameter create: Creates the job and finishes it. Called while the call holds the claim on its reference, unless the job exists
    ///   already.
    func generate(_ create: () async throws -> Outcome) async throws -> Outcome {
        // Check the directory before anything is charged.
        if options.waitForCompletion, options.downloadOutputs {
            try await offPool { [options] in try OutputFile.prepare(options.directory) }
        }
        return try await withReference(create) { job, journal in try await resume(job, journal) }
    }

    /// Resumes a job. If a store has the job's record, holds the record's claim while the job runs.
    func resume(_ job: JobHandle) async throws -> Outcome {
        guard let store = backend.configuration.jobStore else { return try await resume(job, .none) }
        let record = try await JobJournal.mapStoreErrors(job, operation) { try await store.record(for: job) }
        guard let record else { return try await resume(job, .none) }
        return try await JobJournal.withClaim(on: record, in: store) { journal in try await resume(job, journal) }
    }

    /// Resumes a job whose record is claimed.
    ///
    /// - Parameter known: The service's latest response about the job, if any.
    func resume(_ job: JobHandle, _ journal: JobJournal, known: JobSnapshot? = nil) async throws -> Outcome {
        var run = self
        if options.downloadDirectory == nil, let record = journal.record {
            run.options.downloadDirectory = try await offPool { Self.existingDirectory(record.directory) }
        }
        if case .planned = continuation {
            // The photo of this call is newer, and the limit may be higher.
            try await journal.update { [next = continuation.recordable] record in
                if !record.isDelivered { (record.next, record.version) = (next, JobRecord.currentVersion) }
            }
        }
        events.report(.resumed(job))
        return try await run.finish(job, isNew: false, known: known, journal, nil)
    }

    /// Returns a recorded directory, or `nil` if it no longer exists and cannot be created.
    private static func existingDirectory(_ path: String) -> URL? {
        let directory = URL(fileURLWithPath: path, isDirectory: true)
        do { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) } catch {
            return FileManager.default.fileExists(atPath: path) ? directory : nil
        }
        return directory
    }

    /// Runs the steps up to the created job, and holds the job's claim and its permit while the body runs.
    func withCreatedJob<Value>(
        of request: JobRequest,
        _ body: (JobHandle, JobSnapshot?, JobJournal, AsyncSemaphore.Permit?) async throws -> Value
    ) async throws -> Value {
        let tag = try correlationTag()
        let copies = request.photoCopies
        defer { copies.forEach { $0.remove() } }
        let prepared = try await beforeDeadline {
            let permit = try await backend.configuration.preparations.acquire()
            defer { permit.release() }
            return try await prepare(request, tag, copies)
        }
        return try await withQueuePermit { permit in
            try await withJournal(of: prepared, tag) { journal in
                let created = try await create(prepared.tagged, at: request.path, journal)
                // A photo does not stay on disk during the wait, which may take an hour.
                copies.forEach { $0.remove() }
                return try await body(created.job, created.snapshot, journal, permit)
            }
        }
    }

    // MARK: Create

    /// Waits for a permit of the account's queue, and holds it for as long as the body runs.
    private func withQueuePermit<Value>(
        _ body: (AsyncSemaphore.Permit?) async throws -> Value
    ) async throws -> Value {
        let permit = try await beforeDeadline { try await backend.queue?.acquire() }
        defer { permit?.release() }
        guard deadline.remaining > .zero else { throw deadlineExceeded(job: nil) }
        return try await body(permit)
    }

    /// Records the intent to create the job, and holds its claim while the body runs.
    private func withJournal<Value>(
        of prepared: PreparedRequest,
        _ tag: CorrelationTag?,
        _ body: (JobJournal) async throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        guard let store = backend.configuration.jobStore, !traits.isFree else { return try await body(.none) }
        var record = JobRecord(
            id: predecessor?.nextID,
            tag: tag,
            service: backend.name,
            operation: operation,
            reference: options.reference,
            request: try prepared.original.value().withoutSecrets(),
            directory: options.directory
        )
        record.kind = traits.kind
        record.filePrefix = traits.filePrefix
        if case .once(let duration) = options.referencePolicy { record.retention = max(0, duration.seconds) }
        record.next = continuation.recordable
        return try await JobJournal.withIntent(record, in: store, after: predecessor?.journal) { journal in
            do {
                try await checkReference(of: journal, in: store)
                try await predecessor?.start()
            } catch {
                await journal.close()
                throw error
            }
            return try await body(journal)
        }
    }

    /// Creates the job and records it. The deadline does not apply: a late response still names a job that is paid for.
    private func create(
        _ encoded: EncodedRequest,
        at path: String,
        _ journal: JobJournal
    ) async throws -> (job: JobHandle, snapshot: JobSnapshot?) {
        let created = try await sendCreate(encoded, at: path, journal)
        var job = created.job
        job.kind = traits.kind
        job.filePrefix = traits.filePrefix
        // Record the job before it is reported, so that an observer can rely on the record. If the store fails, the journal tries again
        // later and the job goes on.
        defer { events.report(.submitted(job)) }
        try await shielded { [job] in
            await journal.updateBestEffort { record in
                record.state = job.isUnnamed ? .unconfirmed : .accepted
                record.job = job
            }
        }
        return (job, created.snapshot)
    }

    /// Sends the create request. If it creates no job, the record keeps what is known.
    private func sendCreate(
        _ encoded: EncodedRequest,
        at path: String,
        _ journal: JobJournal
    ) async throws -> CreatedJob {
        do {
            let context = context(until: deadline)
            return try await backend.create(encoded, at: path, isFree: traits.isFree, in: context)
        } catch is CancelledInFlight {
            // The outcome is unknown, so the intent stays in the store.
            throw CancellationError()
        } catch {
            let isUnconfirmed = (error as? HeadshotKitError)?.submission == .unconfirmed
            var error = error
            if isUnconfirmed, var failure = error as? HeadshotKitError, let record = journal.record {
                failure.advice = record.unconfirmedAdvice
                error = failure
            }
            try await shielded {
                if isUnconfirmed {
                    await journal.updateBestEffort { $0.state = .unconfirmed }
                } else {
                    await predecessor?.cancelStart()
                    await journal.close()
                }
            }
            try Task.checkCancellation()
            throw error
        }
    }

    // MARK: What the steps share

    func context(until deadline: Deadline? = nil) -> CallContext {
        CallContext(operation: operation, deadline: deadline, onRetry: events.observer)
    }

    func beforeDeadline<Value: Sendable>(
        _ job: JobHandle? = nil,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await deadline.run(orThrow: { deadlineExceeded(job: job) }, body)
    }

    func shielded(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withCancellationShield(grace: Self.grace, clock: backend.configuration.clock, body)
    }

    func deadlineExceeded(job: JobHandle?) -> HeadshotKitError {
        let limit = (options.deadline ?? traits.deadline).seconds
        let cause = events.lastFailure
        return HeadshotKitError(
            .deadlineExceeded,
            "\(operation) did not finish within \(limit.plainText) s."
                + (cause.map { " The last attempt failed: \($0.message)" } ?? ""),
            advice: job == nil ? "Try again with a longer deadline." : nil,
            operation: operation,
            job: job,
            underlyingError: cause
        )
    }
}
