/// An enumeration of the wire to which the service may add: its known values are static members, and every other value is kept
/// as it came, through decoding and encoding.
public protocol OpenEnum: RawRepresentable, Codable, Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
where RawValue == String {
    /// The value as it stands on the wire.
    init(rawValue: String)
}

extension OpenEnum {
    /// The value as it stands on the wire.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// The value as it stands on the wire.
    public var description: String { rawValue }
}
