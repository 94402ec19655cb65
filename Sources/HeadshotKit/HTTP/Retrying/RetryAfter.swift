import Foundation

extension TransportResponse {
    /// Returns the delay that the service requests, or `nil` if there is none. The delay comes from the `Retry-After` header
    /// field, as seconds or a date, or from the body of a ModelsLab response.
    func retryAfter(now: Date = Date()) -> Duration? {
        guard let value = headers["Retry-After"]?.trimmingCharacters(in: .whitespaces) else {
            return ServerErrorBody(self).retryAfter
        }
        if let seconds = Double(value) { return Duration(serverSeconds: seconds) }
        guard let date = Date(httpDate: value) ?? Date(iso8601: value) else { return nil }
        // The local clock may be wrong, so the date is compared with the server's `Date` if it is present.
        let reference = headers["Date"].flatMap { Date(httpDate: $0) } ?? now
        return Duration(serverSeconds: max(0, date.timeIntervalSince(reference)))
    }
}

extension Duration {
    /// Creates a duration from a number of seconds that a server sent. The number is limited to 366 days. Returns `nil` if the
    /// number is negative or NaN.
    init?(serverSeconds: Double) {
        guard serverSeconds >= 0 else { return nil }
        self = .seconds(min(serverSeconds, 366 * 86_400))
    }
}

/// The error that a service reports for a request that it did not carry out.
struct ServerErrorBody {
    var message: String?
    var code: String?
    var retryAfter: Duration?
    /// Whether the body has the service's own JSON format. An intermediary in front of the service sends a web page or an empty
    /// body.
    var isJSON = false

    private static let maximumBytes = 1 << 16

    /// Creates an error body from a response. The message is the first nonblank text of `message` (`messege` in older ModelsLab
    /// responses), `error`, `detail`, `errors`, and `error_description`. Each may be a text, a list, or an object that maps
    /// fields to texts.
    init(_ response: TransportResponse) {
        let body = response.body
        let document: JSONDocument?
        // A gateway's web page adds nothing to its status.
        do { document = try JSONDocument(body, maximumBytes: Self.maximumBytes) } catch {
            document = JSONDocument(salvaging: body, maximumBytes: Self.maximumBytes)
        }
        guard let json = document?.value else { return }
        if case .string(let text) = json {
            message = text
            return
        }
        isJSON = true
        let error = json["error"]
        let candidates = [
            json["message"], json["messege"], error?["message"], error?["messege"], error, json["detail"],
            json["errors"], json["error_description"],
        ]
        message = candidates.lazy.compactMap { $0?.flattenedText }.first { !$0.isBlank }
        code = (error?["code"] ?? json["code"])?.flattenedText.flatMap { $0.isBlank ? nil : $0 }
        retryAfter = (json["retry_after"] ?? error?["retry_after"])?.number.flatMap { Duration(serverSeconds: $0) }
    }
}
