/// A string enumeration to which the service may add values.
///
/// Known values are static members. Every other value is preserved through decoding and encoding.
public protocol OpenEnum: RawRepresentable, Codable, Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
where RawValue == String {
    /// Creates a value from the raw string that the API uses.
    init(rawValue: String)
}

extension OpenEnum {
    /// Creates a value from the raw string that the API uses.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// The raw string that the API uses.
    public var description: String { rawValue }
}
