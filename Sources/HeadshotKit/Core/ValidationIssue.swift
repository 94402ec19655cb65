/// A value of a request that is known to be wrong.
public struct ValidationIssue: Equatable, Sendable, CustomStringConvertible {
    /// The field's name in the request, such as `style.prompt`.
    public var field: String
    /// The field's value.
    public var value: String
    /// The allowed values.
    public var allowed: String

    /// Creates an issue.
    public init(field: String, value: String, allowed: String) {
        self.field = field
        self.value = value
        self.allowed = allowed
    }

    /// The field, its value and the allowed values, in one line.
    public var description: String { "\(field) is \(value); allowed: \(allowed)" }
}
