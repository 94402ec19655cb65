import Foundation
import HeadshotKit

/// All texts that an application, its log or its crash report may show of a call.
///
/// Responses such as `result.project.downloads` are excluded, because they contain URLs by design.
struct Traces: Sendable {
    private(set) var texts: Set<String> = []

    mutating func add(_ events: [GenerationEvent], _ error: HeadshotKitError?, _ environment: FaultEnvironment) {
        for event in events { addAll(of: event) }
        addAll(of: environment.client)
        guard let error else { return }
        addAll(of: error)
        add([error.localizedDescription, error.failureReason ?? "", error.recoverySuggestion ?? ""])
        add([error.serverMessage ?? "", error.serverCode ?? "", error.message])
        if let job = error.job { addAll(of: job) }
        var cause = error.underlyingError
        while let next = cause {
            addAll(of: next)
            add([next.localizedDescription, "\((next as NSError).userInfo)"])
            cause = (next as? TransportError)?.underlyingError
        }
    }

    mutating func add(_ texts: [String]) { self.texts.formUnion(texts) }

    mutating func addAll(of value: Any) {
        var dumped = ""
        dump(value, to: &dumped)
        add(["\(value)", String(reflecting: value), dumped])
    }

    /// The texts that reveal a planted key, a signature or the URL of an output.
    var leaks: [String] {
        let secrets = [
            FaultFixtures.Secret.magicHourKey, FaultFixtures.Secret.modelsLabKey,
            FaultFixtures.Secret.signature, "signature=",
        ]
        var leaks: [String] = []
        for text in texts.sorted() {
            for secret in secrets {
                guard let range = text.range(of: secret) else { continue }
                leaks.append("\(secret) in …\(text[..<range.lowerBound].suffix(160))\(secret)")
            }
            // The URLs of ModelsLab are not signed, so the path alone grants access.
            if let match = text.firstMatch(of: #/outputs\/[0-9a-z]{32}-[0-9]/#) {
                leaks.append("\(match.output) in \(text)")
            }
        }
        return leaks
    }
}
