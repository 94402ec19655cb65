import FaultyServer
import HeadshotKit
import TLSProxy

/// What is to come of every fault at every step: stated as data, from `docs/money.md`, and held against what happens.
enum FaultTable {
    /// What comes of a call of `generate`, and what the ledger shows then. It never shows a refund.
    enum Outcome: Hashable, Sendable {
        /// The whole file is there. One charge.
        case delivered
        /// An error, and no job. No charge.
        case refused(HeadshotKitError.Code)
        /// `submissionUnconfirmed`, and an intent in the store. The account was charged once, or not at all.
        case unconfirmed(charged: Bool)
        /// An error with the job, which is in the store. One charge; resumed when the fault is over, the whole file is there for it.
        case kept(HeadshotKitError.Code)
        /// What must never come.
        case wrong(String)

        /// How many charges the ledger shows.
        var charges: Int {
            switch self {
            case .delivered, .kept: 1
            case .refused: 0
            case .unconfirmed(let charged): charged ? 1 : 0
            case .wrong: -1
            }
        }
    }

    /// A fault at a step: what comes of it when it strikes once, and when it strikes every time.
    struct Row: Sendable {
        let isModelsLab: Bool
        let step: ServiceStep
        let fault: Fault
        let once: Outcome
        let always: Outcome
    }

    /// The rows of a network: what is stated does not depend on it.
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
