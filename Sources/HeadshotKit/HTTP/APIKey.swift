import Foundation

/// A service's key, which shows itself nowhere but in the request that needs it.
struct APIKey: Sendable, CustomStringConvertible, CustomReflectable {
    let secret: String

    /// The key that was given, or the one in the environment.
    init(_ key: String?, environment variable: String, service: String) throws {
        let value = (key ?? ProcessInfo.processInfo.environment[variable] ?? "")
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !value.isEmpty else {
            throw HeadshotKitError(
                .missingAPIKey,
                "There is no API key for \(service): set \(variable), or pass one to the initializer."
            )
        }
        // A key with a line break in it would end the header it stands in.
        guard value.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value < 0x7f }) else {
            throw HeadshotKitError(
                .missingAPIKey,
                "The API key for \(service) holds a space or a character that no key has: copy it again, whole and alone."
            )
        }
        secret = value
    }

    var description: String { "APIKey(hidden)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// A text from elsewhere, bounded, and free of the key and of signed addresses.
    func redact(_ text: String, limit: Int = 500) -> String {
        // A response may be megabytes; and what a cut leaves of a key at its end would not be recognised as one.
        let isCut = text.utf8.count > Self.longestRedaction
        var text = isCut ? String(text.prefix(Self.longestRedaction).dropLast(secret.count)) : text
        // A key with a slash in it may stand escaped in JSON.
        for form in [secret, secret.replacingOccurrences(of: "/", with: "\\/")] {
            text = text.replacingOccurrences(of: form, with: "(key)")
        }
        // The path too: some links are secrets without any signature.
        text = text.replacing(#/(?<host>https?:\\?\/\\?\/[^\s"'<>?\/\\]*)[^\s"'<>]*/#) { "\($0.output.host)/…" }
        return text.count > limit || isCut ? text.prefix(limit) + "…" : text
    }

    private static let longestRedaction = 4_000
}
