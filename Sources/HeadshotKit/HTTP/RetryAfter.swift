import Foundation

extension TransportResponse {
    /// How long the service asks to wait, from the header, as seconds or as a date, or from ModelsLab's body.
    func retryAfter(now: Date = Date()) -> Duration? {
        guard let value = headers["Retry-After"]?.trimmingCharacters(in: .whitespaces) else {
            return ServerComplaint(self).retryAfter
        }
        if let seconds = Double(value) { return Duration(serverSeconds: seconds) }
        guard let date = Self.httpDate(value) else { return nil }
        // Measured against the server's own clock where it shows it: ours may be wrong.
        let reference = headers["Date"].flatMap(Self.httpDate) ?? now
        return Duration(serverSeconds: max(0, date.timeIntervalSince(reference)))
    }

    private static func httpDate(_ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: text)
    }
}

extension Duration {
    /// A number of seconds from a server, which may be anything: what is beyond a year is a year, and what is no length is nil.
    init?(serverSeconds: Double) {
        guard serverSeconds >= 0 else { return nil }
        self = .seconds(min(serverSeconds, 366 * 86_400))
    }
}

/// What a service says about a request that it did not carry out.
struct ServerComplaint {
    var message: String?
    var code: String?
    var retryAfter: Duration?

    /// Reads `message` (`messege` in older replies of ModelsLab), which may be a text or an object of field -> texts.
    init(_ response: TransportResponse) {
        guard let json = try? JSONDecoder().decode(JSONValue.self, from: response.body) else {
            // Not JSON: a gateway's page, or nothing. Its text helps nobody, and the status says it all.
            return
        }
        message = (json["message"] ?? json["messege"] ?? json["error"]?["message"] ?? json["error"])?.flattenedText
        code = (json["error"]?["code"] ?? json["code"])?.flattenedText
        retryAfter = json["retry_after"]?.number.flatMap { Duration(serverSeconds: $0) }
    }
}
