import Foundation

extension URL {
    /// A URL from a server's text. What may not stand in a URL is escaped; what is escaped already stays byte for byte, for a
    /// signature may have been made of it. `nil` if it is no http or https URL with a host.
    init?(serverText: String) {
        var text = serverText.filter { !["\t", "\n", "\r", "\r\n"].contains($0) }
        text = text.trimmingCharacters(in: .whitespacesAndNewlines.union(CharacterSet(charactersIn: "\u{feff}")))
        if text.hasPrefix("//") { text = "https:" + text }
        guard let colon = text.range(of: "://"), ["http", "https"].contains(text[..<colon.lowerBound].lowercased())
        else { return nil }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard !authority.isEmpty else { return nil }
        let address =
            text[..<colon.lowerBound].lowercased() + "://" + authority + Self.escaping(rest[authority.endIndex...])
        self.init(string: address)
        guard host?.isEmpty == false else { return nil }
    }

    /// A redirect's target, which may be relative.
    init?(serverText: String, relativeTo base: URL) {
        if let url = URL(serverText: serverText) {
            self = url
            return
        }
        let text = serverText.trimmingCharacters(in: .whitespacesAndNewlines)
        let path = text.prefix { !"/?#".contains($0) }
        guard !text.isEmpty, !path.contains(":"), !text.hasPrefix("//"),
            let url = URL(string: Self.escaping(text[...]), relativeTo: base)?.absoluteURL
        else { return nil }
        self = url
    }

    private static func escaping(_ text: Substring) -> String {
        let bytes = Array(text.utf8)
        var escaped = ""
        var hasFragment = false
        for (index, byte) in bytes.enumerated() {
            let character = Character(UnicodeScalar(byte))
            let isEscape =
                character == "%" && index + 2 < bytes.count
                && bytes[index + 1...index + 2].allSatisfy { Character(UnicodeScalar($0)).isHexDigit && $0 < 0x80 }
            let isSecondFragment = character == "#" && hasFragment
            if character == "#" { hasFragment = true }
            if isEscape || byte < 0x80 && allowed.contains(character) && !isSecondFragment {
                escaped.append(character)
            } else {
                escaped += "%" + String(byte >> 4, radix: 16, uppercase: true)
                escaped += String(byte & 15, radix: 16, uppercase: true)
            }
        }
        return escaped
    }

    private static let allowed = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#@!$&'()*+,;="
    )
}

extension KeyedDecodingContainer {
    /// A URL of a server's, which need not be well formed.
    func serverURL(_ key: Key) throws -> URL {
        let text = try decode(String.self, forKey: key)
        guard let url = URL(serverText: text) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "It is no URL.")
        }
        return url
    }
}
