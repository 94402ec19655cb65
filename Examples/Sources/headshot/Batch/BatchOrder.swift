import Foundation
import HeadshotKit

/// An order of a batch: one job for a photo. Copies of a photo share the job.
struct BatchOrder: Sendable {
    enum State: Sendable, Equatable {
        /// There is no job yet.
        case new
        /// There is a job, which is resumed.
        case unfinished
        /// A create request was sent in an earlier run, and its outcome is unknown.
        case unconfirmed
        /// The headshot was made in an earlier run.
        case made
        /// The file is not a photo, or cannot be read.
        case unusable(String)
    }

    /// The photos with the content of the order, at least one.
    var photos: [BatchPhoto]
    /// The identifier of the order in the store: the hashes of the photo and of the rest of the order.
    var reference: String
    var state: State

    /// The path of the first photo.
    var path: String { photos.first?.path ?? "" }

    /// The time for which the store remembers a delivered order.
    static let memoryDays = 30
    static let policy = GenerationOptions.ReferencePolicy.once(for: .seconds(memoryDays * 86_400))
}

extension BatchOrder.State {
    /// Creates the state of an order from the records of the store.
    init(_ records: [JobRecord]) {
        if let unfinished = records.first(where: { !$0.isDelivered }) {
            self = unfinished.isUnconfirmed ? .unconfirmed : .unfinished
        } else {
            self = records.contains { !$0.isForgotten } ? .made : .new
        }
    }
}

extension JobRecord {
    /// Whether the order was delivered so long ago that another run makes it again.
    fileprivate var isForgotten: Bool {
        guard isDelivered, let date = deliveredAt?.date else { return false }
        return date.addingTimeInterval(Double(BatchOrder.memoryDays) * 86_400) <= Date()
    }
}

extension JobStore {
    /// Returns the records of the jobs that are not delivered, the oldest first.
    func unfinished() async throws -> [JobRecord] { try await records().filter { !$0.isDelivered } }

    /// Returns all records of a service by their reference. Removes those of the batches that are forgotten.
    func batchRecords(of service: JobHandle.Service) async throws -> [String: [JobRecord]] {
        var kept: [String: [JobRecord]] = [:]
        for record in try await records() where record.service == service {
            guard let reference = record.reference else { continue }
            if record.isForgotten, let claim = try await claim(record.id) {
                try await remove(record.id)
                await claim.release()
            } else {
                kept[reference, default: []].append(record)
            }
        }
        return kept
    }
}

/// What a batch is about to do, and its price.
struct BatchPlan: CustomStringConvertible {
    private let photos: Int
    private let states: [BatchOrder.State]
    /// The price of one headshot. `nil` if it is not known in advance.
    private let price: CreditEstimate?

    init(_ orders: [BatchOrder], price: CreditEstimate?) {
        photos = orders.map(\.photos.count).reduce(0, +)
        states = orders.map(\.state)
        self.price = price
    }

    private func count(_ state: BatchOrder.State) -> Int { states.count { $0 == state } }

    /// The price of the jobs to create. `nil` if it is not known in advance.
    var cost: CreditEstimate? {
        let (new, price) = (count(.new), price)
        if new == 0 { return .exactly(0) }
        return price.map { CreditEstimate(minimum: $0.minimum * new, isExact: $0.isExact) }
    }

    /// The number of photos, and the number of orders in each state.
    var description: String {
        var parts = ["\(count(.new)) to make for \(PriceReport.text(cost))"]
        let made = count(.made)
        if made > 0 { parts.append("\(made) made before") }
        if count(.unfinished) > 0 { parts.append("\(count(.unfinished)) to resume") }
        if count(.unconfirmed) > 0 { parts.append("\(count(.unconfirmed)) unconfirmed") }
        let copies = photos - states.count
        if copies > 0 { parts.append("\(copies) \(copies == 1 ? "copy" : "copies") of the same photo") }
        let unusable = states.count - made - count(.new) - count(.unfinished) - count(.unconfirmed)
        if unusable > 0 { parts.append("\(unusable) \(unusable == 1 ? "is not a photo" : "are not photos")") }
        return "\(photos) \(photos == 1 ? "photo" : "photos"): \(parts.joined(separator: ", "))."
    }
}
