import Foundation
import HeadshotKit

/// The exit status of the process. Only this type maps errors to exit codes.
enum ExitStatus: Int32 {
    case done = 0
    case other = 1
    case usage = 2
    case key = 3
    case rateLimit = 4
    case notFound = 5
    case credits = 6
    case deadline = 7
    case jobFailed = 8
    case unconfirmed = 9
    case network = 10
    case incomplete = 11
    case interrupted = 130

    init(_ code: HeadshotKitError.Code) {
        self =
            switch code {
            case .invalidRequest, .invalidMedia, .invalidConfiguration, .noFaceDetected, .multipleFacesDetected: .usage
            case .missingAPIKey, .unauthorized, .invalidWebhook: .key
            case .rateLimited: .rateLimit
            case .notFound: .notFound
            case .insufficientCredits, .planRequired, .tooExpensive: .credits
            case .deadlineExceeded: .deadline
            case .jobFailed, .jobCanceled, .jobDeleted: .jobFailed
            case .submissionUnconfirmed: .unconfirmed
            case .network, .serverError: .network
            default: .other
            }
    }

    /// Ends the process with this status.
    func leave() -> Never { exit(rawValue) }

    /// The list of exit codes for `--help`. Lines longer than 80 characters would wrap.
    static let help = """
        EXIT CODES:
          0    success
          1    any other error, such as a directory that cannot be written
          2    invalid usage, an invalid photo or value, or a photo without a face
          3    the API key or webhook secret is missing or does not match
          4    too many requests; try again later
          5    the job or the URL was not found
          6    not enough credits, the plan is too small, or the cost exceeds --max-credits
          7    the deadline passed; a created job continues at the service
          8    the job failed, was canceled, or was deleted at the service
          9    a job may have been created and charged; check the account first
          10   the service could not be reached or failed
          11   headshot batch made some of the headshots, but not all
          130  interrupted
        """
}

/// An error of the tool itself rather than of the library.
struct ToolError: Error {
    let status: ExitStatus
    /// The error's code in the `--json` report.
    let code: String
    let message: String

    /// Whether results could not be written to standard output and were written to standard error instead.
    var isOfOutput: Bool { code == Self.outputCode }

    static let outputCode = "output"

    static func usage(_ message: String) -> ToolError {
        ToolError(status: .usage, code: "usage", message: message)
    }

    static func interrupted(_ message: String) -> ToolError {
        ToolError(status: .interrupted, code: "interrupted", message: message)
    }
}

/// An error with advice on what to type next, printed on separate lines.
struct AdvisedError: Error {
    let cause: any Error
    let advice: String
}

/// An error as reported to the user.
struct ErrorReport {
    let status: ExitStatus
    let code: String
    let message: String
    /// The command that the user can type next.
    let advice: String?

    init(_ given: any Error) {
        advice = (given as? AdvisedError)?.advice
        switch (given as? AdvisedError)?.cause ?? given {
        case var error as HeadshotKitError:
            if !error.validationIssues.isEmpty { error.message = OptionNames.message(of: error.validationIssues) }
            if error.code == .submissionUnconfirmed { error.advice = Self.unconfirmedAdvice }
            let hint = error.code == .missingAPIKey ? " To try the tool without a key, run: \(Program.name) demo" : ""
            (status, code) = (ExitStatus(error.code), error.code.rawValue)
            message = Self.inToolTerms(error.description) + hint
        case let error as ToolError:
            (status, code, message) = (error.status, error.code, error.message)
        case is CancellationError:
            (status, code, message) = (.interrupted, "interrupted", "Interrupted.")
        case let error:
            (status, code, message) = (.other, "other", error.localizedDescription)
        }
    }

    /// The library's own advice names methods that cannot be called from a terminal.
    private static let unconfirmedAdvice =
        "The job may exist and may have been charged. The request was not sent again."

    /// Replaces API names in the library's error text with the tool's options.
    private static func inToolTerms(_ text: String) -> String {
        text.replacingOccurrences(of: "options.maximumCredits", with: "--max-credits")
            .replacingOccurrences(of: ", or pass one to the initializer", with: "")
    }
}
