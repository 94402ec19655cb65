public import Foundation

/// The jobs of a client that may have been charged and are not delivered yet: ``MagicHour/jobs`` and ``ModelsLab/jobs``.
///
/// These methods charge nothing, with one exception. A call that makes a talking photo from a text orders two jobs. If the call crashes,
/// fails, or is canceled before the second job, `resume` and `resumeAll` create the second job, which is charged. ``discard(_:)`` gives up
/// both.
public struct JobsAPI: Sendable {
    let backend: any JobBackend

    /// Returns the service's jobs that may have been charged and are not delivered, the oldest first. They include jobs that another
    /// process is working on.
    ///
    /// - Parameters:
    ///   - record: The last record of the previous page. The default returns the first page.
    ///   - limit: The maximum number of jobs. The default returns all.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidConfiguration`` without a ``ClientConfiguration/jobStore``,
    ///   or the store's error if its records cannot be read.
    public func unfinished(after record: JobRecord? = nil, limit: Int = .max) async throws -> [JobRecord] {
        var pages = JobPages(of: try store(), after: record?.id, limit: limit)
        var jobs: [JobRecord] = []
        while jobs.count < limit, let page = try await pages.next() {
            jobs += page.filter { $0.service == backend.name && !$0.isDelivered }.prefix(limit - jobs.count)
        }
        return jobs
    }

    /// Waits for a recorded job and downloads the outputs that are not saved yet. If another job was ordered to follow, creates and
    /// finishes that job too, and returns its result.
    ///
    /// - Parameters:
    ///   - record: One of ``unfinished(after:limit:)``.
    ///   - options: The download directory and the deadline. The directory defaults to the one in the record.
    ///   - onEvent: Called with one event at a time.
    /// - Throws: ``HeadshotKitError``: with ``HeadshotKitError/Code/submissionUnconfirmed`` for a job whose id is unknown, with
    ///   ``HeadshotKitError/Code/jobInUse`` for a job that another worker has claimed, with ``HeadshotKitError/Code/invalidConfiguration``
    ///   for a job of another service or an unknown operation; `CancellationError`.
    public func resume(
        _ record: JobRecord,
        options: GenerationOptions? = nil,
        onEvent: EventHandler? = nil
    ) async throws -> RecoveredJob {
        let store = try store()
        try checkService(record)
        return try await JobJournal.withClaim(on: record, in: store) { journal in
            guard let job = journal.record?.knownJob else {
                throw HeadshotKitError.unconfirmed(record, at: backend)
            }
            let outcome = try await run(job, options ?? GenerationOptions(), onEvent).resume(job, journal)
            return RecoveredJob(outcome)
        }
    }

    /// Waits for a job and downloads its outputs. The handle comes from an event, an error, or your own storage. If a store has the job's
    /// record, and another job was ordered to follow it, creates and finishes that one too, and returns it.
    ///
    /// Outputs that are saved already are not downloaded again if a store has the job's record. Without a record, they are saved once more
    /// under another name.
    ///
    /// - Parameters:
    ///   - job: A job of any operation of this service.
    ///   - options: The download directory and the deadline.
    ///   - onEvent: Called with one event at a time.
    /// - Throws: ``HeadshotKitError``, with the job; `CancellationError`.
    public func resume(
        _ job: JobHandle,
        options: GenerationOptions = GenerationOptions(),
        onEvent: EventHandler? = nil
    ) async throws -> RecoveredJob {
        RecoveredJob(try await run(job, options, onEvent).resume(job))
    }

    /// Resumes every unfinished job, several at the same time, and returns each outcome as soon as it is available. A job that fails
    /// does not stop the others.
    ///
    /// The calls are canceled if the loop over the sequence ends early or if its task is canceled. Jobs in progress then remain in the
    /// store, but the outcomes of jobs that were delivered and not read yet are lost. Jobs that are created after this call are not resumed.
    ///
    /// The call also removes the records of delivered jobs whose ``GenerationOptions/ReferencePolicy/once(for:)`` has ended.
    ///
    /// - Parameters:
    ///   - maximumConcurrency: The number of jobs to resume at the same time, at least 1. `.max` resumes all at once. Defaults to 8.
    ///   - options: The deadline and the download directory. The directory defaults to the one in each record.
    ///   - onEvent: Called with each job's events, ``GenerationEvent/resumed(_:)`` first. Events of different jobs can arrive at the same
    ///     time.
    /// - Returns: A sequence for one loop, of each record with its outcome. It throws the errors of ``unfinished(after:limit:)``, after the
    ///   outcomes of the jobs in progress, and `CancellationError`.
    public func resumeAll(
        maximumConcurrency: Int = 8,
        options: GenerationOptions? = nil,
        onEvent: (@Sendable (JobRecord, GenerationEvent) -> Void)? = nil
    ) -> WorkflowSequence<(record: JobRecord, result: Result<RecoveredJob, HeadshotKitError>)> {
        WorkflowSequence { continuation in
            let start = Date()
            let store = try store()
            var pages = JobPages(of: store)
            try await withThrowingTaskGroup(of: (JobRecord, Result<RecoveredJob, HeadshotKitError>).self) { group in
                var running = 0
                var storeError: (any Error)?
                func nextPage() async -> [JobRecord]? {
                    do { return try await pages.next() } catch {
                        storeError = error
                        return nil
                    }
                }
                while let page = await nextPage() {
                    for record in page where record.service == backend.name && !record.isCreated(after: start) {
                        guard !record.isDelivered else {
                            if record.isExpired { await forget(record, in: store) }
                            continue
                        }
                        if running >= max(1, maximumConcurrency), let (record, result) = try await group.next() {
                            continuation.yield((record, result))
                            running -= 1
                        }
                        running += 1
                        group.addTask {
                            do {
                                let job = try await resume(record, options: options) { onEvent?(record, $0) }
                                return (record, .success(job))
                            } catch let error as HeadshotKitError {
                                return (record, .failure(error))
                            }
                        }
                    }
                }
                // The jobs in progress are finished even if the store cannot be read any more.
                for try await (record, result) in group { continuation.yield((record, result)) }
                if let storeError { throw storeError }
            }
        }
    }

    /// Removes the record of a job whose reference may be used again. If that fails, the next call tries again.
    private func forget(_ record: JobRecord, in store: any JobStore) async {
        do {
            guard let journal = try await JobJournal.claim(record, in: store) else { return }
            try await journal.discard()
        } catch { return }
    }

    /// Removes a job's record, for example of an unconfirmed job that you have looked up in the account. The job itself is not affected.
    /// If another job was ordered to follow, that job is not created.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/jobInUse`` if another worker has claimed the record, with
    ///   ``HeadshotKitError/Code/fileSystem`` if the record cannot be removed.
    public func discard(_ record: JobRecord) async throws {
        try checkService(record)
        let store = try store()
        guard let journal = try await JobJournal.claim(record, in: store) else {
            guard try await JobJournal.exists(record, in: store) else { return }
            throw HeadshotKitError.jobInUse(record)
        }
        if record.knownJob == nil, let current = journal.record, current.knownJob != nil {
            // The caller looked up a job whose id was unknown, and another worker knows it now.
            return try await journal.releaseAfter { throw HeadshotKitError.jobInUse(current) }
        }
        try await journal.discard()
    }

    func run(
        _ job: JobHandle,
        _ options: GenerationOptions,
        _ onEvent: EventHandler?
    ) throws -> GenerationRun {
        guard job.service == backend.name, let traits = backend.traits(of: job) else {
            throw cannotFinish(job.operation, of: job.service, job)
        }
        var run = GenerationRun(job.operation, traits, at: backend, options, EventReporter(onEvent))
        run.continuation = .recorded
        return run
    }

    func checkService(_ record: JobRecord) throws {
        guard record.service == backend.name else {
            throw cannotFinish(record.operation, of: record.service, record.job)
        }
    }

    func cannotFinish(
        _ operation: String,
        of service: JobHandle.Service,
        _ job: JobHandle?
    ) -> HeadshotKitError {
        HeadshotKitError(
            .invalidConfiguration,
            "The job is of \(service), \(operation), which this client of \(backend.name) cannot finish.",
            advice: "Resume the job with the service and operation that created it.",
            operation: operation,
            job: job
        )
    }

    func store() throws -> any JobStore {
        guard let store = backend.configuration.jobStore else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "This client has no job store. Set configuration.jobStore, for example to a FileJobStore."
            )
        }
        return store
    }
}

/// A job that was resumed.
///
/// The job is delivered, unless the options skipped the wait or the downloads. ``files`` is then empty, and the URLs of the outputs are
/// available from the operation's own `resume`.
public struct RecoveredJob: Sendable, Equatable {
    /// The job.
    public let job: JobHandle
    /// The job's outputs, complete files in the order of the outputs.
    public let files: [URL]
    /// The number of outputs that the service reported but did not return. Usually 0.
    public let missingOutputs: Int
    /// Your own identifier for the job, from ``GenerationOptions/reference``. `nil` if the job has none or no record in the store.
    public let reference: String?

    /// Creates a recovered job.
    public init(job: JobHandle, files: [URL], missingOutputs: Int = 0, reference: String? = nil) {
        self.job = job
        self.files = files
        self.missingOutputs = missingOutputs
        self.reference = reference
    }

    init(_ outcome: GenerationRun.Outcome) {
        self.init(
            job: outcome.job,
            files: outcome.files,
            missingOutputs: outcome.missingOutputs,
            reference: outcome.reference
        )
    }
}
