public import Foundation

/// A point in time as the services write it: kept as it came, read on demand.
///
/// Keeping the text means that a date in an unexpected form never costs the response it stands in.
public struct Timestamp: RawRepresentable, Codable, Hashable, Sendable {
    /// The text, such as `2024-10-19T05:16:19.027Z`.
    public let rawValue: String

    /// A point in time by its text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A point in time, to the millisecond.
    public init(_ date: Date) {
        rawValue = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The point in time; nil where the text is not an ISO 8601 date.
    public var date: Date? { Date(iso8601: rawValue) }
}
