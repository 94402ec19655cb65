import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import TLSProxy

/// One call of `generate`, with one fault.
struct FaultTrial: Sendable {
    let network: Network
    let row: FaultTable.Row
    let isRepeated: Bool

    var expected: FaultTable.Outcome { isRepeated ? row.always : row.once }
    var name: String {
        "\(row.isModelsLab ? "ModelsLab" : "Magic Hour"), \(row.step.rawValue), \(row.fault.rawValue), "
            + (isRepeated ? "every time" : "once")
    }

    /// What came of it.
    struct Finding: Sendable {
        let trial: FaultTrial
        var outcome: FaultTable.Outcome = .wrong("nothing came")
        var charges = 0
        var refunds = 0
        /// Whatever else is not as it has to be.
        var complaints: [String] = []
        /// All that was shown or stored.
        var traces = Traces()
        var duration: Duration = .zero
    }

    func run(in surroundings: FaultSurroundings) async throws -> Finding {
        var finding = Finding(trial: self)
        let start = ContinuousClock.now
        try await withFolder { folder in
            let stage = try await FaultStage.build(self, folder, surroundings)
            do { try await play(on: stage, &finding) } catch {
                await stage.close()
                throw error
            }
            await stage.close()
        }
        finding.duration = ContinuousClock.now - start
        return finding
    }

    private func play(on stage: FaultStage, _ finding: inout Finding) async throws {
        let events = Recorder<GenerationEvent>()
        var failure: HeadshotKitError?
        do {
            let finished = try await stage.generate { events.append($0) }
            let differences = try await stage.differences(finished.files, ofJob: finished.job.id)
            finding.outcome = differences.isEmpty ? .delivered : .wrong("delivered, but not the output")
        } catch let error as HeadshotKitError {
            failure = error
            let charged = !stage.charges.isEmpty
            finding.outcome =
                error.code == .submissionUnconfirmed
                ? .unconfirmed(charged: charged) : error.job == nil ? .refused(error.code) : .kept(error.code)
            finding.complaints += Self.complaints(about: error)
        }
        finding.charges = stage.charges.count
        finding.refunds = stage.service.ledger.count - stage.charges.count
        if stage.strikes.count == 0 { finding.complaints.append("no request met the fault") }
        finding.traces.add(events.all, failure, stage)
        finding.traces.add(try stage.storedFiles())
        try await checkAftermath(on: stage, failure, &finding)
    }

    /// What an error has to say, and must not say.
    private static func complaints(about error: HeadshotKitError) -> [String] {
        let text = error.description
        var complaints: [String] = []
        if let job = error.job {
            if !text.contains(job.id) { complaints.append("the text does not name the job: \(text)") }
            for lie in ["Nothing was charged", "nothing was charged", "Run it again", "run it again"]
            where text.contains(lie) {
                complaints.append("the job is paid for, and the text says “\(lie)”: \(text)")
            }
        } else if error.code == .submissionUnconfirmed {
            if !text.contains("may have been paid for") { complaints.append("the text hides the risk: \(text)") }
        } else if text.contains("may have been paid for") || text.contains("resume") {
            complaints.append("there is no job, and the text speaks of one: \(text)")
        }
        return complaints
    }

    /// What is kept, and what comes of it when the fault is over.
    private func checkAftermath(on stage: FaultStage, _ failure: HeadshotKitError?, _ finding: inout Finding)
        async throws
    {
        let records = try await stage.jobsAPI.unfinished()
        let creates = stage.strikes.requests(of: stage.createStep)
        stage.strikes.end()
        switch finding.outcome {
        case .delivered, .refused:
            if !records.isEmpty { finding.complaints.append("\(records.count) records are left") }
        case .unconfirmed:
            if records.map(\.isUnconfirmed) != [true] { finding.complaints.append("the intent is not kept") }
            let resumed = try await stage.jobsAPI.resumeAll().map(\.result)
            if case .failure(let error) = resumed.first, error.code == .submissionUnconfirmed {
                finding.traces.add([], error, stage)
            } else {
                finding.complaints.append("resumeAll() does not say that it is unconfirmed: \(resumed)")
            }
        case .kept:
            if records.map(\.job) != [failure?.job] { finding.complaints.append("the job is not kept") }
            let resumed = try await stage.jobsAPI.resumeAll().map(\.result)
            if case .success(let finished) = resumed.first {
                finding.complaints += try await stage.differences(finished.files, ofJob: finished.job.id)
            } else {
                finding.complaints.append("it cannot be resumed: \(resumed)")
            }
            let left = try await stage.jobsAPI.unfinished()
            if !left.isEmpty { finding.complaints.append("a resumed job is still kept") }
        case .wrong: break
        }
        if stage.strikes.requests(of: stage.createStep) != creates { finding.complaints.append("it was created again") }
        if stage.service.ledger.count != finding.charges + finding.refunds {
            finding.complaints.append("money moved after the call")
        }
        finding.complaints += try stage.strayFiles().map { "\($0) is left" }
    }
}
