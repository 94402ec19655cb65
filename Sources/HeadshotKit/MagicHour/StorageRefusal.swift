import Foundation

/// The response of a storage service that rejected an upload. S3-compatible services respond in XML, others in JSON.
struct StorageRefusal: Sendable {
    let status: Int
    let code: String?
    let message: String?
    let retryAfter: Duration?
    /// The unredacted error text, for matching only and never for display. Redaction could change the phrases to match.
    private let name: String
    private let words: String

    init(_ response: TransportResponse, _ key: APIKey) {
        status = response.status
        retryAfter = response.retryAfter()
        let errorBody = ServerErrorBody(response)
        let text = String(decoding: response.body.prefix(1 << 16), as: UTF8.self)
        let code = Self.element("Code", in: text) ?? errorBody.code
        let message = Self.element("Message", in: text) ?? errorBody.message
        name = code?.lowercased() ?? ""
        words = "\(name) \(message?.lowercased() ?? "")"
        self.code = code.map { key.redact($0) }
        self.message = message.map { key.redact($0) }
    }

    /// Returns the text of the first XML element with a name, or `nil` if there is none or its text is blank.
    private static func element(_ name: String, in xml: String) -> String? {
        guard let start = xml.range(of: "<\(name)>", options: .caseInsensitive),
            let end = xml.range(
                of: "</\(name)>",
                options: .caseInsensitive,
                range: start.upperBound..<xml.endIndex
            )
        else { return nil }
        var text = String(xml[start.upperBound..<end.lowerBound])
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
            text = text.replacingOccurrences(of: entity, with: character)
        }
        text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }

    func failure(of media: LocalMedia) -> Failure {
        let kind: HeadshotKitError.Code
        var advice = ""
        switch status {
        case _ where name.contains("toolarge") || name == "maxmessagelengthexceeded" || status == 413:
            kind = .invalidMedia
            advice = " Use a smaller file; nothing was charged."
        case _ where words.contains("timetooskewed") || words.contains("not yet valid"):
            kind = .invalidConfiguration
            advice = " Set this machine's clock, then run it again; nothing was charged."
        case _ where name == "requesttimeout" || name == "slowdown" || name == "internalerror": kind = .serverError
        case 429: kind = .rateLimited
        case 403, 404, 410: kind = .linkExpired
        case _ where words.contains("expired"): kind = .linkExpired
        case 408, 500...: kind = .serverError
        default: kind = .invalidResponse
        }
        let reason = [code, message].compactMap { $0 }.joined(separator: ": ")
        let quotation = reason.isEmpty ? "." : ": \(reason.asQuotation)"
        let error = HeadshotKitError(
            kind,
            "The storage of Magic Hour did not take \(media.source) (\(status))\(quotation)\(advice)",
            operation: "upload",
            status: status,
            serverCode: code,
            serverMessage: message,
            retryAfter: retryAfter
        )
        return Failure(error: error, isRetryable: kind == .rateLimited || kind == .serverError)
    }
}
