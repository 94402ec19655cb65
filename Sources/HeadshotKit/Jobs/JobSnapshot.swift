import Foundation

/// What one response says about a job.
struct JobSnapshot: Sendable {
    /// The response, from which the caller's type is decoded at the end.
    let response: TransportResponse
    let state: JobState
    /// The number of outputs of a complete job that the response leaves out.
    var missingOutputs = 0
    /// Whether the response is about another job. A cache between the service and the client may confuse two jobs.
    var isOfAnotherJob = false
}

/// The state of a job.
enum JobState: Sendable, Equatable {
    /// The job is not done yet. An unknown status also counts as pending.
    case pending(status: String, eta: Duration? = nil)
    case complete([JobOutput])
    case failed(code: String?, message: String?)
    case canceled
    case deleted

    /// Whether the job is not done yet.
    var isPending: Bool { if case .pending = self { true } else { false } }

    /// Whether the job ended without completing.
    var isFailure: Bool {
        switch self {
        case .failed, .canceled, .deleted: true
        case .pending, .complete: false
        }
    }
}

/// An output of a complete job.
struct JobOutput: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        /// The URL of the file.
        case link(URL)
        /// The URL of the file's content in base64.
        case base64Link(URL)
        /// The file's content in base64.
        case base64(String)
    }

    var content: Content
    /// The time at which the URL expires, or `nil` if it is unknown.
    var expiresAt: Timestamp?

    /// The URL from which the output is downloaded. `nil` if the response contains the output.
    var url: URL? {
        switch content {
        case .link(let url), .base64Link(let url): url
        case .base64: nil
        }
    }
}
