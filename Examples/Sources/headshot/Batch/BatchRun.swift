import Foundation
import HeadshotKit

/// The run of a batch with one operation.
struct BatchRun<Request: Encodable & Sendable, Created: Decodable & Sendable, Project: ReportedProject & Decodable>:
    Sendable
{
    private let operation: GenerationOperation<Request, Created, Project>
    private let service: JobHandle.Service
    private let store: TrackedStore
    private let request: @Sendable (MediaSource) -> Request

    init(
        _ operation: GenerationOperation<Request, Created, Project>,
        of service: JobHandle.Service,
        _ store: TrackedStore,
        request: @escaping @Sendable (MediaSource) -> Request
    ) {
        (self.operation, self.service, self.store, self.request) = (operation, service, store, request)
    }

    /// A request without a photo of the batch.
    private var sample: Request { request(.uploaded("api-assets/photo")) }

    /// Returns the price of one headshot.
    ///
    /// - Throws: ``ToolError`` if an option is known to be invalid, which every photo would repeat.
    func price() throws -> CreditEstimate? {
        let issues = operation.validationIssues(for: sample)
        guard issues.isEmpty else { throw ToolError.usage(OptionNames.message(of: issues)) }
        return operation.estimatedCost(of: sample)
    }

    /// Returns the orders for photos, with what the store knows about them.
    func orders(for photos: [BatchPhoto]) async throws -> [BatchOrder] {
        let records = try await store.batchRecords(of: service)
        let style = try await MediaSource.data(Data(try sample.jsonLine.utf8)).contentDigest().prefix(16)
        var orders: [BatchOrder] = []
        var indices: [String: Int] = [:]
        for photo in photos {
            try Task.checkCancellation()
            do {
                let source = MediaSource.file(photo.file)
                let reference = "batch \(try await source.contentDigest()) \(style)"
                if let index = indices[reference] {
                    orders[index].photos.append(photo)
                } else {
                    let state = BatchOrder.State(records[reference] ?? [])
                    // The price must not count a file that the upload rejects.
                    if state == .new { try source.check(as: .image) }
                    indices[reference] = orders.count
                    orders.append(BatchOrder(photos: [photo], reference: reference, state: state))
                }
            } catch let error as HeadshotKitError {
                let state = BatchOrder.State.unusable(error.description)
                orders.append(BatchOrder(photos: [photo], reference: "", state: state))
            }
        }
        return orders
    }

    /// Runs the orders, and reports each outcome as soon as it is known.
    ///
    /// - Returns: The outcomes, in the order of the orders.
    func perform(
        _ orders: [BatchOrder],
        _ generation: GenerationOptions,
        concurrency: Int,
        _ format: OutputFormat
    ) async throws -> [BatchOutcome] {
        let printer = ProgressPrinter(batch: BatchTally(count: orders.count).summary)
        defer { printer.finish() }
        do {
            return try await Interruption.run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { await printer.tick() }
                    defer { group.cancelAll() }
                    return try await outcomes(of: orders, generation, printer, concurrency: concurrency, format)
                }
            }
        } catch is Interrupted {
            printer.finish()
            let message =
                "Interrupted. \(printer.batchSummary). Jobs that were created continue at the service and are not charged again."
            throw AdvisedError(cause: ToolError.interrupted(message), advice: BatchSummary.advice)
        }
    }

    private func outcomes(
        of orders: [BatchOrder],
        _ generation: GenerationOptions,
        _ printer: ProgressPrinter,
        concurrency: Int,
        _ format: OutputFormat
    ) async throws -> [BatchOutcome] {
        var outcomes = orders.map { BatchOutcome($0, at: service) }
        var tally = BatchTally(count: orders.count)
        func end(_ index: Int) throws {
            tally.note(outcomes[index])
            try printer.end(index, summary: tally.summary) {
                Console.note("\(tally.position) \(outcomes[index].line)")
                do { try outcomes[index].print(format) } catch let error as ToolError where error.isOfOutput {
                    // A failure to print results must not stop the other jobs.
                    outcomes[index].failure = outcomes[index].failure ?? ErrorReport(error)
                }
            }
        }
        for index in orders.indices where outcomes[index].failure != nil { try end(index) }
        let running = orders.indices.filter { outcomes[$0].failure == nil }
        let requests = running.map { index in
            var options = generation
            options.reference = orders[index].reference
            options.referencePolicy = BatchOrder.policy
            return (request: request(.file(orders[index].photos[0].file)), options: options)
        }
        let names = running.map { orders[$0].photos[0].file.lastPathComponent }
        let logs = running.map { EventLog(format, photo: orders[$0].path) }
        let results = operation.results(for: requests, maximumConcurrency: concurrency) { number, event in
            printer.show(event, of: running[number], named: names[number])
            if let log = logs[number] { printer.print { log.print(event) } }
        }
        for try await (number, result) in results {
            let index = running[number]
            switch result {
            case .success(let result): outcomes[index].note(result)
            case .failure(let error):
                let kept = try await record(of: orders[index])
                outcomes[index].note(error, kept: kept)
            }
            try end(index)
        }
        return outcomes
    }

    /// Returns the record of a job that is not delivered.
    private func record(of order: BatchOrder) async throws -> JobRecord? {
        do {
            return try await store.records(of: service, reference: order.reference).first { !$0.isDelivered }
        } catch {
            // The error of the job is the one to report.
            return nil
        }
    }
}
