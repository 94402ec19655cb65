public import Foundation

/// The one error of this package, apart from `CancellationError`, which is thrown as it is when the calling task is cancelled.
///
/// Switch over ``code``; show ``errorDescription`` to people: it says what happened, what is known about the money, and what to
/// do next. Neither holds an API key or a signed address.
public struct HeadshotKitError: Error, Sendable {
    /// What kind of error it is. More may be added, so a `switch` needs a `default`.
    public struct Code: OpenEnum {
        /// The code's name.
        public let rawValue: String
        /// A code by its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// No API key was given, in code or in the environment, or one that cannot be a key.
        public static let missingAPIKey: Code = "missingAPIKey"
        /// The service refused the API key (401).
        public static let unauthorized: Code = "unauthorized"
        /// The account has too few credits (402). Without a ``job``, nothing was charged.
        public static let insufficientCredits: Code = "insufficientCredits"
        /// The account's plan does not include what was asked for: a model, a size, a feature, or the API itself (402, 403). The key is good.
        /// Without a ``job``, nothing was charged.
        public static let planRequired: Code = "planRequired"
        /// The service refused the request's values (400, 422), or they are known to be wrong and were not sent. Without a ``job``,
        /// nothing was charged.
        public static let invalidRequest: Code = "invalidRequest"
        /// The service does not know the job or the address (404).
        public static let notFound: Code = "notFound"
        /// Too many requests (429), for longer than retries went on. Without a ``job``, nothing was charged.
        public static let rateLimited: Code = "rateLimited"
        /// The service failed (5xx).
        public static let serverError: Code = "serverError"
        /// The service's response makes no sense.
        public static let invalidResponse: Code = "invalidResponse"
        /// The service could not be reached, or the connection broke.
        public static let network: Code = "network"
        /// The create request was sent, and no usable response came: a job may exist and may have been paid for.
        public static let submissionUnconfirmed: Code = "submissionUnconfirmed"
        /// The deadline passed. The job, if there is one, goes on at the service.
        public static let deadlineExceeded: Code = "deadlineExceeded"
        /// The service could not do the job. Magic Hour refunds such jobs.
        public static let jobFailed: Code = "jobFailed"
        /// The job was cancelled at the service.
        public static let jobCanceled: Code = "jobCanceled"
        /// The job was deleted at the service.
        public static let jobDeleted: Code = "jobDeleted"
        /// The link of a finished output no longer works and cannot be made anew, or an address for an upload does not.
        public static let linkExpired: Code = "linkExpired"
        /// The request costs more than ``GenerationOptions/maximumCredits``, or nobody knows how much. Nothing was charged.
        public static let tooExpensive: Code = "tooExpensive"
        /// No face was found in the photo, and ``GenerationOptions/faceCheck`` asked for one. Nothing was charged.
        public static let noFaceDetected: Code = "noFaceDetected"
        /// Several faces were found in the photo, and ``GenerationOptions/FaceCheck/exactlyOne`` allows one. Nothing was charged.
        public static let multipleFacesDetected: Code = "multipleFacesDetected"
        /// A photo or recording cannot be used: it is missing, empty, unreadable, too large, or not what it should be.
        public static let invalidMedia: Code = "invalidMedia"
        /// Another worker has the job in hand, or has delivered it just now.
        public static let jobInUse: Code = "jobInUse"
        /// A local file could not be written, or not be read.
        public static let fileSystem: Code = "fileSystem"
        /// Something was set up that cannot work: a plain http address or one that redirects, a job of another operation, an option that
        /// the operation cannot keep, no ``ClientConfiguration/jobStore`` where one is needed.
        public static let invalidConfiguration: Code = "invalidConfiguration"
    }

    /// What kind of error it is.
    public var code: Code
    /// What happened, in a sentence.
    public var message: String
    /// What was being done, such as `ai-headshot-generator`.
    public var operation: String?
    /// The HTTP status, where a response came.
    public var status: Int?
    /// The service's own code, such as `no_source_face`.
    public var serverCode: String?
    /// The service's own words, shortened and freed of secrets.
    public var serverMessage: String?
    /// The service's id of the request, for its support.
    public var requestID: String?
    /// How long the service asks to wait before trying again.
    public var retryAfter: Duration?
    /// The job, where one exists: hand it to `resume`, or one of ``MagicHour/Projects/wait(_:deadline:polling:onEvent:)`` to that again.
    public var job: JobHandle?
    /// The outputs that were saved before the error, as complete files.
    public var savedFiles: [URL]
    /// All that is wrong with a request, where it was found out before sending it.
    public var problems: [ValidationIssue]
    /// The cause, where it is another error.
    public var underlyingError: (any Error)?
    /// Whether it is about a create that may have been taken, although there is no ``job``.
    var mayHaveCreated = false

    /// An error.
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
        problems: [ValidationIssue] = [],
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
        self.problems = problems
        self.underlyingError = underlyingError
    }
}

extension HeadshotKitError {
    /// What is known about the money: what became of the request that creates a job.
    public enum Submission: Hashable, Sendable {
        /// The job exists, and was paid for once. The code says whether it can still be resumed, or has failed and is refunded.
        case accepted(JobHandle)
        /// The service refused, and says why: the create, or a step before it, such as the upload. Nothing was charged; the same
        /// request will be refused again, unless it was a matter of time (``Code/rateLimited``, 503).
        case rejected
        /// No create has reached the service: something came before it, or no connection was made. Nothing was charged, and it is
        /// safe to try again.
        case notSent
        /// The service may have taken the request and charged for it. To send it again may pay twice.
        case unconfirmed
    }

    /// What is known about the money, after a call that creates a job.
    public var submission: Submission {
        if let job { return .accepted(job) }
        if code == .submissionUnconfirmed || mayHaveCreated { return .unconfirmed }
        return switch code {
        // None of these is a refusal of the create, which would be unconfirmed then: they befell a step before it.
        case .invalidResponse, .linkExpired, .network: .notSent
        case .serverError where status != 503: .notSent
        default: status == nil ? .notSent : .rejected
        }
    }
}

extension HeadshotKitError: LocalizedError, CustomStringConvertible {
    /// What happened and what to do next.
    public var errorDescription: String? { description }

    /// What happened.
    public var failureReason: String? { message }

    /// What to do next.
    public var recoverySuggestion: String? {
        switch code {
        case .jobInUse: "Wait for the other to finish; nothing is paid twice."
        // Before all that says that nothing was charged, whatever the code.
        case _ where submission == .unconfirmed:
            """
            The job may exist and may have been paid for, so it was not sent again. Look at the account's credits or its library \
            before you run it again.
            """
        case .network where status == 403:
            """
            \(job == nil ? "Nothing was charged. " : "")Try from another network, without a VPN or proxy, or ask the service's support \
            to let the request pass.
            """
        case .planRequired where job == nil:
            "Nothing was charged. The key is good: choose what the plan includes, or upgrade the plan."
        case .planRequired: "Upgrade the plan; the job is safe: resume it then, and nothing is paid twice."
        case .missingAPIKey, .invalidConfiguration, .invalidMedia: nil
        case .unauthorized: "Check that the API key is whole, current, and meant for this service."
        case .insufficientCredits where job == nil:
            "Nothing was charged. Add credits to the account, then run it again."
        case .invalidRequest where job == nil: "Nothing was charged. \(Self.refusal(withStatus: status).advice)"
        case .tooExpensive: "Nothing was charged. Raise options.maximumCredits or leave it off, or ask for less."
        case .multipleFacesDetected: "Nothing was charged. Use a photo of one person, or crop this one."
        case .noFaceDetected: "Nothing was charged. \(Self.advice(for: "no_source_face"))"
        case .notFound: job == nil ? "Check the id and the base URL." : "Check the id; the service deletes old jobs."
        case .rateLimited where job == nil:
            "Nothing was charged. Run it again \(retryAfter.map { "in \(Int(exactly: $0.seconds.rounded(.up)) ?? .max) s" } ?? "later")."
        case .jobFailed where job?.service == .modelsLab:
            "See in the account whether it was refunded; then create a new job."
        case .jobFailed: "Magic Hour refunds failed jobs. \(Self.advice(for: serverCode))"
        case .jobCanceled, .jobDeleted: "Nothing more will come of it; create a new job."
        case .linkExpired where job == nil: "Nothing was charged. Run it again; it asks for a new address."
        case .linkExpired:
            "Links live for 24 hours. Resume the job to try once more; when that fails, create a new one."
        case .deadlineExceeded where job == nil:
            "No job was created and nothing was charged. Run it again, with more time."
        case .network where job == nil, .serverError where job == nil:
            "Nothing was charged. Run it again when the service can be reached."
        case .invalidResponse where job == nil:
            "Nothing was charged. Run it again; if it comes again, check the base URL."
        case _ where job?.isOfProject == true: "The project is left as it is: wait for it again."
        case _ where job?.isUnnamed == true: nil
        case .fileSystem where job == nil: "Nothing was charged."
        case _ where job != nil: "The job is safe: resume it, and nothing is paid twice."
        default: nil
        }
    }

    /// What happened, the job and the files that are safe, and what to do next.
    public var description: String {
        var lines = [message]
        if let job { lines.append("The job is \(job).") }
        if !savedFiles.isEmpty { lines.append("Saved already: \(savedFiles.map(\.path).joined(separator: ", ")).") }
        if let recoverySuggestion { lines.append(recoverySuggestion) }
        return lines.joined(separator: " ")
    }

    /// What a service means by refusing with a status, behind "refused the request", and what to do about it.
    static func refusal(withStatus status: Int?) -> (reason: String, advice: String) {
        switch status {
        case 405, 406, 421, 426: (" at this address", "Check the base URL.")
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
