public import Foundation
public import HeadshotKit

/// A signer of webhook requests, for tests of your own handler.
///
/// The signer signs a body in the way that Magic Hour does:
/// ```swift
/// let signer = WebhookSigner(secret: "whsec_test")
/// let headers = signer.headers(for: body)
/// let event = try MagicHour.WebhookVerifier(secret: "whsec_test").event(body: body, headers: headers)
/// ```
public struct WebhookSigner: Sendable {
    private let key: Data

    /// Creates a signer.
    ///
    /// - Parameter secret: The secret that the verifier under test uses. Surrounding whitespace is removed.
    public init(secret: String) {
        key = MagicHour.WebhookVerifier.key(for: secret)
    }

    /// Returns the header fields of a request with a body.
    ///
    /// - Parameters:
    ///   - body: The raw bytes of the body.
    ///   - date: The time of the request. Defaults to the current time, and is rounded down to a whole second.
    public func headers(for body: Data, at date: Date = Date()) -> TransportHeaders {
        let seconds = date.timeIntervalSince1970.rounded(.down)
        let timestamp = Int64(exactly: seconds).map(String.init) ?? String(seconds)
        let signature = MagicHour.WebhookVerifier.signature(of: body, timestamp: timestamp, key: key)
        return [
            MagicHour.WebhookVerifier.signatureHeader: Self.hexadecimal(signature),
            MagicHour.WebhookVerifier.timestampHeader: timestamp,
        ]
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension WebhookSigner: CustomStringConvertible, CustomReflectable {
    /// The name of the type, without the secret.
    public var description: String { "WebhookSigner(hidden)" }
    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
