import Foundation
import HeadshotKit
import Logging
import NIOConcurrencyHelpers
import ServiceLifecycle
import StudioStores

/// The relay of requests from apps to Magic Hour, with the studio's API key and the budget of the caller.
///
/// A create request runs in the engine of HeadshotKit with a record in the job store, whose reference is the id of the row. The record
/// decides whether the credits of the row are charged, released, or still reserved.
struct Relay: Sendable {
    let magicHour: MagicHour
    let operations: [RelayedOperation]
    let table: RelayTable
    let store: any JobStore
    let logger: Logger
    /// The rows whose job certainly does not exist, until their record is removed.
    private let rejected = NIOLockedValueBox<Set<UUID>>([])

    /// The time limit of a poll, which an app waits for.
    private static let pollDuration: Duration = .seconds(20)
    /// The time in which a create request is sent. Its response may take longer.
    private static let createDuration: Duration = .seconds(60)
    /// The time for which the record of a job that a person delivered remains. The recovery discards the record.
    private static let recordRetention: Duration = .seconds(366 * 86_400)

    /// Requests upload URLs.
    func uploadURLs(_ items: [MagicHour.UploadItem]) async throws -> [MagicHour.UploadURL] {
        do { return try await magicHour.files.uploadURLs(items) } catch let error as HeadshotKitError {
            throw StudioError.relayed(error)
        }
    }

    // MARK: Creating

    /// Creates a job for a caller, and records its outcome even if the app disconnects.
    func create(_ operation: RelayedOperation, _ body: JSONValue, for caller: Caller) async throws -> JobHandle {
        try await Task {
            // A create request in flight has 10 s to return the id of its job if the studio shuts down.
            try await cancelWhenGracefulShutdown { try await createRecorded(operation, body, for: caller) }
        }.value
    }

    private func createRecorded(
        _ operation: RelayedOperation,
        _ body: JSONValue,
        for caller: Caller
    ) async throws -> JobHandle {
        let id = UUID()
        try await table.insert(id, operation, name: body["name"]?.string, for: caller)
        let options = GenerationOptions(
            deadline: Self.createDuration,
            reference: id.uuidString,
            referencePolicy: .once(for: Self.recordRetention),
            correlation: .name
        )
        do {
            let job = try await operation.create(magicHour, body, options)
            return try await accept(job, id, of: operation)
        } catch let error as HeadshotKitError {
            log("A relayed job was not created.", error, id)
            if let job = error.job { return try await accept(job, id, of: operation) }
            if error.submission != .unconfirmed { rejected.withLockedValue { _ = $0.insert(id) } }
            await resolveOrLeave(id)
            throw StudioError.relayedCreate(error)
        } catch let error as StudioError {
            throw error
        } catch {
            // The studio shuts down, and the request may have been sent.
            throw await resolveOrLeave(id) == .released ? StudioError.unavailable() : StudioError.unconfirmed
        }
    }

    private func accept(_ job: JobHandle, _ id: UUID, of operation: RelayedOperation) async throws -> JobHandle {
        do { try await table.accept(id, project: job.id, credits: job.creditsCharged) } catch {
            logger.error(
                "A relayed job was created, and its row was not changed.",
                metadata: ["row": "\(id)", "project": "\(job.id)", "error": "\(error)"]
            )
            throw StudioError.unconfirmed
        }
        if operation.credits > 0 { await discardRecords(of: id) }
        return job
    }

    /// Stores the outcome that the job store has. If that fails, returns `nil`, and the recovery does it later.
    @discardableResult
    private func resolveOrLeave(_ id: UUID) async -> Outcome? {
        do { return try await resolve(id) } catch {
            log("The outcome of a relayed job is not stored yet.", error, id)
            return nil
        }
    }

    // MARK: Fetching

    /// Fetches a job of a caller once, and returns the credits of a failed job to the budget.
    ///
    /// - Returns: The response of the service.
    func fetch(_ project: String, in collection: String, for caller: Caller) async throws -> JSONValue {
        guard let row = try await table.job(project, of: caller),
            let operation = operations.first(where: { $0.name == row.operation && $0.collection == collection })
        else { throw StudioError.notFound("project") }
        let job = JobHandle(service: .magicHour, operation: row.operation, id: project, createdAt: row.createdAt)
        let options = GenerationOptions(
            waitForCompletion: false,
            downloadOutputs: false,
            deadline: Self.pollDuration
        )
        do {
            let (json, hasFailed) = try await operation.fetch(magicHour, job, options)
            if hasFailed { try await table.refund(project: project) }
            return json
        } catch let error as HeadshotKitError {
            throw StudioError.relayed(error, isPoll: true)
        }
    }

    // MARK: Recovery

    /// Stores the outcomes of jobs that a webhook or a person found, and of those whose process died.
    func recover() async throws {
        for id in rejected.withLockedValue({ $0 }) { await resolveOrLeave(id) }
        for id in try await table.unresolved() { await resolveOrLeave(id) }
        for id in try await table.resolvedWithRecord() { await discardRecords(of: id) }
        try await table.removeOldFreeJobs()
    }

    private enum Outcome { case accepted, unconfirmed, released }

    /// Stores the outcome of a create request that is over, as the job store knows it.
    private func resolve(_ id: UUID) async throws -> Outcome {
        let records = try await store.records(of: .magicHour, reference: id.uuidString)
        if let job = records.compactMap(\.job).first {
            try await table.accept(id, project: job.id, credits: job.creditsCharged)
            await discardRecords(of: id)
            return .accepted
        }
        if rejected.withLockedValue({ $0.contains(id) }) {
            // The engine could not remove the record.
            for record in records { try await magicHour.jobs.discard(record) }
        } else if try await table.hasRecord(id) {
            try await table.keepUnconfirmed(id)
            return .unconfirmed
        }
        let isReleased = try await table.release(id)
        rejected.withLockedValue { _ = $0.remove(id) }
        // Another process may have found the job and discarded its record.
        return isReleased ? .released : .unconfirmed
    }

    /// Discards the record of a job whose row has the outcome. If that fails, the recovery does it later.
    private func discardRecords(of id: UUID) async {
        do {
            for record in try await store.records(of: .magicHour, reference: id.uuidString) {
                try await magicHour.jobs.discard(record)
            }
        } catch {
            log("The record of a relayed job cannot be discarded.", error, id)
        }
    }

    private func log(_ message: Logger.Message, _ error: any Error, _ id: UUID) {
        logger.notice(message, metadata: ["row": "\(id)", "error": "\(error)"])
    }
}

extension HeadshotMaker {
    /// Returns the relay of operations, or `nil` without operations.
    ///
    /// - Throws: ``ConfigurationError`` if the service is not Magic Hour.
    func relay(
        of operations: [RelayedOperation],
        _ database: any JobDatabase,
        _ store: any JobStore,
        _ logger: Logger
    ) throws -> Relay? {
        guard !operations.isEmpty else { return nil }
        guard let magicHour else {
            throw ConfigurationError(
                "Only operations of Magic Hour can be relayed. Turn the relay off, or use Magic Hour."
            )
        }
        let table = RelayTable(database: database)
        return Relay(magicHour: magicHour, operations: operations, table: table, store: store, logger: logger)
    }
}

/// The recovery of the relay, which runs beside the server.
struct RelayRecovery: Service {
    let relay: Relay
    let clock: any Clock<Duration>

    private static let interval: Duration = .seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await relay.recover() } catch {
                    relay.logger.warning("The relayed jobs cannot be read.", metadata: ["error": "\(error)"])
                }
                do { try await clock.sleep(for: Self.interval) } catch { return }
            }
        }
    }
}
