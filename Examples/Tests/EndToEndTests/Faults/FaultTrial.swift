import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import TLSProxy

/// One call of `generate` with one fault.
struct FaultTrial: Sendable {
    let network: Network
    let row: FaultTable.Row
    let isRepeated: Bool

    var expected: FaultTable.Outcome { isRepeated ? row.always : row.once }
    var name: String {
        "\(row.isModelsLab ? "ModelsLab" : "Magic Hour"), \(row.step.rawValue), \(row.fault.rawValue), "
            + (isRepeated ? "every time" : "once")
    }

    /// The result of a trial.
    struct Finding: Sendable {
        let trial: FaultTrial
        var outcome: FaultTable.Outcome = .wrong("no outcome")
        var charges = 0
        var refunds = 0
        /// Other violations of the expected behavior.
        var violations: [String] = []
        /// All shown and stored texts.
        var traces = Traces()
        var duration: Duration = .zero
    }

    func run(in fixtures: FaultFixtures) async throws -> Finding {
        var finding = Finding(trial: self)
        let start = ContinuousClock.now
        try await withTemporaryDirectory { directory in
            let environment = try await FaultEnvironment.build(self, directory, fixtures)
            do { try await run(in: environment, &finding) } catch {
                await environment.close()
                throw error
            }
            await environment.close()
        }
        finding.duration = ContinuousClock.now - start
        return finding
    }

    private func run(in environment: FaultEnvironment, _ finding: inout Finding) async throws {
        let events = Recorder<GenerationEvent>()
        var failure: HeadshotKitError?
        do {
            let finished = try await environment.generate { events.append($0) }
            let differences = try await environment.differences(finished.files, ofJob: finished.job.id)
            finding.outcome = differences.isEmpty ? .delivered : .wrong("delivered, but not the output")
        } catch let error as HeadshotKitError {
            failure = error
            let charged = !environment.charges.isEmpty
            finding.outcome =
                error.code == .submissionUnconfirmed
                ? .unconfirmed(charged: charged) : error.job == nil ? .rejected(error.code) : .kept(error.code)
            finding.violations += Self.violations(about: error)
        }
        finding.charges = environment.charges.count
        finding.refunds = environment.service.ledger.count - environment.charges.count
        if environment.schedule.count == 0 { finding.violations.append("no request had the fault") }
        finding.traces.add(events.all, failure, environment)
        finding.traces.add(try environment.storedFiles())
        try await checkAfterCall(in: environment, failure, &finding)
    }

    /// Returns the required texts that are missing and the forbidden texts that are present in an error.
    private static func violations(about error: HeadshotKitError) -> [String] {
        let text = error.description
        var violations: [String] = []
        if let job = error.job {
            if !text.contains(job.id) { violations.append("the text does not name the job: \(text)") }
            for claim in ["Nothing was charged", "nothing was charged", "Try again", "try again"]
            where text.contains(claim) {
                violations.append("the job was charged, and the text says “\(claim)”: \(text)")
            }
        } else if error.code == .submissionUnconfirmed {
            if !text.contains("may have been charged") { violations.append("the text hides the risk: \(text)") }
        } else if text.contains("may have been charged") || text.contains("resume") {
            violations.append("there is no job, and the text mentions one: \(text)")
        }
        return violations
    }

    /// Checks the records, and the outcome of a resumption without the fault.
    private func checkAfterCall(
        in environment: FaultEnvironment,
        _ failure: HeadshotKitError?,
        _ finding: inout Finding
    )
        async throws
    {
        let records = try await environment.jobsAPI.unfinished()
        let creates = environment.schedule.requests(of: environment.createStep)
        environment.schedule.end()
        switch finding.outcome {
        case .delivered, .rejected:
            if !records.isEmpty { finding.violations.append("\(records.count) records remain") }
        case .unconfirmed:
            if records.map(\.isUnconfirmed) != [true] { finding.violations.append("the intent is not stored") }
            let resumed = try await environment.resumeAll()
            if case .failure(let error) = resumed.first, error.code == .submissionUnconfirmed {
                finding.traces.add([], error, environment)
            } else {
                finding.violations.append("resumeAll() does not report an unconfirmed job: \(resumed)")
            }
        case .kept:
            if records.map(\.job) != [failure?.job] { finding.violations.append("the job is not stored") }
            let resumed = try await environment.resumeAll()
            if case .success(let finished) = resumed.first {
                finding.violations += try await environment.differences(finished.files, ofJob: finished.job.id)
            } else {
                finding.violations.append("the job cannot be resumed: \(resumed)")
            }
            let left = try await environment.jobsAPI.unfinished()
            if !left.isEmpty { finding.violations.append("a resumed job is still stored") }
        case .wrong: break
        }
        if environment.schedule.requests(of: environment.createStep) != creates {
            finding.violations.append("the job was created again")
        }
        if environment.service.ledger.count != finding.charges + finding.refunds {
            finding.violations.append("the ledger changed after the call")
        }
        finding.violations += try environment.strayFiles().map { "\($0) remains" }
    }
}
