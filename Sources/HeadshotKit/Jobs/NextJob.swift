import Foundation

/// The job that a call creates after an earlier job is delivered, such as the video of a recording.
///
/// The record of the earlier job contains this value, so that another process can create the job after a crash.
struct NextJob: Codable, Equatable, Sendable {
    /// The id of the record of the next job.
    let id: UUID
    /// The operation that creates the next job.
    let operation: String
    /// The request of the next job without the outputs of the earlier one. Its other media are uploaded.
    let request: JSONValue
    /// The maximum cost of both jobs together, in credits, unless the call that creates the next job has a limit of its own.
    let maximumCredits: Int?
    /// Whether the create request carries a tag.
    let isCorrelated: Bool
    /// Whether the reference allows only one unfinished job.
    let isReferenceUnique: Bool
    /// The number of seconds for which the record remains after the delivery. `nil` if the record is removed.
    let retention: Double?
    /// Whether the create request may have been sent. If so, the next job has a record of its own and is not created again.
    var isStarted = false

    init(_ operation: String, _ request: some Encodable, _ options: GenerationOptions) throws {
        id = .timeOrdered(at: Date())
        self.operation = operation
        self.request = try EncodedRequest(request).value()
        maximumCredits = options.maximumCredits
        isCorrelated = options.correlation != .none
        isReferenceUnique = options.referencePolicy != .any
        if case .once(let duration) = options.referencePolicy {
            retention = max(0, duration.seconds)
        } else {
            retention = nil
        }
    }

    /// The job for a record, or `nil` if the request contains a secret, which no record may contain.
    var recordable: NextJob? { request == request.withoutSecrets() ? self : nil }

    /// Returns the options for the next job, which combine those of a call with those that were chosen for the job.
    func options(from call: GenerationOptions, reference: String?, at backend: any JobBackend) -> GenerationOptions {
        var options = call
        options.maximumCredits = call.maximumCredits ?? maximumCredits
        options.reference = reference
        options.referencePolicy = isReferenceUnique ? .resumeUnfinished : .any
        // A record is a file, which may contain any number.
        if let retention { options.referencePolicy = .once(for: .seconds(min(max(0, retention), 1e9))) }
        options.correlation = isCorrelated ? backend.correlation : .none
        // These apply to media that are uploaded already.
        options.faceCheck = .none
        options.photoMetadata = .keep
        return options
    }
}

extension GenerationRun {
    /// Which job a run creates after its own job is delivered.
    enum Continuation: Sendable {
        /// None. The record of a job with a next one remains.
        case none
        /// The next job in the record.
        case recorded
        /// A job, with the options of the call for it.
        case planned(NextJob, GenerationOptions)

        /// The job for the record of the run's own job.
        var recordable: NextJob? {
            if case .planned(let next, _) = self { next.recordable } else { nil }
        }
    }

    /// The record of the earlier job of a run.
    struct Predecessor: Sendable {
        let journal: JobJournal
        /// The id of the record of the run's own job.
        let nextID: UUID

        /// Records that the create request of the run may be sent. Throws if another worker has claimed the earlier job in the meantime.
        func start() async throws {
            try await journal.checkNextJob()
            do { try await journal.update { $0.next?.isStarted = true } } catch {
                // The store may have saved the note.
                await cancelStart()
                throw error
            }
        }

        /// Records that the create request created no job, so that the job can be created again.
        func cancelStart() async { await journal.updateAlways { $0.next?.isStarted = false } }
    }

    /// Returns the job that follows a delivered job, and its options.
    func nextJob(after record: JobRecord?) -> (next: NextJob, options: GenerationOptions)? {
        guard options.waitForCompletion, options.downloadOutputs else { return nil }
        switch continuation {
        case .none: return nil
        case .recorded:
            guard let next = record?.next else { return nil }
            return (next, next.options(from: options, reference: record?.reference, at: backend))
        case .planned(let planned, let call):
            let next = record?.next ?? planned
            return (next, next.options(from: call, reference: call.reference, at: backend))
        }
    }

    /// Creates the next job and finishes it.
    ///
    /// A crash may happen at any step. The next job's record is saved first. Then the earlier job's record is marked, and then the create
    /// request is sent. Without the mark, the next job was certainly not created. With the mark, the next job is resumed from its own
    /// record, unless the job is already delivered.
    func start(
        _ next: NextJob,
        _ options: GenerationOptions,
        after outcome: Outcome,
        _ journal: JobJournal
    ) async throws -> Outcome {
        guard !next.isStarted else {
            await journal.closeDelivered()
            return outcome
        }
        do {
            let (request, traits) = try await backend.request(of: next, after: outcome, options)
            var run = GenerationRun(next.operation, traits, at: backend, options, events)
            // The caller's deadline applies to the whole call.
            if self.options.deadline != nil { run.deadline = deadline }
            run.predecessor = Predecessor(journal: journal, nextID: next.id)
            return try await run.withCreatedJob(of: request) { [run] job, snapshot, nextJournal, permit in
                await journal.closeDelivered()
                let outcome = try await run.finish(job, isNew: true, known: snapshot, nextJournal, permit)
                // The reference may be used for another request now.
                if options.waitForCompletion, options.downloadOutputs { await journal.close() }
                return outcome
            }
        } catch var error as HeadshotKitError {
            if error.code == .submissionUnconfirmed {
                await journal.closeDelivered()
            } else if error.job == nil {
                await journal.catchUp()
                error.submission = .accepted(outcome.job)
                error.savedFiles = outcome.files
                error.reference = journal.record?.reference ?? options.reference
                if let advice = journal.record?.nextJobAdvice {
                    error.advice = (error.advice.map { "\($0) " } ?? "") + advice
                }
            }
            throw error
        }
    }
}

extension JobRecord {
    /// The advice about an unfinished job that has a next one. `nil` if no other call creates a job.
    var unfinishedAdvice: String? {
        guard let next, !next.isStarted else { return nil }
        return """
            The job is not lost. jobs.resume and jobs.resumeAll finish it, and then create and charge the \(next.operation) job that was \
            ordered with it. jobs.discard gives up both.
            """
    }

    /// The advice about a delivered job whose next one was not created. `nil` if no other call can create it.
    fileprivate var nextJobAdvice: String? {
        next.map {
            """
            The outputs of the first job are saved. To create the \($0.operation) job, call jobs.resume or jobs.resumeAll. To give up \
            that job, call jobs.discard.
            """
        }
    }
}
