import HeadshotKit

/// The price of a job or of a batch, as printed with `--dry-run`.
struct PriceReport: Encodable, CustomStringConvertible {
    private let service: JobHandle.Service
    private let cost: CreditEstimate?

    /// Creates a report of a price, which is `nil` if it is not known in advance.
    init(_ cost: CreditEstimate?, at service: JobHandle.Service) {
        (self.cost, self.service) = (cost, service)
    }

    /// The price in a sentence.
    var description: String { "This costs \(Self.text(cost)). Nothing was sent." }

    /// Returns a price in words.
    static func text(_ cost: CreditEstimate?) -> String {
        cost.map { "\($0.isExact ? "" : "at least ")\($0.minimum) credits" } ?? "an amount that is not known in advance"
    }

    /// Rejects a price that is above a limit or not known in advance.
    func check(_ maximumCredits: Int?, of subject: String) throws {
        guard let maximumCredits else { return }
        guard let cost, cost.minimum <= maximumCredits else {
            throw ToolError(
                status: .credits,
                code: HeadshotKitError.Code.tooExpensive.rawValue,
                message:
                    "\(subject) was not started: it costs \(Self.text(cost)), and --max-credits is \(maximumCredits). "
                    + "Nothing was charged. \(cost == nil ? "Remove" : "Raise or remove") --max-credits"
                    + (cost == nil ? ", because no limit allows an unknown price." : ", or request less.")
            )
        }
    }

    private enum CodingKeys: String, CodingKey {
        case service, credits
        case isDryRun = "dry_run"
        case isMinimum = "is_minimum"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(true, forKey: .isDryRun)
        try fields.encode(service, forKey: .service)
        // An unknown price is encoded as `null`, because scripts rely on the key.
        try fields.encode(cost?.minimum, forKey: .credits)
        try fields.encode(cost?.isExact == false, forKey: .isMinimum)
    }
}
