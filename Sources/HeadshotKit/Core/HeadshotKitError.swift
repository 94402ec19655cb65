public import Foundation

/// The only error type of this package, apart from `CancellationError`, which is thrown unchanged if the calling task is canceled.
///
/// Switch over ``code`` to handle an error, and log ``description``. The texts are for developers and name options and methods of this
/// package. Write texts of your own for the codes that users can act on, such as ``Code/noFaceDetected``. No text contains an API key or a
/// signed URL.
public struct HeadshotKitError: Error, Sendable {
    /// The kind of an error. Future versions may add codes, so a `switch` needs a `default`.
    public struct Code: OpenEnum {
        /// The name of the code.
        public let rawValue: String
        /// Creates a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No API key was set in code or in the environment, or the value cannot be an API key.
        public static let missingAPIKey: Code = "missingAPIKey"
        /// The closure that returns tokens failed, so a request was not sent. See ``MagicHour/init(credential:baseURL:configuration:)``.
        public static let credentialUnavailable: Code = "credentialUnavailable"
        /// The service rejected the API key or the token (401).
        public static let unauthorized: Code = "unauthorized"
        /// The account has too few credits (402). See ``submission`` for what is known about the charge.
        public static let insufficientCredits: Code = "insufficientCredits"
        /// The account's plan does not include the requested model, size, or feature, or the API itself (402, 403). The key is valid.
        /// See ``submission`` for what is known about the charge.
        public static let planRequired: Code = "planRequired"
        /// The service rejected the request's values (400, 422), or the values are known to be invalid and were not sent. See
        /// ``submission`` for what is known about the charge.
        public static let invalidRequest: Code = "invalidRequest"
        /// The service does not know the job or the URL (404).
        public static let notFound: Code = "notFound"
        /// The service limited the rate of requests (429) until the retries ended. See ``submission`` for what is known about
        /// the charge.
        public static let rateLimited: Code = "rateLimited"
        /// The service failed (5xx).
        public static let serverError: Code = "serverError"
        /// The service sent a response that cannot be interpreted.
        public static let invalidResponse: Code = "invalidResponse"
        /// The service could not be reached, or the connection was lost.
        public static let network: Code = "network"
        /// The create request was sent, but no usable response arrived. A job may exist and may have been charged.
        public static let submissionUnconfirmed: Code = "submissionUnconfirmed"
        /// The deadline passed. The job, if there is one, continues at the service.
        public static let deadlineExceeded: Code = "deadlineExceeded"
        /// The service could not complete the job. Magic Hour refunds such jobs.
        public static let jobFailed: Code = "jobFailed"
        /// The job was canceled at the service.
        public static let jobCanceled: Code = "jobCanceled"
        /// The job was deleted at the service.
        public static let jobDeleted: Code = "jobDeleted"
        /// The download URL of a finished output no longer works and cannot be renewed, or an upload URL no longer works.
        public static let linkExpired: Code = "linkExpired"
        /// The request costs more than ``GenerationOptions/maximumCredits``, or its cost is unknown. Nothing was charged.
        public static let tooExpensive: Code = "tooExpensive"
        /// The photo contains no face, and ``GenerationOptions/faceCheck`` requires one. Nothing was charged.
        public static let noFaceDetected: Code = "noFaceDetected"
        /// The photo contains several faces, and ``GenerationOptions/FaceCheck/exactlyOne`` allows one. Nothing was charged.
        public static let multipleFacesDetected: Code = "multipleFacesDetected"
        /// A photo or recording cannot be used. It is missing, empty, unreadable, too large, or of the wrong kind.
        public static let invalidMedia: Code = "invalidMedia"
        /// Another process or task is working on the job, or has just delivered it.
        public static let jobInUse: Code = "jobInUse"
        /// A local file could not be written or read.
        public static let fileSystem: Code = "fileSystem"
        /// The job store could not be used. The error of the store is the ``HeadshotKitError/underlyingError``. ``FileJobStore`` throws
        /// ``fileSystem`` instead.
        public static let jobStore: Code = "jobStore"
        /// The configuration cannot work.
        ///
        /// The cause is a plain http URL, a URL that redirects, a job of another operation, an option that the operation does not
        /// support, or a missing ``ClientConfiguration/jobStore`` if the call requires one.
        public static let invalidConfiguration: Code = "invalidConfiguration"
        /// A webhook request cannot be trusted. Its signature or timestamp is missing, malformed, or wrong, its body is too large, or an
        /// unsigned body cannot be read.
        public static let invalidWebhook: Code = "invalidWebhook"
        /// The signature of a webhook request is valid, but its body cannot be read. Respond with a 2xx status, because the same body
        /// would arrive again.
        public static let unreadableWebhook: Code = "unreadableWebhook"
    }

    /// The kind of the error.
    public var code: Code
    /// A description of the failure, in a sentence.
    public var message: String
    /// The operation that failed, such as `ai-headshot-generator`.
    public var operation: String?
    /// The HTTP status of the response, or `nil` if there was no response.
    public var status: Int?
    /// The service's own error code, such as `no_source_face`.
    public var serverCode: String?
    /// The service's own error message, shortened and without secrets.
    public var serverMessage: String?
    /// The service's id of the request, for use with the service's support.
    public var requestID: String?
    /// The delay that the service requests before the next attempt.
    public var retryAfter: Duration?
    /// The outcome of the request that creates a job, and whether the request was charged.
    public var submission: Submission
    /// The next step, in the second person. `nil` if the code and ``submission`` say enough.
    public var advice: String?
    /// The cause if it is more specific than the code. See ``reason``.
    var cause: Code?
    /// Your own identifier for the job, from ``GenerationOptions/reference``. `nil` if the job has none, or if the error is not about a job
    /// of a ``ClientConfiguration/jobStore``.
    public var reference: String?
    /// The outputs that were saved before the error. Each file is complete.
    public var savedFiles: [URL]
    /// The issues of the request, if they were found before the request was sent.
    public var validationIssues: [ValidationIssue]
    /// The error that caused this one, or `nil` if there is none.
    public var underlyingError: (any Error)?

    /// Creates an error.
    ///
    /// The submission defaults to ``Submission/accepted(_:)`` if there is a job, and to ``Submission/notSent`` otherwise. Every other
    /// parameter has the meaning of its property.
    public init(
        _ code: Code,
        _ message: String,
        advice: String? = nil,
        operation: String? = nil,
        status: Int? = nil,
        serverCode: String? = nil,
        serverMessage: String? = nil,
        requestID: String? = nil,
        retryAfter: Duration? = nil,
        submission: Submission? = nil,
        job: JobHandle? = nil,
        savedFiles: [URL] = [],
        validationIssues: [ValidationIssue] = [],
        underlyingError: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.advice = advice
        self.operation = operation
        self.status = status
        self.serverCode = serverCode
        self.serverMessage = serverMessage
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.submission = submission ?? job.map { .accepted($0) } ?? .notSent
        self.savedFiles = savedFiles
        self.validationIssues = validationIssues
        self.underlyingError = underlyingError
    }
}

extension HeadshotKitError {
    /// The outcome of the request that creates a job, and whether the request was charged.
    public enum Submission: Equatable, Sendable {
        /// The job exists. It was charged once, unless the operation is free or the job failed and was refunded.
        case accepted(JobHandle)
        /// The service rejected the create request, or a step before it such as the upload, and gave a reason. Nothing was charged.
        /// The service will reject the same request again, unless the cause was temporary (``Code/rateLimited``, 503).
        case rejected
        /// No create request reached the service. An earlier step failed, or no connection was made. Nothing was charged, and it is
        /// safe to try again.
        case notSent
        /// The service may have accepted the request and charged for it. Sending the request again may be charged twice.
        case unconfirmed
    }

    /// The job, or `nil` if none is known to exist.
    ///
    /// Pass the job to `resume`. Pass a job from ``MagicHour/Projects/wait(_:deadline:polling:onEvent:)`` to that method again.
    public var job: JobHandle? {
        if case .accepted(let job) = submission { job } else { nil }
    }

    /// The cause of the failure, for the same check before and after a job is created.
    ///
    /// A photo without a face, for example, has the reason ``Code/noFaceDetected`` whether ``GenerationOptions/faceCheck`` or the job
    /// found that. If no other cause is known, the reason is ``code``.
    public var reason: Code { cause ?? code }
}

extension HeadshotKitError: LocalizedError, CustomStringConvertible, CustomDebugStringConvertible {
    /// A description of the failure and of the next step, for people.
    public var errorDescription: String? {
        [message, recoverySuggestion].compactMap { $0 }.joined(separator: " ")
    }

    /// A description of the failure.
    public var failureReason: String? { message }

    /// The charge, as far as it matters, and the recommended next step.
    public var recoverySuggestion: String? {
        switch submission {
        // A job without an id of the service cannot be resumed.
        case .accepted(let job) where job.isUnnamed: advice
        case .accepted: advice ?? "The job is not lost. Resume the job; you are not charged again."
        case .unconfirmed:
            advice
                ?? """
                The job may exist and may have been charged, so the request was not sent again. Check the account's credits and library \
                before you send the request again.
                """
        // Without an operation, such as for a webhook request, the call could not have been charged.
        case .rejected, .notSent: advice.map { operation == nil ? $0 : "Nothing was charged. \($0)" }
        }
    }

    /// A description of the failure, the job, the files that are saved, and the next step.
    public var description: String {
        var lines = [message]
        let namesJob = job.map { message.range(of: "job \($0.shownID)", options: .caseInsensitive) != nil } ?? true
        if let job, !namesJob { lines.append("The job is \(job).") }
        if !savedFiles.isEmpty { lines.append("Saved already: \(savedFiles.map(\.path).joined(separator: ", ")).") }
        if let recoverySuggestion { lines.append(recoverySuggestion) }
        return lines.joined(separator: " ")
    }

    /// The description and the details for a developer: the code, the operation, the outcome, and what the service sent.
    public var debugDescription: String {
        let details: [(String, Any?)] = [
            ("operation", operation), ("submission", submission), ("status", status), ("server code", serverCode),
            ("server message", serverMessage), ("request id", requestID), ("retry after", retryAfter),
        ]
        let list = details.compactMap { name, value in value.map { "\(name): \($0)" } }.joined(separator: ", ")
        return "\(code) (\(list)): \(description)"
    }
}
