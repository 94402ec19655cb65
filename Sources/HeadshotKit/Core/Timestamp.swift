public import Foundation

/// A point in time as the services write it. The text is kept unchanged and parsed on demand.
///
/// A date in an unexpected format therefore never prevents the decoding of a response.
public struct Timestamp: RawRepresentable, Codable, Hashable, Sendable {
    /// The text, such as `2024-10-19T05:16:19.027Z`.
    public let rawValue: String

    /// Creates a timestamp from its text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Creates a timestamp from a date, with millisecond precision.
    public init(_ date: Date) {
        rawValue = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The date, or `nil` if the text is not an ISO 8601 date.
    public var date: Date? { Date(iso8601: rawValue) }
}
