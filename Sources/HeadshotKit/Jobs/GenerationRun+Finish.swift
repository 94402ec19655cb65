import Foundation

extension GenerationRun {
    /// Waits for a job, downloads its outputs, and runs the job that follows, if there is one.
    func finish(
        _ job: JobHandle,
        isNew: Bool,
        known: JobSnapshot?,
        _ journal: JobJournal,
        _ permit: AsyncSemaphore.Permit?
    ) async throws -> Outcome {
        let outcome = try await finishOne(job, isNew: isNew, known: known, journal, permit)
        guard let (next, options) = nextJob(after: journal.record) else { return outcome }
        return try await start(next, options, after: outcome, journal)
    }

    private func finishOne(
        _ job: JobHandle,
        isNew: Bool,
        known: JobSnapshot?,
        _ journal: JobJournal,
        _ permit: AsyncSemaphore.Permit?
    ) async throws -> Outcome {
        let saved = Locked<[Int: URL]>([:])
        let waiter = waiter(for: job, journal)
        do {
            return try await beforeDeadline(job) {
                guard options.waitForCompletion else {
                    let snapshot = if let known { known } else { try await waiter.poll() }
                    return Outcome(job: job, snapshot: snapshot, reference: journal.record?.reference)
                }
                let (snapshot, outputs) = try await waiter.run(from: known, isNew: isNew)
                permit?.release()
                let files = try await download(outputs, waiter, saved)
                // A server's count can be any number.
                let missing = outputs.isEmpty ? 0 : min(snapshot.missingOutputs, 1_000)
                if missing > 0 { events.report(.outputsMissing(missing)) }
                // The record of a job with a next one remains until that is created.
                if options.downloadOutputs, journal.record?.next == nil { await journal.closeDelivered() }
                let reference = journal.record?.reference
                return Outcome(
                    job: job,
                    snapshot: snapshot,
                    files: files,
                    missingOutputs: missing,
                    reference: reference
                )
            }
        } catch is CancellationError {
            try await shielded { await journal.catchUp() }
            throw CancellationError()
        } catch let error as any TestFailure {
            throw error
        } catch {
            var failure = failure(error, of: job, saved)
            failure.reference = journal.record?.reference ?? options.reference
            if !failure.isTerminal, failure.advice == nil { failure.advice = journal.record?.unfinishedAdvice }
            // The record of a delivered job must remain, so that the job is not paid for again.
            if failure.isTerminal, journal.record?.isDelivered != true {
                await journal.close()
            } else {
                await journal.catchUp()
            }
            throw failure
        }
    }

    func waiter(for job: JobHandle, _ journal: JobJournal) -> JobWaiter {
        var traits = traits
        if let polling = options.polling { traits.polling = polling }
        return JobWaiter(backend: backend, job: job, traits: traits, events: events, journal: journal)
    }

    private func download(
        _ outputs: [JobOutput],
        _ waiter: JobWaiter,
        _ saved: Locked<[Int: URL]>
    ) async throws -> [URL] {
        guard options.downloadOutputs, !(outputs.isEmpty && traits.mayBeEmpty) else { return [] }
        return try await OutputDownloader(waiter: waiter, options: options, saved: saved).save(outputs)
    }

    /// Adds the job, which exists and is paid for, to an error.
    private func failure(_ error: any Error, of job: JobHandle, _ saved: Locked<[Int: URL]>) -> HeadshotKitError {
        var failure =
            error as? HeadshotKitError
            ?? HeadshotKitError(
                .fileSystem,
                "Job \(job.shownID) was not finished: \(error.systemReason).",
                underlyingError: error
            )
        if failure.job == nil {
            failure.submission = .accepted(job)
            // The advice is about a call without a job.
            failure.advice = nil
        }
        failure.operation = failure.operation ?? job.operation
        failure.savedFiles = saved.withLock(\.inOrder)
        return failure
    }
}
