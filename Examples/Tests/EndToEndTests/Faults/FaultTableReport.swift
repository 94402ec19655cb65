import FaultyServer
import Foundation
import HeadshotKit

/// What came of the table's trials, in Markdown.
struct FaultTableReport {
    let findings: [FaultTrial.Finding]

    var markdown: String {
        let tables = [false, true].map { isModelsLab in
            "### \(isModelsLab ? "ModelsLab" : "Magic Hour")\n\n" + table(isModelsLab: isModelsLab)
        }
        return tables.joined(separator: "\n\n") + "\n\n" + totals + "\n"
    }

    private func table(isModelsLab: Bool) -> String {
        let findings = findings.filter { $0.trial.row.isModelsLab == isModelsLab }
        let steps = findings.map(\.trial.row.step).reduce(into: [ServiceStep]()) { steps, step in
            if !steps.contains(step) { steps.append(step) }
        }
        let faults = Fault.allCases.filter { fault in findings.contains { $0.trial.row.fault == fault } }
        let lines = faults.map { fault in
            let cells = steps.map { step in
                findings.filter { $0.trial.row.step == step && $0.trial.row.fault == fault }.map(\.outcome.text)
            }
            return "| \(fault.rawValue) | " + cells.map(Self.cell).joined(separator: " | ") + " |"
        }
        let head = "| fault | " + steps.map { "`\($0.rawValue)`" }.joined(separator: " | ") + " |"
        let rule = "|---|" + String(repeating: "---|", count: steps.count)
        return ([head, rule] + lines).joined(separator: "\n")
    }

    /// What comes of a fault that strikes once, and of one that strikes every time.
    private static func cell(_ outcomes: [String]) -> String {
        guard let once = outcomes.first, let always = outcomes.last else { return "" }
        return once == always ? once : "\(once) · \(always)"
    }

    private var totals: String {
        func count(_ isIncluded: (FaultTable.Outcome) -> Bool) -> Int {
            findings.filter { isIncluded($0.outcome) }.count
        }
        let delivered = count { $0 == .delivered }
        let kept = count { if case .kept = $0 { true } else { false } }
        let refused = count { if case .refused = $0 { true } else { false } }
        let unconfirmed = count { if case .unconfirmed = $0 { true } else { false } }
        let charges = findings.map(\.charges).reduce(0, +)
        let twice = findings.filter { $0.charges > 1 }.count
        return """
            **\(findings.count) trials: \(delivered) delivered; \(findings.count - delivered) ended in a clear error, of which \
            \(kept) kept a paid job that was then resumed and delivered, \(refused) cost nothing, and \(unconfirmed) could not \
            know whether a job exists and say so. \(charges) charges, \(twice) jobs charged twice.**
            """
    }
}

extension FaultTable.Outcome {
    /// The cell of the table.
    var text: String {
        switch self {
        case .delivered: "delivered"
        case .refused(let code): "refused: `\(code.rawValue)`"
        case .unconfirmed(let charged): charged ? "unconfirmed, charged" : "unconfirmed, not charged"
        case .kept(let code): "kept: `\(code.rawValue)`"
        case .wrong(let text): "**\(text)**"
        }
    }
}
