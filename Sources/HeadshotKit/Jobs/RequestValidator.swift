/// A collector of a request's validation issues. A value that this package does not know may be new, so it is not an issue.
struct RequestValidator {
    private(set) var issues: [ValidationIssue] = []

    mutating func require(_ isRight: Bool, _ field: String, _ value: some Any, _ allowed: String) {
        if !isRight { issues.append(ValidationIssue(field: field, value: Self.text(value), allowed: allowed)) }
    }

    /// Formats a value as in JSON, without a fraction for a whole number.
    private static func text(_ value: some Any) -> String {
        if let number = value as? Double, let whole = Int(exactly: number) { return String(whole) }
        return "\(value)"
    }

    mutating func notBlank(_ field: String, _ text: String?) {
        guard let text else { return }
        require(text.contains { !$0.isWhitespace }, field, text.isEmpty ? "empty" : "blank", "text that is not blank")
    }

    mutating func within<Number: Comparable>(_ field: String, _ number: Number?, _ range: ClosedRange<Number>) {
        guard let number else { return }
        require(
            range.contains(number),
            field,
            number,
            "\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
        )
    }

    mutating func oneOf<Value: Equatable>(_ field: String, _ value: Value?, _ allowed: [Value]) {
        guard let value else { return }
        require(allowed.contains(value), field, value, allowed.map { Self.text($0) }.joined(separator: ", "))
    }

    /// Requires a text to have at most a number of characters, counted as Unicode scalars.
    mutating func length(_ field: String, _ text: String, upTo limit: Int) {
        let count = text.unicodeScalars.count
        require(count <= limit, field, "\(count) characters long", "at most \(limit) characters")
    }

    /// Requires a model to support a value, unless the value is not one of the known ones.
    mutating func supported<Value: OpenEnum>(
        _ field: String,
        _ value: Value?,
        _ allowed: [Value],
        outOf known: [Value],
        by model: some OpenEnum
    ) {
        guard let value, known.contains(value) else { return }
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        require(allowed.contains(value), field, value, "\(names) with \(model)")
    }

    /// Requires a width or height in pixels to be a multiple of 8 from 8 to `limit`.
    mutating func side(_ field: String, _ pixels: Int?, upTo limit: Int) {
        guard let pixels else { return }
        require(
            pixels >= 8 && pixels <= limit && pixels.isMultiple(of: 8),
            field,
            pixels,
            "8 to \(limit), a multiple of 8"
        )
    }

    /// Throws an error with all issues, if there are any. The request must not have been sent.
    func check(_ operation: String) throws {
        guard issues.isEmpty else {
            throw HeadshotKitError(
                .invalidRequest,
                "The request for \(operation) was not sent: \(issues.map(\.description).joined(separator: "; ")).",
                advice: "Change the value and try again.",
                operation: operation,
                validationIssues: issues
            )
        }
    }
}

/// The cost of a request, as far as it is known in advance.
public struct CreditEstimate: Equatable, Sendable {
    /// The minimum cost in credits.
    public var minimum: Int
    /// Whether the request costs exactly ``minimum`` credits.
    public var isExact: Bool

    /// Creates an estimate.
    public init(minimum: Int, isExact: Bool) {
        self.minimum = minimum
        self.isExact = isExact
    }

    /// Returns an estimate of exactly a number of credits.
    public static func exactly(_ credits: Int) -> CreditEstimate { CreditEstimate(minimum: credits, isExact: true) }
    /// Returns an estimate of at least a number of credits.
    public static func atLeast(_ credits: Int) -> CreditEstimate { CreditEstimate(minimum: credits, isExact: false) }
}
