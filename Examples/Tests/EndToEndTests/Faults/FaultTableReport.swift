import FaultyServer
import Foundation
import HeadshotKit
import TLSProxy

/// The results of all trials in Markdown.
struct FaultTableReport {
    let network: Network
    let findings: [FaultTrial.Finding]

    private var beginning: String { "<!-- made by `make faults`, \(network.rawValue) -->\n" }
    private var end: String { "<!-- end of \(network.rawValue) -->\n" }

    var markdown: String {
        // Other networks only show the faults that the plain network does not have.
        let shown = findings.filter { network == .plain || $0.trial.row.fault.streamFault != nil }
        let tables =
            shown.isEmpty
            ? []
            : [false, true].map { isModelsLab in
                "#### \(isModelsLab ? "ModelsLab" : "Magic Hour")\n\n" + table(shown, isModelsLab: isModelsLab)
            }
        return (tables + [totals]).joined(separator: "\n\n") + "\n"
    }

    /// Replaces the table in a document.
    func write(into document: URL) throws {
        let text = try String(contentsOf: document, encoding: .utf8)
        guard let start = text.range(of: beginning), let end = text.range(of: end) else {
            throw CocoaError(.fileReadCorruptFile)
        }
        let new = text[..<start.upperBound] + "\n" + markdown + "\n" + text[end.lowerBound...]
        try String(new).write(to: document, atomically: true, encoding: .utf8)
    }

    private func table(_ findings: [FaultTrial.Finding], isModelsLab: Bool) -> String {
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
        finding.outcome.text
    }

    /// Returns the cell for the outcomes of one occurrence and of every request.
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
        let rejected = count { if case .rejected = $0 { true } else { false } }
        let unconfirmed = count { if case .unconfirmed = $0 { true } else { false } }
        let wrong = findings.count - delivered - kept - rejected - unconfirmed
        let charges = findings.map(\.charges).reduce(0, +)
        let twice = findings.filter { $0.charges > 1 }.count
        return """
            **\(findings.count) trials. \(delivered) delivered; \(kept + rejected + unconfirmed) ended in a clear error: \(kept) with \
            the job, which was then resumed and delivered without another charge, \(rejected) before anything was charged, and \
            \(unconfirmed) that say that the job may exist. \(wrong) delivered something else. \(charges) charges, \(twice) jobs \
            charged twice.**
            """
    }
}

extension FaultTable.Outcome {
    /// The text of the outcome in the table.
    var text: String {
        switch self {
        case .delivered: "delivered"
        case .rejected(let code): "rejected: `\(code.rawValue)`"
        case .unconfirmed(let charged): charged ? "unconfirmed, charged" : "unconfirmed, not charged"
        case .kept(let code): "kept: `\(code.rawValue)`"
        case .wrong(let text): "**\(text)**"
        }
    }
}
