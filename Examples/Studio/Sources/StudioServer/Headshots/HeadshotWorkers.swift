import Foundation
import HeadshotKit
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import StudioStores

/// The workers that make the queued headshots of the database, several at a time.
///
/// A worker first claims a headshot. If its process dies, the claim expires, and a worker of another process continues. The id of the
/// headshot is the reference of its job, so the job is resumed and not charged again.
struct HeadshotWorkers: Service {
    let maker: HeadshotMaker
    let table: HeadshotTable
    let store: any ClaimingStore
    let files: PhotoFiles
    let feed: HeadshotFeed
    let signal: WorkSignal
    let concurrency: Int
    /// The time for which finished headshots are kept. `nil` if they are kept forever.
    let retention: Duration?
    let clock: any Clock<Duration>
    let logger: Logger

    private static let pollInterval: Duration = .seconds(1)
    private static let pollsPerCleanup = 60
    private static let maximumRemovals = 100
    /// The time for which the store keeps the record of a delivered job. The record is discarded once the headshot is done.
    private static let recordRetention: Duration = .seconds(366 * 86_400)
    /// The seconds until the next attempt of a headshot whose job is at another service.
    private static let otherServicePause: Double = 300

    /// Makes headshots until the studio shuts down. Jobs in progress are left to the next process.
    func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for poll in 0... {
                    if poll % Self.pollsPerCleanup == 0 {
                        // A process may die between the event of a webhook and this change, and a person may assign a job.
                        await requeueFoundJobs()
                        await removeOldHeadshots()
                    }
                    signal.wake()
                    do { try await clock.sleep(for: Self.pollInterval) } catch { return }
                }
            }
            let running = NIOLockedValueBox(0)
            for await _ in signal.wakeUps {
                for (id, claim) in await claimDue(limit: concurrency - running.withLockedValue { $0 }) {
                    running.withLockedValue { $0 += 1 }
                    group.addTask {
                        await make(id, claim)
                        running.withLockedValue { $0 -= 1 }
                        signal.wake()
                    }
                }
                if Task.isCancelled { break }
            }
            group.cancelAll()
        }
    }

    private func requeueFoundJobs() async {
        do { try await table.requeueFoundJobs() } catch {
            logger.warning("The unconfirmed headshots cannot be read.", metadata: ["error": "\(error)"])
        }
    }

    /// Removes finished headshots whose retention has ended. The claims divide them among the processes.
    private func removeOldHeadshots() async {
        guard let retention else { return }
        do {
            try await table.setMissingEnds()
            for (id, claim) in try await table.claimFinished(before: retention, limit: Self.maximumRemovals) {
                await removeClaimed(id)
                await claim.release()
            }
        } catch {
            logger.warning("The old headshots cannot be claimed.", metadata: ["error": "\(error)"])
        }
    }

    private func removeClaimed(_ id: UUID) async {
        do {
            // If the process dies in between, the row remains, and the next attempt removes both.
            try await files.remove(id)
            try await table.remove(id)
        } catch {
            logger.warning("An old headshot cannot be removed.", metadata: ["headshot": "\(id)", "error": "\(error)"])
        }
    }

    private func claimDue(limit: Int) async -> [(id: UUID, claim: any JobClaim)] {
        guard limit > 0 else { return [] }
        do { return try await table.claimRunnable(limit: limit) } catch {
            logger.warning("The waiting headshots cannot be claimed.", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func make(_ id: UUID, _ claim: any JobClaim) async {
        var logger = logger
        logger[metadataKey: "headshot"] = "\(id)"
        var changed: Headshot?
        do { changed = try await makeClaimed(id, logger) } catch is CancellationError {
            logger.info("The headshot is left to the next process.")
        } catch {
            // The row is unchanged, so a worker tries again.
            logger.warning("The headshot is left to the next attempt.", metadata: ["error": "\(error)"])
        }
        await claim.release()
        // A client that receives the final state may delete the headshot.
        if let changed { await feed.publish(changed) }
    }

    /// Returns the row after the change, or `nil` if another process has finished the headshot.
    private func makeClaimed(_ id: UUID, _ logger: Logger) async throws -> Headshot? {
        guard let headshot = try await table.unfinished(id) else { return nil }
        let change =
            if let change = try await changeWithoutAttempt(headshot, logger) { change } else {
                try await attempt(headshot, logger)
            }
        guard let changed = try await table.apply(change, to: id) else { return nil }
        logger.info(
            "The headshot changed.",
            metadata: ["state": "\(changed.state)", "credits": "\(changed.credits)"]
        )
        if changed.state == .done { await discardRecord(of: id, logger) }
        return changed
    }

    /// Returns the change of a headshot that must not be made now, because its job may be charged a second time.
    private func changeWithoutAttempt(_ headshot: Headshot, _ logger: Logger) async throws -> HeadshotTable.Change? {
        let services = try await table.services(of: headshot.id)
        if services.contains(maker.service.rawValue) { return nil }
        if let service = services.first {
            logger.error(
                "The headshot is postponed, because its job is at another service.",
                metadata: ["service": "\(service)"]
            )
            return .postpone(seconds: Self.otherServicePause, isAttempt: false)
        }
        // The client removes the record of a failed job before the row changes, and a process may be killed in between.
        guard [.waiting, .downloading].contains(headshot.state) else { return nil }
        return .failed(.notMade, credits: 0)
    }

    private func attempt(_ headshot: Headshot, _ logger: Logger) async throws -> HeadshotTable.Change {
        do {
            let output = try await make(headshot, logger)
            guard let file = output.files.first else {
                throw HeadshotKitError(.invalidResponse, "The service returned no headshot.", submission: .unconfirmed)
            }
            return .done(file: file.lastPathComponent, credits: output.credits ?? maker.credits)
        } catch let error as HeadshotKitError {
            logger.notice("The headshot was not made.", metadata: ["error": "\(error)", "code": "\(error.code)"])
            switch FailureAction(error, attempts: headshot.attempts, price: maker.credits) {
            case .retry(let seconds): return .postpone(seconds: seconds, isAttempt: true)
            case .wait(let seconds): return .postpone(seconds: seconds, isAttempt: false)
            case .fail(let failure, let credits): return .failed(failure, credits: credits)
            case .unconfirmed(let failure): return .unconfirmed(failure)
            }
        }
    }

    private func make(_ headshot: Headshot, _ logger: Logger) async throws -> HeadshotMaker.Output {
        let options = GenerationOptions(
            downloadDirectory: files.directory(of: headshot.id),
            existingFiles: .replace,
            reference: headshot.id.uuidString,
            referencePolicy: .once(for: Self.recordRetention)
        )
        let photo = files.file(headshot.photo, of: headshot.id)
        let request = HeadshotMaker.Request(photo: photo, prompt: headshot.prompt, name: headshot.name)
        let progress = ProgressRecorder(headshot)
        return try await maker.make(request, options) { event, fraction in
            guard let (state, fraction) = await progress.note(event, fraction) else { return }
            do {
                if let changed = try await table.apply(.progress(state, fraction: fraction), to: headshot.id) {
                    await feed.publish(changed)
                }
            } catch {
                // Progress is only for display.
                logger.debug("The progress is not recorded.", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Discards the record of the delivered job. If that fails, the record only takes up space.
    private func discardRecord(of id: UUID, _ logger: Logger) async {
        do {
            for record in try await store.records(of: maker.service, reference: id.uuidString) {
                try await maker.jobs.discard(record)
            }
        } catch {
            logger.warning("The record of the job cannot be discarded.", metadata: ["error": "\(error)"])
        }
    }
}

/// A signal that headshots may be waiting.
struct WorkSignal: Sendable {
    let wakeUps: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (wakeUps, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1)) }

    func wake() { continuation.yield() }
}

/// The steps of one headshot that are recorded: each new state, and the progress once a second.
///
/// The steps use real time, because the progress is for display.
private actor ProgressRecorder {
    private var state: Headshot.State
    private var fraction: Double
    private var recordedAt = ContinuousClock.now

    init(_ headshot: Headshot) {
        state = headshot.state
        fraction = headshot.fraction
    }

    func note(_ event: GenerationEvent?, _ fraction: Double) -> (Headshot.State, Double)? {
        let next = event.flatMap { Headshot.State(after: $0) } ?? state
        guard next != state || fraction > self.fraction && .now - recordedAt >= .seconds(1) else { return nil }
        state = next
        self.fraction = max(self.fraction, fraction)
        recordedAt = .now
        return (state, self.fraction)
    }
}

extension Headshot.State {
    /// Returns the state after an event, or `nil` if the event does not change it.
    fileprivate init?(after event: GenerationEvent) {
        switch event {
        case .uploading(let progress): self = progress.fraction == 1 ? .creating : .uploading
        case .submitted, .resumed: self = .waiting
        case .downloading: self = .downloading
        default: return nil
        }
    }
}
