import Foundation

extension URL {
    /// Creates a web URL from a server's text, byte for byte if possible.
    ///
    /// A link may be signed, and its existing escapes are part of the signature. Only characters that are not allowed in a URL are
    /// escaped. Surrounding whitespace is removed, `//host` becomes https, and the scheme is lowercased.
    ///
    /// - Returns: `nil` if the text is not an `https` or `http` URL with a host.
    init?(serverText: String) {
        let text = serverText.trimmingCharacters(in: Self.surroundings)
        let rest: Substring
        var scheme = "https"
        if text.hasPrefix("//") {
            rest = text.dropFirst(2)
        } else if let colon = text.range(of: "://") {
            scheme = text[..<colon.lowerBound].lowercased()
            rest = text[colon.upperBound...]
        } else {
            return nil
        }
        guard scheme == "https" || scheme == "http" else { return nil }
        let bytes = Array(rest.utf8)
        let authority = bytes.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        // A host is never escaped, because parsers disagree about a host with such characters.
        guard !authority.isEmpty, authority.allSatisfy({ $0 >= 0x80 || Self.isAllowed($0) || $0 == 0x5B || $0 == 0x5D })
        else { return nil }
        let escaped = Self.escaping(bytes[authority.endIndex...])
        guard let url = URL(string: "\(scheme)://\(String(decoding: authority, as: UTF8.self))\(escaped)"),
            let host = url.host, !host.isEmpty, url.absoluteString.hasSuffix(escaped)
        else { return nil }
        self = url
    }

    /// Creates the URL of a redirect, which may be relative to the requested URL.
    init?(serverText: String, relativeTo base: URL) {
        if let url = URL(serverText: serverText) {
            self = url
            return
        }
        let text = serverText.trimmingCharacters(in: Self.surroundings)
        let path = text.prefix { !"/?#".contains($0) }
        guard !text.isEmpty, !path.contains(":"), !text.hasPrefix("//"),
            let url = URL(string: Self.escaping(Array(text.utf8)[...]), relativeTo: base)?.absoluteURL
        else { return nil }
        self = url
    }

    /// The whitespace, control characters, and byte order mark that are removed around a URL.
    private static let surroundings = CharacterSet.whitespacesAndNewlines.union(.controlCharacters)
        .union(CharacterSet(charactersIn: "\u{FEFF}\u{200B}"))

    /// Escapes only the bytes that are not allowed after the host.
    private static func escaping(_ bytes: ArraySlice<UInt8>) -> String {
        let hash = UInt8(ascii: "#")
        var result = ""
        var isFragment = false
        for (index, byte) in zip(bytes.indices, bytes) {
            let isKept =
                switch byte {
                case UInt8(ascii: "%"): bytes[index...].dropFirst().prefix(2).filter(isHexDigit).count == 2
                case hash: !isFragment
                default: isAllowed(byte)
                }
            if byte == hash { isFragment = true }
            if isKept {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }

    /// Returns whether a byte may appear unescaped in a path or query. The caller must check a percent sign.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: allowedPunctuation.contains(byte)
        }
    }

    private static let allowedPunctuation = Set("-._~:/?@!$&'()*+,;=%".utf8)

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): true
        case UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }
}

extension KeyedDecodingContainer {
    /// Decodes a URL from a server's text, which need not be well formed.
    func serverURL(_ key: Key) throws -> URL {
        guard let url = text(key).flatMap({ URL(serverText: $0) }) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "There is no URL.")
        }
        return url
    }
}
