import Foundation

/// A call that brought no success.
struct Failure: Error {
    var error: HeadshotKitError
    /// Whether the same call may be sent again.
    var mayBeRepeated: Bool
}

// The one place that decides which failure is which. `docs/money.md` tells why.
extension APIClient {
    /// What a reply means; nil where it is a success.
    func judge(_ response: TransportResponse, of call: APICall) -> Failure? {
        guard !(200..<300).contains(response.status) else { return nil }
        let complaint = ServerComplaint(response)
        var error = HeadshotKitError(
            .serverError,
            "",
            operation: call.operation,
            status: response.status,
            serverCode: complaint.code.map { key.redact($0) },
            serverMessage: complaint.message.map { key.redact($0) },
            requestID: response.headers["x-request-id"] ?? response.headers["cf-ray"],
            retryAfter: response.retryAfter(),
            job: call.job
        )
        var mayBeRepeated = false
        var isUnconfirmed = false
        switch response.status {
        case 300..<400 where response.status != 303:
            error.code = .invalidConfiguration
            error.message =
                "\(serviceName) sent \(call.operation) on to another address; the key goes to no other host. Check the base URL."
        case 401, 403:
            error.code = .unauthorized
            error.message = "\(serviceName) refused the API key"
        case 402:
            error.code = .insufficientCredits
            error.message = "The \(serviceName) account has too few credits"
        case 404:
            error.code = .notFound
            error.message = "\(serviceName) does not know \(call.job.map { "job \($0.id)" } ?? call.path)"
        case 429:
            error.code = .rateLimited
            error.message = "\(serviceName) takes no more requests for the moment"
            mayBeRepeated = true
        case 400..<500:
            error.code = .invalidRequest
            error.message = "\(serviceName) refused \(call.operation)"
        case 503:
            error.message = "\(serviceName) is not available"
            mayBeRepeated = true
        default:
            error.message = "\(serviceName) failed"
            isUnconfirmed = call.repetition == .costly
            mayBeRepeated = true
        }
        if error.code != .invalidConfiguration {
            error.message += " (\(response.status))" + Self.quote(error.serverMessage)
        }
        return isUnconfirmed ? unconfirmed(error, call) : Failure(error: error, mayBeRepeated: mayBeRepeated)
    }

    /// What the lack of a reply means.
    func judge(_ failure: TransportError, of call: APICall) -> Failure {
        var error = HeadshotKitError(
            .network,
            "\(serviceName) could not be reached for \(call.operation): \(failure.message)",
            operation: call.operation,
            job: call.job,
            underlyingError: failure
        )
        if call.repetition == .costly, failure.mayHaveBeenReceived { return unconfirmed(error, call) }
        switch failure.kind {
        case .insecure:
            error.code = .invalidConfiguration
            error.message = failure.message
            return Failure(error: error, mayBeRepeated: false)
        case .file:
            error.code = .file
            error.message = failure.message
            return Failure(error: error, mayBeRepeated: false)
        case .unknown:
            return Failure(error: error, mayBeRepeated: false)
        case .untrusted:
            // The same certificate will not become a better one within seconds.
            return Failure(error: error, mayBeRepeated: false)
        default:
            return Failure(error: error, mayBeRepeated: true)
        }
    }

    /// A reply of success that cannot be read: of a costly call, it may have been charged.
    func unreadable(_ response: TransportResponse, of call: APICall, because error: any Error) -> HeadshotKitError {
        // Only the beginning: a reply may be megabytes of something else.
        let text = key.redact(String(decoding: response.body.prefix(8_000), as: UTF8.self))
        let error = HeadshotKitError(
            .invalidReply,
            "\(serviceName) answered \(call.operation) with \(text.isEmpty ? "nothing." : "something unreadable: \(text.asQuotation)")",
            operation: call.operation,
            status: response.status,
            serverMessage: text,
            requestID: response.headers["x-request-id"] ?? response.headers["cf-ray"],
            job: call.job,
            underlyingError: error
        )
        return call.repetition == .costly ? unconfirmed(error, call).error : error
    }

    private func unconfirmed(_ error: HeadshotKitError, _ call: APICall) -> Failure {
        var error = error
        error.code = .creationUnconfirmed
        error.message = "It is not known whether \(serviceName) took the \(call.operation) request. \(error.message)"
        return Failure(error: error, mayBeRepeated: false)
    }

    private static func quote(_ text: String?) -> String {
        text.map { ": \($0.asQuotation)" } ?? "."
    }
}

extension String {
    /// Somebody's words as the end of a sentence: in quotation marks, with one full stop.
    var asQuotation: String {
        last.map { ".!?…".contains($0) } == true ? "“\(self)”" : "“\(self)”."
    }
}
