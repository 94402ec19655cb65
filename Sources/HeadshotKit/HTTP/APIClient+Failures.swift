import Foundation

extension APIClient {
    /// Returns the failure that a response represents, or `nil` if the response is a success.
    func classify(_ response: TransportResponse, of call: APICall) -> Failure? {
        guard !(200..<300).contains(response.status) else { return nil }
        let body = ServerErrorBody(response)
        let retryAfter = response.retryAfter()
        let meaning = FailureClassifier.apiCall(
            .init(
                service: serviceName,
                operation: call.operation,
                subject: (call.job.map { "job \($0.shownID) at " } ?? "resource at ") + displayURL(of: call),
                status: response.status,
                retryAfter: retryAfter,
                isCreate: call.retrySafety == .nonIdempotent,
                isAboutPlan: body.isAboutPlan,
                isOfGateway: response.isOfGateway
            )
        )
        var error = error(meaning, of: call)
        error.status = response.status
        error.serverCode = body.code.map { key.redact($0, limit: 100) }
        error.serverMessage = body.message.map { key.redact($0) }
        error.requestID = requestID(of: response)
        error.retryAfter = retryAfter
        if error.code != .invalidConfiguration {
            error.message += " (\(response.status))" + (error.serverMessage.map { ": \($0.asQuotation)" } ?? ".")
        }
        return failure(meaning, error, of: call)
    }

    /// Returns the failure that the lack of a response represents.
    func classify(_ failure: TransportError, of call: APICall) -> Failure {
        var meaning = FailureClassifier.noResponse(failure, isCreate: call.retrySafety == .nonIdempotent)
        if meaning.message.isEmpty {
            meaning.message =
                "\(serviceName) could not be reached at \(baseURL.redactedOrigin) for \(call.operation): \(key.redact(failure.message))"
        }
        var error = error(meaning, of: call)
        error.underlyingError = failure
        return self.failure(meaning, error, of: call)
    }

    /// Returns the error for a successful response that cannot be read. A non-idempotent call may have been charged.
    func unreadable(_ response: TransportResponse, of call: APICall, because cause: any Error) -> HeadshotKitError {
        // A response may contain megabytes of unrelated data, so only its beginning is used.
        let text = key.redact(String(decoding: response.body.prefix(8_000), as: UTF8.self))
        let reason = (cause as? JSONReader.Malformed).map { " \($0)" } ?? ""
        let problem = text.isEmpty ? "is empty." : "cannot be read: \(text.asQuotation)\(reason)"
        let meaning = FailureClassifier.Meaning(
            .invalidResponse,
            "The response of \(serviceName) to \(call.operation) \(problem)",
            submission: call.retrySafety == .nonIdempotent ? .unconfirmed : .notSent
        )
        var error = error(meaning, of: call)
        error.status = response.status
        error.serverMessage = text
        error.requestID = requestID(of: response)
        error.underlyingError = cause
        return failure(meaning, error, of: call).error
    }

    /// Returns the error for a failure, without the details of a response.
    func error(_ meaning: FailureClassifier.Meaning, of call: APICall) -> HeadshotKitError {
        HeadshotKitError(
            meaning.code,
            meaning.message,
            advice: call.job == nil ? meaning.advice : meaning.jobAdvice,
            operation: call.operation,
            submission: call.job.map { .accepted($0) } ?? meaning.submission
        )
    }

    private func failure(
        _ meaning: FailureClassifier.Meaning,
        _ error: HeadshotKitError,
        of call: APICall
    ) -> Failure {
        guard error.submission == .unconfirmed else {
            let isRetryable = meaning.isRetryable && call.retrySafety != .callerManaged
            return Failure(error: error, isRetryable: isRetryable)
        }
        var error = error
        error.code = .submissionUnconfirmed
        error.message =
            "\(serviceName) may have accepted the \(call.operation) request, but the id of the job is unknown. \(error.message)"
        error.advice = nil
        return Failure(error: error, isRetryable: false)
    }

    /// Returns the service's id of a request, with secrets removed.
    private func requestID(of response: TransportResponse) -> String? {
        (response.headers["x-request-id"] ?? response.headers["cf-ray"]).map { key.redact($0, limit: 100) }
    }
}

extension ServerErrorBody {
    /// Whether a 402 concerns the plan instead of credits.
    fileprivate var isAboutPlan: Bool {
        if let code = code?.lowercased() { return code == "subscription_required" || code == "plan_upgrade_required" }
        let text = (message ?? "").lowercased()
        return !text.contains("credit") && (text.contains("subscription") || text.contains("upgrade"))
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
