import Foundation
import HeadshotKit

/// What the process says when it ends: the one place that turns an error into a number.
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
    case interrupted = 130

    init(_ code: HeadshotKitError.Code) {
        self =
            switch code {
            case .invalidRequest, .invalidMedia, .invalidConfiguration: .usage
            case .missingAPIKey, .unauthorized: .key
            case .rateLimited: .rateLimit
            case .notFound: .notFound
            case .insufficientCredits: .credits
            case .deadlineExceeded: .deadline
            case .jobFailed, .jobCanceled, .jobDeleted: .jobFailed
            case .creationUnconfirmed: .unconfirmed
            case .network, .serverError: .network
            default: .other
            }
    }

    /// Ends the process.
    func leave() -> Never { exit(rawValue) }

    /// The list for `--help`; lines of more than 80 characters would be broken.
    static let help = """
        EXIT CODES:
          0    done
          1    anything else, such as a folder that cannot be written
          2    wrong usage, or a photo or value that cannot be used
          3    the API key is missing or was refused
          4    too many requests for the moment
          5    the service does not know the job or the address
          6    too few credits
          7    the deadline passed; a job that was created goes on
          8    the job failed, or was cancelled or deleted at the service
          9    a job may have been created and paid for: do not just run it again
          10   the service could not be reached, or failed
          130  interrupted
        """
}

/// An error of the tool itself, where the library has no say.
struct ToolError: Error {
    let status: ExitStatus
    /// The error's name in the report of `--json`.
    let code: String
    let message: String

    static func usage(_ message: String) -> ToolError {
        ToolError(status: .usage, code: "usage", message: message)
    }
}

/// Any error, as the user is told of it.
struct ErrorReport {
    let status: ExitStatus
    let code: String
    let message: String

    init(_ error: any Error) {
        switch error {
        case let error as HeadshotKitError:
            let hint = error.code == .missingAPIKey ? " To see it work without a key: headshot demo" : ""
            (status, code, message) = (ExitStatus(error.code), error.code.rawValue, error.description + hint)
        case let error as ToolError:
            (status, code, message) = (error.status, error.code, error.message)
        case is CancellationError:
            (status, code, message) = (.interrupted, "interrupted", "Interrupted.")
        default:
            (status, code, message) = (.other, "other", error.localizedDescription)
        }
    }
}
