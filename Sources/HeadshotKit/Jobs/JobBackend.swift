import Foundation

/// What differs between the services, for the engine.
protocol JobBackend<Created, Project>: Sendable {
    /// The response to a create request.
    associatedtype Created: Sendable
    /// The response to a poll.
    associatedtype Project: Sendable

    var name: JobHandle.Service { get }
    var api: APIClient { get set }
    /// Whether another poll makes new links for outputs whose links have expired.
    var refreshesDownloadURLs: Bool { get }

    /// Makes local files reachable for the service, in their order.
    func upload(_ media: [LocalMedia], onProgress: @escaping @Sendable (TransferProgress) -> Void) async throws
        -> [MediaSource]

    /// Sends a request whose media are all remote. This is the call that costs money.
    ///
    /// - Parameter deadline: When it is too late to send it once more, after the service has refused it for the moment.
    func create<Request: Encodable & Sendable>(
        _ request: Request,
        at endpoint: Endpoint<Request>,
        until deadline: Deadline?
    ) async throws -> (created: Created, job: JobHandle, project: Project?)

    /// The places in the account's queue, where the service limits them.
    var queue: AsyncSemaphore? { get }
    /// Whether the service can tell faces in a photo.
    var detectsFaces: Bool { get }

    /// How many faces a photo shows.
    func countFaces(in photo: MediaSource) async throws -> Int

    /// Asks once for a job's state.
    func poll(_ job: JobHandle) async throws -> Project

    /// How many outputs of a complete job there should be besides those that it names.
    func missingOutputs(of project: Project) -> Int

    /// What a response to a poll says about the job: the one place where it is decided what ends a wait.
    func state(of project: Project) -> JobState
}

/// How a job stands.
enum JobState: Sendable, Equatable {
    /// Not done: also what is said of a status that nobody here has heard of.
    case pending(status: String, eta: Duration? = nil)
    case complete([JobOutput])
    case failed(code: String?, message: String?)
    case canceled
    case deleted

    /// Whether nothing more will come of it.
    var isFailure: Bool {
        switch self {
        case .failed, .canceled, .deleted: true
        case .pending, .complete: false
        }
    }
}

/// A finished output.
struct JobOutput: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        /// A link to the file.
        case link(URL)
        /// A link to the file's content in base64.
        case base64Link(URL)
        /// The file itself, in base64.
        case base64(String)
    }

    var content: Content
}
