import Foundation

extension String {
    /// Whether the string contains only whitespace or is empty.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }

    /// Whether the string is a path that cannot change the host to which it is appended.
    var isURLPath: Bool { hasPrefix("/") && !hasPrefix("//") && !contains("\\") }
}

extension URL {
    /// The URL without its query, fragment, and credentials, which are secrets in a signed URL.
    var redacted: String {
        guard var components = URLComponents(url: self, resolvingAgainstBaseURL: false) else { return "(a URL)" }
        let hadQuery = components.query != nil
        components.query = nil
        components.fragment = nil
        components.user = nil
        components.password = nil
        return (components.string ?? "(a URL)") + (hadQuery ? "?…" : "")
    }
}
