import Foundation

/// A text in a create request that identifies the request's record, such as `hk-AZrF3kH7cT2M9x0Qw1bXyA`.
///
/// The service returns the text in its webhook requests. An unconfirmed job is found again by it.
struct CorrelationTag: Equatable, CustomStringConvertible {
    private static let prefix = "hk-"
    private static let length = 22

    /// The id of the record.
    let recordID: UUID

    init(_ recordID: UUID) { self.recordID = recordID }

    /// Returns the tag at the end of a text, or `nil` if there is none.
    init?(atEndOf text: String) {
        let suffix = text.suffix(Self.prefix.count + Self.length)
        guard suffix.hasPrefix(Self.prefix) else { return nil }
        let base64 = suffix.dropFirst(Self.prefix.count).replacing("-", with: "+").replacing("_", with: "/")
        guard let data = Data(base64Encoded: base64 + "=="), data.count == 16 else { return nil }
        recordID = data.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
        // Several texts decode to the same bytes, because the last character has unused bits.
        guard suffix == description else { return nil }
    }

    var description: String {
        let base64 = withUnsafeBytes(of: recordID.uuid) { Data($0) }.base64EncodedString().prefix(Self.length)
        return Self.prefix + base64.replacing("+", with: "-").replacing("/", with: "_")
    }
}
