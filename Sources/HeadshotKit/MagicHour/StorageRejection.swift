import Foundation

/// The response of a storage service that rejected an upload. S3-compatible services respond in XML, others in JSON.
struct StorageRejection: Sendable {
    let status: Int
    let code: String?
    let message: String?
    let retryAfter: Duration?
    /// The unredacted error text, for matching only and never for display. Redaction could change the phrases to match.
    private let name: String
    private let text: String

    init(_ response: TransportResponse, _ key: APIKey) {
        status = response.status
        retryAfter = response.retryAfter()
        let errorBody = ServerErrorBody(response)
        let xml = String(decoding: response.body.prefix(1 << 16), as: UTF8.self)
        let code = Self.element("Code", in: xml) ?? errorBody.code
        let message = Self.element("Message", in: xml) ?? errorBody.message
        name = code?.lowercased() ?? ""
        text = "\(name) \(message?.lowercased() ?? "")"
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
        let meaning = FailureClassifier.upload(status: status, name: name, text: text)
        let reason = [code, message].compactMap { $0 }.joined(separator: ": ")
        let quotation = reason.isEmpty ? "." : ": \(reason.asQuotation)"
        let error = HeadshotKitError(
            meaning.code,
            "The storage of Magic Hour rejected \(media.name) (\(status))\(quotation)",
            advice: meaning.advice,
            operation: "upload",
            status: status,
            serverCode: code,
            serverMessage: message,
            retryAfter: retryAfter,
            submission: meaning.submission
        )
        return Failure(error: error, isRetryable: meaning.isRetryable)
    }
}
