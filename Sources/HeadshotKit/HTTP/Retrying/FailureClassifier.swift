import Foundation

/// The failure of a call.
struct Failure: Error {
    var error: HeadshotKitError
    /// Whether the same call may be sent again.
    var isRetryable: Bool
}

// All failures are classified here. `docs/money.md` explains the reasons.
extension APIClient {
    /// Returns the failure that a response represents, or `nil` if the response is a success.
    func classify(_ response: TransportResponse, of call: APICall) -> Failure? {
        guard !(200..<300).contains(response.status) else { return nil }
        let errorBody = ServerErrorBody(response)
        var error = HeadshotKitError(
            .serverError,
            "",
            operation: call.operation,
            status: response.status,
            serverCode: errorBody.code.map { key.redact($0, limit: 100) },
            serverMessage: errorBody.message.map { key.redact($0) },
            requestID: requestID(of: response),
            retryAfter: response.retryAfter(),
            job: call.job
        )
        var isRetryable = false
        var isUnconfirmed = false
        switch response.status {
        case 300..<400 where response.status != 303:
            error.code = .invalidConfiguration
            error.message =
                "\(serviceName) redirected \(call.operation) to another URL. The API key is not sent to other hosts. Check the base URL."
        case 401:
            error.code = .unauthorized
            error.message = "\(serviceName) refused the API key"
        case 402 where errorBody.isAboutPlan:
            error.code = .planRequired
            error.message = "The plan of the \(serviceName) account does not include \(call.operation)"
        case 402:
            error.code = .insufficientCredits
            error.message = "The \(serviceName) account has too few credits"
        case 403 where response.isOfGateway:
            error.code = .network
            error.message =
                "Something in front of \(serviceName), such as a firewall, refused the request for \(call.operation)"
        case 403:
            error.code = .planRequired
            error.message = "\(serviceName) does not allow this account to use \(call.operation) as requested"
        case 404:
            error.code = .notFound
            let subject = call.job.map { "job \($0.shownID), asked for at " } ?? ""
            error.message = "\(serviceName) does not know \(subject)\(displayURL(of: call))"
        case 408, 444, 460, 499:
            // A proxy may send these statuses after it passed the request on.
            error.message = "The connection to \(serviceName) was given up on the way"
            isUnconfirmed = call.retrySafety == .nonIdempotent
            isRetryable = true
        case 429:
            error.code = .rateLimited
            error.message = "\(serviceName) takes no more requests for the moment"
            isRetryable = true
        case 400..<500:
            error.code = .invalidRequest
            let reason = HeadshotKitError.rejection(withStatus: response.status).reason
            error.message = "\(serviceName) refused \(call.operation)\(reason)"
        case 503:
            // Without `Retry-After`, the status may come from a gateway whose connection broke after it passed the request on.
            error.message = "\(serviceName) is not available"
            isUnconfirmed = call.retrySafety == .nonIdempotent && error.retryAfter == nil
            isRetryable = true
        default:
            error.message = "\(serviceName) failed"
            isUnconfirmed = call.retrySafety == .nonIdempotent
            isRetryable = true
        }
        if error.code != .invalidConfiguration {
            error.message += " (\(response.status))" + Self.quote(error.serverMessage)
        }
        return isUnconfirmed ? unconfirmed(error, call) : Failure(error: error, isRetryable: isRetryable)
    }

    /// Returns the service's id of a request, with secrets removed.
    private func requestID(of response: TransportResponse) -> String? {
        (response.headers["x-request-id"] ?? response.headers["cf-ray"]).map { key.redact($0, limit: 100) }
    }

    /// Returns the failure that the lack of a response represents.
    func classify(_ failure: TransportError, of call: APICall) -> Failure {
        var error = HeadshotKitError(
            .network,
            "\(serviceName) could not be reached at \(baseURL.redactedOrigin) for \(call.operation): \(key.redact(failure.message))",
            operation: call.operation,
            job: call.job,
            underlyingError: failure
        )
        if call.retrySafety == .nonIdempotent, failure.mayHaveBeenReceived { return unconfirmed(error, call) }
        switch failure.kind {
        case .insecureURL:
            error.code = .invalidConfiguration
            error.message = failure.message
            return Failure(error: error, isRetryable: false)
        case .fileSystem:
            error.code = .fileSystem
            error.message = failure.message
            return Failure(error: error, isRetryable: false)
        case .unknown:
            return Failure(error: error, isRetryable: false)
        case .tlsFailure:
            // The server's certificate is unlikely to change within seconds.
            return Failure(error: error, isRetryable: false)
        default:
            return Failure(error: error, isRetryable: true)
        }
    }

    /// Returns the error for a successful response that cannot be read. A non-idempotent call may have been charged.
    func unreadable(_ response: TransportResponse, of call: APICall, because error: any Error) -> HeadshotKitError {
        // A response may contain megabytes of unrelated data, so only its beginning is used.
        let text = key.redact(String(decoding: response.body.prefix(8_000), as: UTF8.self))
        let reason = (error as? JSONReader.Malformed).map { " \($0)" } ?? ""
        let error = HeadshotKitError(
            .invalidResponse,
            "\(serviceName) answered \(call.operation) with \(text.isEmpty ? "nothing." : "something unreadable: \(text.asQuotation)\(reason)")",
            operation: call.operation,
            status: response.status,
            serverMessage: text,
            requestID: requestID(of: response),
            job: call.job,
            underlyingError: error
        )
        return call.retrySafety == .nonIdempotent ? unconfirmed(error, call).error : error
    }

    private func unconfirmed(_ error: HeadshotKitError, _ call: APICall) -> Failure {
        var error = error
        error.code = .submissionUnconfirmed
        error.message = "It is not known whether \(serviceName) took the \(call.operation) request. \(error.message)"
        return Failure(error: error, isRetryable: false)
    }

    private static func quote(_ text: String?) -> String {
        text.map { ": \($0.asQuotation)" } ?? "."
    }
}

extension ServerErrorBody {
    /// Whether a 402 concerns the plan instead of credits.
    fileprivate var isAboutPlan: Bool {
        if let code = code?.lowercased() { return code == "subscription_required" || code == "plan_upgrade_required" }
        let words = (message ?? "").lowercased()
        return !words.contains("credit") && (words.contains("subscription") || words.contains("upgrade"))
    }
}

extension TransportResponse {
    /// Whether a gateway rejected the request. The services' own responses are JSON or empty.
    fileprivate var isOfGateway: Bool {
        if headers["cf-mitigated"] != nil { return true }
        let text = String(decoding: body.prefix(1_000), as: UTF8.self)
        guard !text.isBlank else { return false }
        return !ServerErrorBody(self).isJSON || text.contains("\"cloudflare_error\"")
    }
}

extension String {
    /// The text in quotation marks, as the end of a sentence with a single period.
    var asQuotation: String {
        last.map { ".!?…".contains($0) } == true ? "“\(self)”" : "“\(self)”."
    }
}
