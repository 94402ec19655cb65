import Foundation

/// The interface to a service that the workflow engine uses.
protocol JobBackend<Created, Project>: Sendable {
    /// The response to a create request.
    associatedtype Created: Sendable
    /// The response to a poll.
    associatedtype Project: Sendable

    var name: JobHandle.Service { get }
    /// The service's name in messages.
    var displayName: String { get }
    var configuration: ClientConfiguration { get }
    /// The transfer of outputs, which sends no API key.
    var transfer: KeylessTransfer { get }
    /// Whether another poll returns new URLs for outputs whose URLs have expired.
    var refreshesDownloadURLs: Bool { get }
    /// The semaphore for the account's queue. `nil` if the service does not limit the queue.
    var queue: AsyncSemaphore? { get }
    /// Whether the service can detect faces in a photo.
    var detectsFaces: Bool { get }

    /// Removes secrets from a server's text, and cuts the text at `limit` characters.
    func redact(_ text: String, limit: Int) -> String

    /// Uploads local files and returns their remote sources in the same order.
    func upload(
        _ media: [LocalMedia],
        in context: CallContext,
        onProgress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> [MediaSource]

    /// Creates a job from a request whose media are all remote. This call costs credits.
    func create<Request: Encodable & Sendable>(
        _ request: Request,
        at endpoint: Endpoint<Request>,
        in context: CallContext
    ) async throws -> (created: Created, job: JobHandle, project: Project?)

    /// Counts the faces in a remote photo.
    func countFaces(of photo: MediaSource, in context: CallContext) async throws -> Int

    /// Fetches a job's state once.
    func poll(_ job: JobHandle, in context: CallContext) async throws -> Project

    /// Returns whether a poll's response is about the job. A cache between the service and the client may confuse two jobs.
    func isProject(_ project: Project, of job: JobHandle) -> Bool

    /// Returns how many outputs of a complete job the response leaves out.
    func missingOutputs(of project: Project) -> Int

    /// Returns the job's state from the response to a poll. The rest of the response does not affect the wait.
    func state(of project: Project) -> JobState
}

extension JobBackend {
    func redact(_ text: String) -> String { redact(text, limit: 500) }
}

/// The state of a job.
enum JobState: Sendable, Equatable {
    /// The job is not done yet. An unknown status also counts as pending.
    case pending(status: String, eta: Duration? = nil)
    case complete([JobOutput])
    case failed(code: String?, message: String?)
    case canceled
    case deleted

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
}
