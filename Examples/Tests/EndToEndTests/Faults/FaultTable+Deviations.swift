import HeadshotKit

extension FaultTable {
    /// Where the library does otherwise than the table states, for now.
    struct Deviation: Sendable {
        /// What it does, by the trial's name.
        let outcomes: [String: Outcome]
        /// What is wrong with that.
        let reason: String
    }

    /// The trials that end otherwise than stated. A line that no longer holds fails the test, and goes.
    static let deviations: [Deviation] =
        [
            Deviation(
                outcomes: trials(
                    ["Magic Hour, download", "ModelsLab, download"],
                    ["every time"],
                    ["200 with garbage"],
                    .wrong("delivered, but not the output")
                ),
                reason: "What nobody here knows, and the host stands by, is saved as it is: it may be a new format."
            )
        ] + tls

    #if canImport(FoundationNetworking)
    private static let tls = [
        Deviation(
            outcomes: trials(["Magic Hour, poll"], once, [refusal], .delivered),
            reason:
                "On Linux, of a request without a body, a TLS handshake that failed is not told from a connection that was lost."
        ),
        Deviation(
            outcomes: trials(["Magic Hour, poll"], ["every time"], [refusal], .kept(.deadlineExceeded)),
            reason: "As above: what looks like a lost connection is waited out."
        ),
    ]
    #else
    private static let tls: [Deviation] = []
    #endif

    private static let refusal = "TLS refused (https to a plain port)"
    private static let once = ["once"]

    private static func trials(_ steps: [String], _ times: [String], _ faults: [String], _ outcome: Outcome) -> [String:
        Outcome]
    {
        let names = steps.flatMap { step in faults.flatMap { fault in times.map { "\(step), \(fault), \($0)" } } }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, outcome) })
    }
}
