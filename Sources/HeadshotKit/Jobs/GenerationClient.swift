public import Foundation

/// A client whose jobs can be taken up again after a crash: ``MagicHour`` and ``ModelsLab``.
public protocol GenerationClient: Sendable {
    /// The service that the client speaks to.
    var service: JobHandle.Service { get }
    /// What the client was set up with.
    var configuration: ClientConfiguration { get }
    /// The operations that create jobs.
    var operations: [any ResumableOperation] { get }
}

/// An operation that can finish a job that was left behind: every ``GenerationOperation``.
public protocol ResumableOperation: Sendable {
    /// Its name, as in a ``JobHandle``.
    var name: String { get }

    /// Waits for a job and downloads its outputs. It costs nothing.
    ///
    /// - Throws: ``HeadshotKitError``, with the job; `CancellationError`.
    func finish(
        _ job: JobHandle,
        options: GenerationOptions,
        onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> RecoveredJob

    /// The same for a job of a store.
    ///
    /// - Throws: Also ``HeadshotKitError/Code/jobInUse``, and ``HeadshotKitError/Code/submissionUnconfirmed`` for a job without an id.
    func finish(
        _ record: JobRecord,
        from store: any JobStore,
        options: GenerationOptions,
        onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> RecoveredJob
}

/// A job that was taken up again and is delivered.
public struct RecoveredJob: Sendable, Hashable {
    /// The job.
    public let job: JobHandle
    /// Its outputs, complete files in their order.
    public let files: [URL]

    /// A delivered job.
    public init(job: JobHandle, files: [URL]) {
        self.job = job
        self.files = files
    }
}

extension GenerationClient {
    /// The jobs of this service that may have been paid for and are not delivered, the oldest first. Among them are those that
    /// another process is working on at the moment.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidConfiguration`` without a ``ClientConfiguration/jobStore``; what
    ///   the store throws where it cannot be read.
    public func unfinished() async throws -> [JobRecord] {
        try await store().contents().records.filter { $0.service == service }
    }

    /// Finishes a job: waits for it and downloads what is not there whole. Nothing is uploaded, created or paid again.
    ///
    /// - Parameters:
    ///   - record: One of ``unfinished()``.
    ///   - options: Where to and for how long; by default the folder that was meant at first.
    ///   - onEvent: Told what happens, one event at a time.
    /// - Throws: ``HeadshotKitError``: with ``HeadshotKitError/Code/submissionUnconfirmed`` for a job that nobody knows the id of, with
    ///   ``HeadshotKitError/Code/jobInUse`` for one that another is working on, with ``HeadshotKitError/Code/invalidConfiguration`` for one of
    ///   another service or an operation that is not known here; `CancellationError`.
    public func resume(
        _ record: JobRecord,
        options: GenerationOptions? = nil,
        onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
    ) async throws -> RecoveredJob {
        let store = try store()
        return try await operation(record.operation, of: record.service, job: record.job).finish(
            record,
            from: store,
            options: options ?? GenerationOptions(),
            onEvent: onEvent
        )
    }

    /// Finishes a job by its handle, from an event, an error or a file of your own: waits for it and downloads what is not there
    /// whole. Nothing is uploaded, created or paid again.
    ///
    /// - Parameters:
    ///   - job: A job of any operation of this service.
    ///   - options: Where to and for how long.
    ///   - onEvent: Told what happens, one event at a time.
    /// - Throws: ``HeadshotKitError``, with the job; `CancellationError`.
    public func resume(
        _ job: JobHandle,
        options: GenerationOptions = GenerationOptions(),
        onEvent: (@Sendable (GenerationEvent) -> Void)? = nil
    ) async throws -> RecoveredJob {
        try await operation(job.operation, of: job.service, job: job).finish(job, options: options, onEvent: onEvent)
    }

    /// Forgets a job: nothing more is wanted of it, or an unconfirmed one has been looked up in the account. Nothing happens to it at
    /// the service.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/jobInUse`` where another is working on it, with
    ///   ``HeadshotKitError/Code/fileSystem`` where the record cannot be removed.
    public func forget(_ record: JobRecord) async throws {
        _ = try operation(record.operation, of: record.service, job: record.job)
        guard let journal = try await JobJournal.claim(record, in: store()) else {
            if try await store().record(record.id) == nil { return }
            throw HeadshotKitError.jobInUse(record)
        }
        try await journal.forget()
    }

    private func operation(
        _ name: String,
        of service: JobHandle.Service,
        job: JobHandle?
    ) throws -> any ResumableOperation {
        guard let operation = operations.first(where: { $0.name == name }), service == self.service else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "The job is of \(service), \(name), which this client of \(self.service) cannot finish.",
                operation: name,
                job: job
            )
        }
        return operation
    }

    /// Finishes all unfinished jobs, several at the same time. One that cannot be finished does not keep the others.
    ///
    /// - Parameters:
    ///   - maximumConcurrency: How many at the same time: at least one, and `.max` for all of them.
    ///   - options: For how long, and where to; by default the folder that was meant at first for each.
    ///   - onEvent: Told what happens to which job, ``GenerationEvent/resumed(_:)`` first; the events of different jobs may come at the
    ///     same time.
    /// - Returns: Each job with its outcome, in the order of ``unfinished()``.
    /// - Throws: As ``unfinished()``; `CancellationError`.
    public func resumeAll(
        maximumConcurrency: Int = 8,
        options: GenerationOptions? = nil,
        onEvent: (@Sendable (JobRecord, GenerationEvent) -> Void)? = nil
    ) async throws -> [(record: JobRecord, result: Result<RecoveredJob, HeadshotKitError>)] {
        let records = try await unfinished()
        var results: [Int: Result<RecoveredJob, HeadshotKitError>] = [:]
        try await withThrowingTaskGroup(of: (Int, Result<RecoveredJob, HeadshotKitError>).self) { group in
            for (index, record) in records.enumerated() {
                if index >= max(1, maximumConcurrency), let (done, result) = try await group.next() {
                    results[done] = result
                }
                group.addTask {
                    do {
                        let job = try await resume(record, options: options) { event in onEvent?(record, event) }
                        return (index, .success(job))
                    } catch let error as HeadshotKitError {
                        return (index, .failure(error))
                    }
                }
            }
            for try await (done, result) in group { results[done] = result }
        }
        return records.enumerated().compactMap { index, record in results[index].map { (record, $0) } }
    }

    private func store() throws -> any JobStore {
        guard let store = configuration.jobStore else {
            throw HeadshotKitError(
                .invalidConfiguration,
                "This client keeps no jobs: give its configuration a jobStore, such as FileJobStore."
            )
        }
        return store.nonblocking
    }
}

extension GenerationOperation: ResumableOperation {
    /// The operation's name, as in a ``JobHandle``.
    public var name: String { endpoint.name }

    /// Finishes a job by its handle.
    public func finish(
        _ job: JobHandle,
        options: GenerationOptions,
        onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> RecoveredJob {
        RecoveredJob(job: job, files: try await resume(job, options: options, onEvent: onEvent).files)
    }

    /// Finishes a job that was left behind.
    public func finish(
        _ record: JobRecord,
        from store: any JobStore,
        options: GenerationOptions,
        onEvent: (@Sendable (GenerationEvent) -> Void)?
    ) async throws -> RecoveredJob {
        try await JobJournal.withClaim(on: record, in: store) { journal in
            guard let job = journal.record?.job else {
                throw HeadshotKitError(
                    .submissionUnconfirmed,
                    "It is not known whether \(backend.displayName) took the \(record.operation) request of \(record.createdAt.rawValue).",
                    operation: record.operation
                )
            }
            let result = try await GenerationRun(self, options, EventReporter(onEvent)).resume(job, journal)
            return RecoveredJob(job: job, files: result.files)
        }
    }
}
