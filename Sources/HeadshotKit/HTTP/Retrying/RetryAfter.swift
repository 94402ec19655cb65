import Foundation

extension TransportResponse {
    /// How long the service asks to wait, from the header, as seconds or as a date, or from ModelsLab's body.
    func retryAfter(now: Date = Date()) -> Duration? {
        guard let value = headers["Retry-After"]?.trimmingCharacters(in: .whitespaces) else {
            return ServerErrorBody(self).retryAfter
        }
        if let seconds = Double(value) { return Duration(serverSeconds: seconds) }
        guard let date = Date(httpDate: value) ?? Date(iso8601: value) else { return nil }
        // Measured against the server's own clock if it shows it: ours may be wrong.
        let reference = headers["Date"].flatMap { Date(httpDate: $0) } ?? now
        return Duration(serverSeconds: max(0, date.timeIntervalSince(reference)))
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
struct ServerErrorBody {
    var message: String?
    var code: String?
    var retryAfter: Duration?
    /// Whether it is in the service's own form. What stands in front of the service answers with a page, or nothing.
    var isJSON = false

    private static let maximumBytes = 1 << 16

    /// Reads an error body: the first text of `message` (`messege` in older responses of ModelsLab), `error`, `detail`, `errors` that is not
    /// blank. Each may be a text, a list, or an object of field -> texts.
    init(_ response: TransportResponse) {
        let body = response.body
        let document: JSONDocument?
        // A page of a gateway helps nobody: its status says it all.
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

extension String {
    /// Whether there is nothing to read in it.
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
