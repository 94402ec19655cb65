import Foundation

/// A service's API key, which appears only in the requests that need it.
struct APIKey: Sendable, CustomStringConvertible, CustomReflectable {
    let secret: String

    /// Creates a key from a string or, if the string is `nil`, from an environment variable.
    init(_ key: String?, environment variable: String, service: String) throws {
        let text = key ?? ProcessInfo.processInfo.environment[variable] ?? ""
        guard !text.isBlank else {
            throw HeadshotKitError(
                .missingAPIKey,
                "There is no API key for \(service): set \(variable), or pass one to the initializer."
            )
        }
        guard let key = APIKey(validating: text) else {
            throw HeadshotKitError(
                .missingAPIKey,
                "The API key for \(service) contains a space or an invalid character. Copy the whole key again, and nothing else."
            )
        }
        self = key
    }

    /// Creates a key, or returns `nil` if the text cannot be one. Surrounding whitespace is removed.
    init?(validating text: String) {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        // A line break in the key would end the header field that contains it.
        let isValid = text.unicodeScalars.allSatisfy { $0.isASCII && $0.value > 0x20 && $0.value < 0x7f }
        guard !text.isEmpty, isValid else { return nil }
        secret = text
    }

    private init() { secret = "" }

    /// The key before the first token arrives.
    static let none = APIKey()

    var description: String { "APIKey(hidden)" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// Returns external text with a limited length and without the key and signed URLs.
    func redact(_ text: String, limit: Int = 500) -> String {
        // A response may be megabytes. The cut also removes a partial key at its end, which would not be recognized.
        let isCut = text.utf8.count > Self.longestRedaction
        var text = isCut ? String(text.prefix(Self.longestRedaction).dropLast(secret.count)) : text
        // JSON may escape a slash in the key.
        for form in secret.isEmpty ? [] : [secret, secret.replacingOccurrences(of: "/", with: "\\/")] {
            text = text.replacingOccurrences(of: form, with: "(key)")
        }
        // The path is also removed, because some URLs are secret even without a signature.
        if text.contains("http") {
            text = text.replacing(#/(?<host>https?:\\?\/\\?\/[^\s"'<>?\/\\]*)[^\s"'<>]*/#) { "\($0.output.host)/…" }
        }
        return text.count > limit || isCut ? text.prefix(limit) + "…" : text
    }

    private static let longestRedaction = 4_000
}
