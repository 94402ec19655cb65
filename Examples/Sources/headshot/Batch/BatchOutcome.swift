import Foundation
import HeadshotKit

/// What became of an order.
struct BatchOutcome: Sendable {
    /// What it takes to make the headshot of an order that failed.
    enum Remedy: Sendable {
        /// Another run, once the cause is removed.
        case anotherRun
        /// Another photo, because no run can make a headshot of this one.
        case anotherPhoto
        /// The search for a job that may exist. The failure describes the steps.
        case search
    }

    let order: BatchOrder
    private let service: JobHandle.Service
    /// The report for `--json`. `nil` until the order has ended.
    private(set) var report: JobReport?
    private(set) var files: [URL] = []
    /// The reason why there is no headshot. `nil` if there is one.
    var failure: ErrorReport?
    private(set) var remedy = Remedy.anotherRun
    /// The credits that were charged in this run and not refunded.
    private(set) var credits = 0
    /// Whether a job was created in this run whose charge the service does not report.
    private(set) var isChargeUnknown = false
    /// Whether a create request was sent whose outcome is unknown.
    private(set) var isUnconfirmed = false

    init(_ order: BatchOrder, at service: JobHandle.Service) {
        (self.order, self.service) = (order, service)
        if case .unusable(let message) = order.state {
            note(HeadshotKitError(.invalidMedia, message), kept: nil)
        }
    }

    mutating func note<Project: ReportedProject>(_ result: GenerationResult<Project>) {
        report = JobReport(result, kept: nil)
        files = result.files
        noteCharge()
    }

    mutating func note(_ error: any Error, kept: JobRecord?) {
        var library = error as? HeadshotKitError
        // The library's text contains the reference, which is a hash.
        if library?.code == .jobInUse { library?.message = "Another headshot process is making this photo." }
        let error = library ?? error
        isUnconfirmed = library?.submission == .unconfirmed
        remedy =
            switch library?.reason {
            case .invalidMedia?, .noFaceDetected?, .multipleFacesDetected?: .anotherPhoto
            case .jobInUse?: .anotherRun
            default: isUnconfirmed ? .search : .anotherRun
            }
        failure = ErrorReport(
            kept.flatMap { isUnconfirmed ? $0.advice(after: library?.code) : nil }
                .map { AdvisedError(cause: error, advice: $0) } ?? error
        )
        files = library?.savedFiles ?? []
        report = JobReport(error, after: JobProgress(), service: service, kept: kept)
        // The other process reports the charge.
        if library?.code != .jobInUse { noteCharge() }
    }

    /// Notes the charge of a job that was created in this run.
    private mutating func noteCharge() {
        guard order.state == .new, let report, report.id != nil, report.refunded != true else { return }
        credits = report.creditsCharged ?? 0
        isChargeUnknown = report.creditsCharged == nil
    }

    /// The outcome in a line.
    var line: String {
        let copies = order.photos.dropFirst().map { ", and the same photo \($0.path)" }.joined()
        guard let failure else {
            return "\(order.path)\(copies): \(order.state == .made ? "made before" : "made")"
        }
        let reason = HeadshotKitError.Code(rawValue: failure.code).shortReason.map { ": \($0)" }
        return "\(order.path)\(copies): failed\(reason ?? "")"
    }

    /// Prints the paths of the files, or an object for each photo.
    func print(_ format: OutputFormat) throws {
        guard format != .text, let report else { return try Console.results(files.map(\.path)) }
        try Console.results(
            try order.photos.map { photo in
                var report = report
                report.photo = photo.path
                report.name = photo.name
                return try format.line(of: report)
            }
        )
    }
}

/// The line about a whole batch while it runs.
struct BatchTally {
    let count: Int
    private var made = 0
    private var failed = 0
    private var credits = 0

    init(count: Int) { self.count = count }

    mutating func note(_ outcome: BatchOutcome) {
        if outcome.failure == nil { made += 1 } else { failed += 1 }
        credits += outcome.credits
    }

    /// The position of the latest outcome.
    var position: String { "[\(made + failed) of \(count)]" }

    var summary: String {
        "\(made) of \(count) made\(failed > 0 ? ", \(failed) failed" : "")\(credits > 0 ? ", \(credits) credits" : "")"
    }
}

/// The end of a batch: what was made, what failed and why, and the charge.
struct BatchSummary: CustomStringConvertible {
    let outcomes: [BatchOutcome]

    init(_ outcomes: [BatchOutcome]) { self.outcomes = outcomes }

    static let advice = "To continue, run the same command again. Paid jobs are resumed and not charged again."

    private var failures: [(outcome: BatchOutcome, report: ErrorReport)] {
        outcomes.compactMap { outcome in outcome.failure.map { (outcome, $0) } }
    }

    var credits: Int { outcomes.map(\.credits).reduce(0, +) }

    /// The number of headshots that exist, in words.
    var headline: String { "\(share(outcomes.count - failures.count)) made" }

    /// Returns a number of the headshots as a subject, such as `2 of 3 headshots were`.
    private func share(_ count: Int) -> String {
        "\(count) of \(outcomes.count) \(outcomes.count == 1 ? "headshot" : "headshots") "
            + (count == 1 || outcomes.count == 1 ? "was" : "were")
    }

    var description: String {
        var lines = failures.map { outcome, report in
            "\(outcome.order.path): \(report.message)\(report.advice.map { "\n\($0)" } ?? "")"
        }
        let unconfirmed = outcomes.count { $0.isUnconfirmed }
        let doubt = unconfirmed > 0 ? " \(unconfirmed) more may have been charged." : ""
        let before = outcomes.count { $0.failure == nil && $0.order.state == .made }
        let earlier = before > 0 ? ", \(before) of them in an earlier run" : ""
        lines.append("\(headline)\(earlier). \(charge)\(doubt)")
        return lines.joined(separator: "\n")
    }

    /// The charge of this run, in a sentence.
    private var charge: String {
        let unknown = outcomes.count { $0.isChargeUnknown }
        guard unknown > 0 else { return "\(credits) credits were charged in this run." }
        let known = credits > 0 ? "\(credits) credits were charged in this run, and the" : "The"
        return "\(known) service does not report the charge for \(unknown) \(unknown == 1 ? "job" : "jobs")."
    }

    /// The error that ends the process. `nil` if all headshots were made.
    var error: (any Error)? {
        guard let first = failures.first?.report else { return nil }
        let some = failures.count < outcomes.count
        let message = "\(share(failures.count)) not made."
        let error = ToolError(status: some ? .incomplete : first.status, code: "incomplete", message: message)
        let advice = remedies
        return advice.isEmpty ? error : AdvisedError(cause: error, advice: advice.joined(separator: "\n"))
    }

    /// The next steps, one per line.
    private var remedies: [String] {
        let remedies = failures.map(\.outcome.remedy)
        let useless = remedies.count { $0 == .anotherPhoto }
        var lines: [String] = []
        if useless == 1 { lines.append("1 photo cannot be used. Replace or remove the photo.") }
        if useless > 1 { lines.append("\(useless) photos cannot be used. Replace or remove these photos.") }
        if remedies.contains(.anotherRun) { lines.append(Self.advice) }
        return lines
    }
}
