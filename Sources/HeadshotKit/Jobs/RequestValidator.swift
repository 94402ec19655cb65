/// What is wrong with one value of a request, found before anything was uploaded or spent.
public struct ValidationIssue: Hashable, Sendable, CustomStringConvertible {
    /// The field, as it is named on the wire: `style.prompt`.
    public var field: String
    /// Its value.
    public var value: String
    /// What is allowed.
    public var allowed: String

    /// A problem.
    public init(field: String, value: String, allowed: String) {
        self.field = field
        self.value = value
        self.allowed = allowed
    }

    /// Field, value and what is allowed, in one line.
    public var description: String { "\(field) is \(value); allowed: \(allowed)" }
}

/// Gathers what is wrong with a request. Only what is known to be wrong counts: a value that nobody here has heard of may be new.
struct RequestValidator {
    private(set) var problems: [ValidationIssue] = []

    mutating func require(_ isRight: Bool, _ field: String, _ value: some Any, _ allowed: String) {
        if !isRight { problems.append(ValidationIssue(field: field, value: Self.text(value), allowed: allowed)) }
    }

    /// A value as it stands on the wire: whole numbers without a fraction.
    private static func text(_ value: some Any) -> String {
        if let number = value as? Double, let whole = Int(exactly: number) { return String(whole) }
        return "\(value)"
    }

    mutating func notBlank(_ field: String, _ text: String?) {
        guard let text else { return }
        require(text.contains { !$0.isWhitespace }, field, text.isEmpty ? "empty" : "blank", "a text")
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
        require(allowed.contains(value), field, value, allowed.map { "\($0)" }.joined(separator: ", "))
    }

    /// A width or height in pixels.
    mutating func side(_ field: String, _ pixels: Int?, upTo limit: Int) {
        guard let pixels else { return }
        require(
            pixels >= 8 && pixels <= limit && pixels.isMultiple(of: 8),
            field,
            pixels,
            "8 to \(limit), a multiple of 8"
        )
    }
}

/// What a request is going to cost, as far as that is known.
public struct CreditEstimate: Hashable, Sendable {
    /// The fewest credits that it can cost.
    public var minimum: Int
    /// Whether it costs exactly that.
    public var isExact: Bool

    /// An estimate.
    public init(minimum: Int, isExact: Bool) {
        self.minimum = minimum
        self.isExact = isExact
    }

    static func exactly(_ credits: Int) -> CreditEstimate { CreditEstimate(minimum: credits, isExact: true) }
    static func atLeast(_ credits: Int) -> CreditEstimate { CreditEstimate(minimum: credits, isExact: false) }
}
