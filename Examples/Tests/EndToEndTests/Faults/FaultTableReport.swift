import FaultyServer
import Foundation
import HeadshotKit

/// What came of the table's trials, in Markdown.
struct FaultTableReport {
    let findings: [FaultTrial.Finding]

    private static let beginning = "<!-- made by `make faults` -->\n"
    private static let end = "<!-- end of what is made -->\n"

    var markdown: String {
        let tables = [false, true].map { isModelsLab in
            "### \(isModelsLab ? "ModelsLab" : "Magic Hour")\n\n" + table(isModelsLab: isModelsLab)
        }
        let reasons = FaultTable.deviations.map { deviation in
            "- \(deviation.reason) (\(deviation.outcomes.keys.sorted().joined(separator: "; ")))"
        }
        let deviations = reasons.isEmpty ? "" : "\n\nMarked with (!), for now:\n\n" + reasons.joined(separator: "\n")
        return tables.joined(separator: "\n\n") + "\n\n" + totals + deviations + "\n"
    }

    /// Puts the table into a document, in place of the one that is there.
    func write(into document: URL) throws {
        let text = try String(contentsOf: document, encoding: .utf8)
        guard let start = text.range(of: Self.beginning), let end = text.range(of: Self.end) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        let new = text[..<start.upperBound] + "\n" + markdown + "\n" + text[end.lowerBound...]
        try String(new).write(to: document, atomically: true, encoding: .utf8)
    }

    private func table(isModelsLab: Bool) -> String {
        let findings = findings.filter { $0.trial.row.isModelsLab == isModelsLab }
        let steps = findings.map(\.trial.row.step).reduce(into: [ServiceStep]()) { steps, step in
            if !steps.contains(step) { steps.append(step) }
        }
        let faults = Fault.allCases.filter { fault in findings.contains { $0.trial.row.fault == fault } }
        let lines = faults.map { fault in
            let cells = steps.map { step in
                findings.filter { $0.trial.row.step == step && $0.trial.row.fault == fault }.map(Self.text)
            }
            return "| \(fault.rawValue) | " + cells.map(Self.cell).joined(separator: " | ") + " |"
        }
        let head = "| fault | " + steps.map { "`\($0.rawValue)`" }.joined(separator: " | ") + " |"
        let rule = "|---|" + String(repeating: "---|", count: steps.count)
        return ([head, rule] + lines).joined(separator: "\n")
    }

    private static func text(_ finding: FaultTrial.Finding) -> String {
        let isDeviation = FaultTable.deviations.contains { $0.outcomes[finding.trial.name] != nil }
        return finding.outcome.text + (isDeviation ? " (!)" : "")
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
        let wrong = findings.count - delivered - kept - refused - unconfirmed
        let charges = findings.map(\.charges).reduce(0, +)
        let twice = findings.filter { $0.charges > 1 }.count
        return """
            **\(findings.count) trials. \(delivered) delivered; \(kept + refused + unconfirmed) ended in a clear error: \(kept) with \
            the job, which was then resumed and delivered without another charge, \(refused) before anything was charged, and \
            \(unconfirmed) that say that the job may exist. \(wrong) delivered something else. \(charges) charges, \(twice) jobs \
            charged twice.**
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
