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
                    ["Magic Hour, upload-urls", "ModelsLab, base64_to_url"],
                    once,
                    [
                        "200 with garbage", "200 with a web page", "200 with half of the reply",
                    ],
                    .refused(.invalidReply)
                ),
                reason: "A harmless call whose reply cannot be read is not repeated."
            ),
            Deviation(
                outcomes: trials(["ModelsLab, base64_to_url"], both, ["unknown status"], .refused(.invalidRequest)),
                reason: "An address that came with a new word for success is thrown away."
            ),
            Deviation(
                outcomes: trials(["Magic Hour, put"], both, ["expired link"], .refused(.invalidRequest)),
                reason: "An upload link that has expired is not asked for anew."
            ),
            Deviation(
                outcomes: trials(
                    ["Magic Hour, put"],
                    both,
                    ["401 with a Basic challenge", "302 to another host"],
                    .refused(.invalidRequest)
                ),
                reason: "What the storage says is taken for a complaint about the request, with advice to change it."
            ),
            Deviation(
                outcomes: trials(["Magic Hour, put"], always, ["429"], .refused(.serverError)),
                reason: "429 of a storage is told as a failure of the service."
            ),
            Deviation(
                outcomes: trials(
                    ["Magic Hour, download", "ModelsLab, download"],
                    always,
                    ["429"],
                    .kept(.serverError)
                ),
                reason: "429 of a host of outputs is told as a failure of the service."
            ),
            Deviation(
                outcomes: trials(["Magic Hour, poll", "ModelsLab, fetch"], always, ["429"], .kept(.rateLimited)),
                reason: "The text says that nothing was charged and to run it again, although the job is paid for."
            ),
            Deviation(
                outcomes: trials(
                    ["Magic Hour, download", "ModelsLab, download"],
                    both,
                    ["200 with garbage"],
                    .wrong("delivered, but not the output")
                ),
                reason: "What is no image is delivered as one."
            ),
            Deviation(
                outcomes: trials(
                    ["Magic Hour, download", "ModelsLab, download"],
                    always,
                    ["200 with half of the reply"],
                    .kept(.deadlineExceeded)
                ),
                reason:
                    "A 206 without a byte is asked for again at once, without end."
            ),
        ] + tls

    #if canImport(FoundationNetworking)
    private static let tls = [
        Deviation(
            outcomes: trials(
                [
                    "Magic Hour, upload-urls", "Magic Hour, put", "Magic Hour, poll", "ModelsLab, base64_to_url",
                    "ModelsLab, fetch",
                ],
                once,
                [refusal],
                .delivered
            ).merging(
                trials(["Magic Hour, create", "ModelsLab, head_shot"], both, [refusal], .unconfirmed(charged: false))
            ) { $1 },
            reason: "On Linux a TLS handshake that failed is not told from a connection that was lost."
        )
    ]
    #else
    private static let tls: [Deviation] = []
    #endif

    private static let refusal = "TLS refused (https to a plain port)"
    private static let once = ["once"]
    private static let always = ["every time"]
    private static let both = once + always

    private static func trials(_ steps: [String], _ times: [String], _ faults: [String], _ outcome: Outcome) -> [String:
        Outcome]
    {
        let names = steps.flatMap { step in faults.flatMap { fault in times.map { "\(step), \(fault), \($0)" } } }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, outcome) })
    }

    /// The trials in which a secret of an unreadable reply shows in the error: redaction does not know that ModelsLab's links are
    /// secrets as a whole.
    static let leaks = Set(
        trials(["ModelsLab, head_shot"], both, ["200 with half of the reply"], .delivered).keys
    )
}
