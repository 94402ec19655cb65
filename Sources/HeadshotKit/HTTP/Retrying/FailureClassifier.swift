/// The failure of a call.
struct Failure: Error {
    var error: HeadshotKitError
    /// Whether the same call may be sent again.
    var isRetryable: Bool
}

/// The classifier of failures, with one table each for API calls, uploads, and downloads. `docs/money.md` explains the reasons.
enum FailureClassifier {
    /// The meaning of a failed response.
    struct Meaning {
        let code: HeadshotKitError.Code
        var message: String
        /// The next step for a call without a job.
        var advice: String?
        /// The next step for a call about a job. `nil` if the job can be resumed.
        var jobAdvice: String?
        /// Whether the same call may be sent again.
        var isRetryable = false
        /// What the response proves about a request that may be charged.
        var submission: HeadshotKitError.Submission

        /// Creates a meaning with the advice for its code.
        init(
            _ code: HeadshotKitError.Code,
            _ message: String = "",
            isRetryable: Bool = false,
            submission: HeadshotKitError.Submission = .rejected
        ) {
            self.code = code
            self.message = message
            self.isRetryable = isRetryable
            self.submission = submission
            (advice, jobAdvice) = FailureClassifier.advice(for: code)
        }

        /// Returns the meaning with other advice.
        func advising(_ advice: String, job jobAdvice: String? = nil) -> Meaning {
            var meaning = self
            (meaning.advice, meaning.jobAdvice) = (advice, jobAdvice)
            return meaning
        }
    }

    private static func advice(for code: HeadshotKitError.Code) -> (advice: String?, jobAdvice: String?) {
        switch code {
        case .unauthorized:
            let advice = "Check that the API key or the closure's token is complete, current, and for this service."
            return (advice, advice)
        case .insufficientCredits: return ("Add credits to the account, then try again.", nil)
        case .planRequired:
            return (
                "The key is valid. Choose a model or size that the plan includes, or upgrade the plan.",
                "Upgrade the plan, then resume the job. You are not charged again."
            )
        case .notFound: return ("Check the id and the base URL.", "Check the id. The service deletes old jobs.")
        case .rateLimited: return ("Try again later.", nil)
        case .invalidRequest: return ("Change the value and try again.", nil)
        case .invalidResponse: return ("Try again. If the error persists, check the base URL.", nil)
        case .linkExpired: return ("Try again to request a new upload URL.", nil)
        case .serverError, .network: return ("Try again when the service is reachable.", nil)
        default: return (nil, nil)
        }
    }

    // MARK: API calls

    /// The meaning of a response to an API call.
    static func apiCall(_ response: APIResponse) -> Meaning {
        let (service, operation) = (response.service, response.operation)
        switch response.status {
        case 300..<400 where response.status != 303:
            return Meaning(
                .invalidConfiguration,
                "\(service) redirected \(operation) to another URL. The API key is not sent to other hosts. Check the base URL."
            )
        case 401:
            return Meaning(.unauthorized, "\(service) rejected the API key or token")
        case 402 where response.isAboutPlan:
            return Meaning(.planRequired, "The plan of the \(service) account does not include \(operation)")
        case 402:
            return Meaning(.insufficientCredits, "The \(service) account has too few credits")
        case 403 where response.isOfGateway:
            let message = "A firewall or proxy in front of \(service) rejected the request for \(operation)"
            let advice =
                "Try another network, without a VPN or proxy, or ask the service's support to allow the request."
            return Meaning(.network, message, submission: .notSent).advising(advice, job: advice)
        case 403:
            return Meaning(.planRequired, "\(service) does not allow this account to use \(operation) as requested")
        case 404:
            return Meaning(.notFound, "\(service) has no \(response.subject)")
        case 408, 444, 460, 499:
            // A proxy may send these statuses after it passed the request on.
            let submission = response.isCreate ? HeadshotKitError.Submission.unconfirmed : .notSent
            return Meaning(
                .serverError,
                "A proxy ended the request to \(service)",
                isRetryable: true,
                submission: submission
            )
        case 429:
            let meaning = Meaning(
                .rateLimited,
                "\(service) is limiting requests",
                isRetryable: true
            )
            return response.retryAfter.map { meaning.advising("Try again in \($0.wholeSeconds) s.") } ?? meaning
        case 400..<500:
            let (reason, advice) = rejection(withStatus: response.status)
            return Meaning(.invalidRequest, "\(service) rejected \(operation)\(reason)").advising(advice)
        case 503:
            // Without `Retry-After`, the status may come from a gateway whose connection broke after it passed the request on.
            let mayBeAccepted = response.isCreate && response.retryAfter == nil
            return Meaning(
                .serverError,
                "\(service) is not available",
                isRetryable: true,
                submission: mayBeAccepted ? .unconfirmed : .rejected
            )
        default:
            let submission = response.isCreate ? HeadshotKitError.Submission.unconfirmed : .notSent
            return Meaning(.serverError, "\(service) failed", isRetryable: true, submission: submission)
        }
    }

    /// The facts about a response that the table uses.
    struct APIResponse {
        let service: String
        let operation: String
        /// The job or resource that the call asks for, to follow "has no".
        let subject: String
        let status: Int
        let retryAfter: Duration?
        /// Whether the call may be charged, so that it must not be sent again if the service may have accepted it.
        let isCreate: Bool
        /// Whether the service's message concerns the plan instead of credits.
        let isAboutPlan: Bool
        /// Whether a gateway in front of the service sent the response.
        let isOfGateway: Bool
    }

    /// Returns the reason for a rejection with a status, to follow "rejected the request", and the advice for it.
    private static func rejection(withStatus status: Int) -> (reason: String, advice: String) {
        switch status {
        case 405, 406, 421, 426: (" at this URL", "Check the base URL.")
        case 409, 423, 425:
            (" because of a conflict with another request", "Wait for the other request, then try again.")
        case 410: (", which is no longer offered", "Look for a replacement in the service's documentation.")
        case 411, 413, 414, 431, 494:
            (" because the request is too large", "Use a smaller file or a shorter text, then try again.")
        case 415: (" because of a file's format", "Use a file of another format, such as PNG or JPEG.")
        case 451:
            (
                " for legal reasons, such as the region",
                "Ask the service's support whether the operation is available to you."
            )
        default: ("", "Change the value and try again.")
        }
    }

    /// The meaning of the lack of a response to an API call or an upload.
    ///
    /// - Parameter isCreate: Whether the call may be charged.
    static func noResponse(_ failure: TransportError, isCreate: Bool) -> Meaning {
        if isCreate, failure.mayHaveBeenReceived { return Meaning(.network, submission: .unconfirmed) }
        switch failure.kind {
        case .insecureURL: return Meaning(.invalidConfiguration, failure.message, submission: .notSent)
        case .fileSystem: return Meaning(.fileSystem, failure.message, submission: .notSent)
        // The cause of an unknown failure, and a server's certificate, are unlikely to change within seconds.
        case .unknown, .tlsFailure: return Meaning(.network, submission: .notSent)
        default: return Meaning(.network, isRetryable: true, submission: .notSent)
        }
    }

    // MARK: Uploads

    /// The meaning of a storage service's response to an upload.
    ///
    /// - Parameters:
    ///   - name: The service's error code in lowercase.
    ///   - text: The service's error code and message in lowercase.
    static func upload(status: Int, name: String, text: String) -> Meaning {
        switch status {
        case _ where name.contains("toolarge") || name == "maxmessagelengthexceeded" || status == 413:
            Meaning(.invalidMedia).advising("Use a smaller file.")
        case _ where text.contains("timetooskewed") || text.contains("not yet valid"):
            Meaning(.invalidConfiguration).advising("Set the clock of this machine, then try again.")
        case _ where name == "requesttimeout" || name == "slowdown" || name == "internalerror":
            Meaning(.serverError, isRetryable: true, submission: .notSent)
        case 429:
            Meaning(.rateLimited, isRetryable: true)
        case _ where [403, 404, 410].contains(status) || text.contains("expired"):
            Meaning(.linkExpired, submission: .notSent)
        case 408, 500...:
            Meaning(.serverError, isRetryable: true, submission: .notSent)
        default:
            Meaning(.invalidResponse, submission: .notSent)
        }
    }

    // MARK: Downloads

    /// The meaning of a host's response to a download that has no usable part of the file.
    static func download(status: Int, retryAfter: Duration?) -> RangedDownload.Problem {
        switch status {
        case 403, 404, 410: .linkExpired(status: status)
        case 408, 429, 500...: .transient(status: status, retryAfter: retryAfter)
        default: .rejected(status: status)
        }
    }
}

extension Duration {
    /// The duration in whole seconds, rounded up.
    fileprivate var wholeSeconds: Int { Int(exactly: seconds.rounded(.up)) ?? .max }
}
