import Foundation

extension URL {
    /// The scheme, host, and port.
    var redactedOrigin: String { "\(scheme ?? "https")://\(host ?? "")\(port.map { ":\($0)" } ?? "")" }

    /// Whether data sent to the URL cannot be read in transit.
    var isSecureOrLoopback: Bool {
        switch scheme?.lowercased() {
        case "https": return host?.isEmpty == false
        case "http": return isLoopback
        default: return false
        }
    }

    var isLoopback: Bool {
        guard let host = host?.lowercased() else { return false }
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return bytes.count == 4 && bytes[0] == 127 && !bytes.contains(nil)
    }
}

extension Duration {
    /// The duration in seconds.
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// Creates a duration from a number of seconds. The number is limited to a thousand years, and NaN counts as 0.
    init(clamping seconds: Double) {
        let limit = 1_000.0 * 366 * 86_400
        self = .seconds(seconds.isNaN ? 0 : min(max(seconds, -limit), limit))
    }

    /// The duration for display, such as `0.5 s`.
    package var inWords: String { "\(((seconds * 10).rounded() / 10).plainText) s" }
}

extension Double {
    /// The number as text, without a fraction if it is whole. The text does not depend on the user's locale.
    package var plainText: String { Int(exactly: self).map { "\($0)" } ?? "\(self)" }
}
