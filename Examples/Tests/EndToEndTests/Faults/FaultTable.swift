import FaultyServer
import HeadshotKit
import TLSProxy

/// The expected outcome of every fault at every step, according to `docs/money.md`.
enum FaultTable {
    /// The outcome of a call of `generate` and its charges. No outcome has a refund.
    enum Outcome: Hashable, Sendable {
        /// The complete file was saved. One charge.
        case delivered
        /// An error without a job. No charge.
        case rejected(HeadshotKitError.Code)
        /// `submissionUnconfirmed` and an intent in the store. One charge or none.
        case unconfirmed(charged: Bool)
        /// An error with the job, which is in the store. One charge. A later resumption delivers the file.
        case kept(HeadshotKitError.Code)
        /// Any other outcome, which is a bug.
        case wrong(String)

        /// The expected number of charges.
        var charges: Int {
            switch self {
            case .delivered, .kept: 1
            case .rejected: 0
            case .unconfirmed(let charged): charged ? 1 : 0
            case .wrong: -1
            }
        }
    }

    /// A fault at a step with its outcomes for one occurrence and for every request.
    struct Row: Sendable {
        let isModelsLab: Bool
        let step: ServiceStep
        let fault: Fault
        let once: Outcome
        let always: Outcome
    }

    /// Returns the rows of a network. The expected outcomes do not depend on the network.
    static func rows(over network: Network) -> [Row] {
        (magicHour + modelsLab).filter { $0.fault.exists(over: network) }
    }

    static let magicHour = [
        (ServiceStep.uploadURLs, uploadURLs), (.put, put), (.create, create), (.poll, poll), (.download, download),
    ].flatMap { rows(at: $0, $1, isModelsLab: false) }

    static let modelsLab = [
        (ServiceStep.base64ToURL, base64ToURL), (.modelsLabCreate, modelsLabCreate), (.fetch, fetch),
        (.download, modelsLabDownload),
    ].flatMap { rows(at: $0, $1, isModelsLab: true) }

    typealias Entry = (fault: Fault, once: Outcome, always: Outcome)

    private static func rows(at step: ServiceStep, _ entries: [Entry], isModelsLab: Bool) -> [Row] {
        (entries + http2(at: step)).map { entry in
            Row(isModelsLab: isModelsLab, step: step, fault: entry.fault, once: entry.once, always: entry.always)
        }
    }
}
