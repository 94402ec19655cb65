public import Foundation

/// The only error type of this package, apart from `CancellationError`, which is thrown unchanged if the calling task is canceled.
///
/// Switch over ``code`` to handle an error, and show ``errorDescription`` to users. The description states what happened, whether
/// anything was charged, and what to do next. Neither contains an API key or a signed URL.
public struct HeadshotKitError: Error, Sendable {
    /// The kind of an error. Future versions may add codes, so a `switch` needs a `default`.
    public struct Code: OpenEnum {
        /// The name of the code.
        public let rawValue: String
        /// Creates a code from its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No API key was set in code or in the environment, or the value cannot be an API key.
        public static let missingAPIKey: Code = "missingAPIKey"
        /// The service rejected the API key (401).
        public static let unauthorized: Code = "unauthorized"
        /// The account has too few credits (402). Nothing was charged if ``job`` is `nil`.
        public static let insufficientCredits: Code = "insufficientCredits"
        /// The account's plan does not include the requested model, size, or feature, or the API itself (402, 403). The key is valid.
        /// Nothing was charged if ``job`` is `nil`.
        public static let planRequired: Code = "planRequired"
        /// The service rejected the request's values (400, 422), or the values are known to be invalid and were not sent. Nothing was
        /// charged if ``job`` is `nil`.
        public static let invalidRequest: Code = "invalidRequest"
        /// The service does not know the job or the URL (404).
        public static let notFound: Code = "notFound"
        /// The service limited the rate of requests (429) until the retries ended. Nothing was charged if ``job`` is `nil`.
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
        /// Another worker is processing the job or has just delivered it.
        public static let jobInUse: Code = "jobInUse"
        /// A local file could not be written or read.
        public static let fileSystem: Code = "fileSystem"
        /// The configuration cannot work.
        ///
        /// The cause is a plain http URL, a URL that redirects, a job of another operation, an option that the operation does not
        /// support, or a missing ``ClientConfiguration/jobStore`` if the call requires one.
        public static let invalidConfiguration: Code = "invalidConfiguration"
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
    /// The job, or `nil` if none exists.
    ///
    /// Pass the job to `resume`. Pass a job from ``MagicHour/Projects/wait(_:deadline:polling:onEvent:)`` to that method again.
    public var job: JobHandle?
    /// The outputs that were saved before the error. Each file is complete.
    public var savedFiles: [URL]
    /// All validationIssues of the request, if they were found before the request was sent.
    public var validationIssues: [ValidationIssue]
    /// The error that caused this one, or `nil` if there is none.
    public var underlyingError: (any Error)?
    /// Whether the service may have accepted a create request although there is no ``job``.
    var mayHaveCreated = false

    /// Creates an error.
    public init(
        _ code: Code,
        _ message: String,
        operation: String? = nil,
        status: Int? = nil,
        serverCode: String? = nil,
        serverMessage: String? = nil,
        requestID: String? = nil,
        retryAfter: Duration? = nil,
        job: JobHandle? = nil,
        savedFiles: [URL] = [],
        validationIssues: [ValidationIssue] = [],
        underlyingError: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.operation = operation
        self.status = status
        self.serverCode = serverCode
        self.serverMessage = serverMessage
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.job = job
        self.savedFiles = savedFiles
        self.validationIssues = validationIssues
        self.underlyingError = underlyingError
    }
}

extension HeadshotKitError {
    /// The outcome of the request that creates a job, and whether the request was charged.
    public enum Submission: Hashable, Sendable {
        /// The job exists and was charged once. The code shows whether the job can be resumed, or has failed and is refunded.
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

    /// The outcome of a call that creates a job, and whether the call was charged.
    public var submission: Submission {
        if let job { return .accepted(job) }
        if code == .submissionUnconfirmed || mayHaveCreated { return .unconfirmed }
        return switch code {
        // These errors come from a step before the create request. A create request that fails this way is unconfirmed.
        case .invalidResponse, .linkExpired, .network: .notSent
        case .serverError where status != 503: .notSent
        default: status == nil ? .notSent : .rejected
        }
    }
}

extension HeadshotKitError: LocalizedError, CustomStringConvertible {
    /// A description of the failure and of the next step.
    public var errorDescription: String? { description }

    /// A description of the failure.
    public var failureReason: String? { message }

    /// The recommended next step.
    public var recoverySuggestion: String? {
        switch code {
        case .jobInUse: "Wait until the other worker finishes. You are not charged twice."
        // Precedes every case that says nothing was charged, because it applies to any code.
        case _ where submission == .unconfirmed:
            """
            The job may exist and may have been paid for, so the request was not sent again. Check the account's credits and library \
            before you run it again.
            """
        case .network where status == 403:
            """
            \(job == nil ? "Nothing was charged. " : "")Try another network, without a VPN or proxy, or ask the service's support to \
            allow the request.
            """
        case .planRequired where job == nil:
            "Nothing was charged. The key is valid. Choose a model or size that the plan includes, or upgrade the plan."
        case .planRequired: "Upgrade the plan, then resume the job. You are not charged twice."
        case .missingAPIKey, .invalidConfiguration, .invalidMedia: nil
        case .unauthorized: "Check that the API key is complete, current, and for this service."
        case .insufficientCredits where job == nil:
            "Nothing was charged. Add credits to the account, then run it again."
        case .invalidRequest where job == nil: "Nothing was charged. \(Self.rejection(withStatus: status).advice)"
        case .tooExpensive: "Nothing was charged. Raise or remove options.maximumCredits, or request less."
        case .multipleFacesDetected: "Nothing was charged. Use a photo of one person, or crop this one."
        case .noFaceDetected: "Nothing was charged. \(Self.advice(for: "no_source_face"))"
        case .notFound: job == nil ? "Check the id and the base URL." : "Check the id. The service deletes old jobs."
        case .rateLimited where job == nil:
            "Nothing was charged. Run it again \(retryAfter.map { "in \(Int(exactly: $0.seconds.rounded(.up)) ?? .max) s" } ?? "later")."
        case .jobFailed where job?.service == .modelsLab:
            "Check in the account whether the job was refunded, then create a new job."
        case .jobFailed: "Magic Hour refunds failed jobs. \(Self.advice(for: serverCode))"
        case .jobCanceled, .jobDeleted: "The job cannot be resumed. Create a new job."
        case .linkExpired where job == nil: "Nothing was charged. Run it again to request a new upload URL."
        case .linkExpired:
            "Download URLs expire after 24 hours. Resume the job to request new ones. If that fails, create a new job."
        case .deadlineExceeded where job == nil:
            "No job was created and nothing was charged. Run it again with a longer deadline."
        case .network where job == nil, .serverError where job == nil:
            "Nothing was charged. Run it again when the service is reachable."
        case .invalidResponse where job == nil:
            "Nothing was charged. Run it again. If the error persists, check the base URL."
        case _ where job?.isOfProject == true: "The project is not affected. Call wait again."
        case _ where job?.isUnnamed == true: nil
        case .fileSystem where job == nil: "Nothing was charged."
        case _ where job != nil: "The job is safe. Resume it; you are not charged twice."
        default: nil
        }
    }

    /// A description of the failure, the job, the files that are saved, and the next step.
    public var description: String {
        var lines = [message]
        if let job { lines.append("The job is \(job).") }
        if !savedFiles.isEmpty { lines.append("Saved already: \(savedFiles.map(\.path).joined(separator: ", ")).") }
        if let recoverySuggestion { lines.append(recoverySuggestion) }
        return lines.joined(separator: " ")
    }

    /// Returns the reason for a rejection with a status, to follow "refused the request", and the advice for it.
    static func rejection(withStatus status: Int?) -> (reason: String, advice: String) {
        switch status {
        case 405, 406, 421, 426: (" at this URL", "Check the base URL.")
        case 409, 423, 425:
            (
                " for the moment, because it conflicts with something else",
                "Wait for what it conflicts with, then run it again."
            )
        case 410: (", which is no longer offered", "See in the service's documentation what takes its place.")
        case 411, 413, 414, 431, 494: (" as too large", "Use a smaller file or a shorter text and run it again.")
        case 415: (" because of a file's format", "Use a file of another format, such as PNG or JPEG.")
        case 451:
            (" for legal reasons, such as the region", "The service is not offered here; ask its support.")
        default: ("", "Change the value and run it again.")
        }
    }

    private static func advice(for serverCode: String?) -> String {
        switch serverCode {
        case "no_source_face": "Use a photo in which one face is large, frontal and well lit."
        case "invalid_file_format": "Use a PNG, JPEG or WebP photo."
        case "file_too_large": "Use a smaller file."
        case "insufficient_credits": "Add credits to the account, then create a new job."
        case "invalid_parameters": "Change the request's values, then create a new job."
        case "content_policy_violation": "Use a photo and a prompt that the service's rules allow."
        case "text_too_long": "Use a shorter text."
        default: "Create a new job."
        }
    }
}
