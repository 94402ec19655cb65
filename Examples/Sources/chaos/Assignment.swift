import Foundation
import HeadshotKit

/// A job of the run. Its number determines the service, and whether the job must fail there.
struct Assignment: Sendable {
    let number: Int
    /// Whether the job belongs to an order, which is delivered to several workers.
    var isOrder = false

    var isModelsLab: Bool { number % 2 == 1 }
    /// Whether the job must fail. The service finds no face and refunds the charge.
    var expectsFailure: Bool { !isOrder && number % 50 == 49 }
    /// The name that identifies the job in requests, records, and the service's ledger.
    var tag: String { String(format: "job-%05d", number) }
    var prompt: String { expectsFailure ? "\(tag) no-face" : "\(tag) navy suit, soft light" }

    /// Returns the number in a text that contains a tag.
    static func number(in text: String) -> Int? {
        text.firstMatch(of: #/job-(?<number>[0-9]{5})/#).flatMap { Int($0.output.number) }
    }

    /// Returns the number of the job that a record belongs to.
    static func number(of record: JobRecord) -> Int? { record.reference.flatMap { Int($0) } }
}

/// A worker's note about a job, saved in a separate file for the next worker.
struct Note: Codable, Sendable {
    enum Ending: String, Codable, Sendable {
        case delivered, failed, unconfirmed, lost
    }

    /// The job, once the service has returned its ID.
    var job: JobHandle?
    /// The outcome of the job.
    var ending: Ending?
    /// The reason for the outcome, as text.
    var reason: String?
}
