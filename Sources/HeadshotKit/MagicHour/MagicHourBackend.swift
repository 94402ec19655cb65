import Foundation

/// A type of Magic Hour project, such as an image or a video.
public protocol MagicHourProject: Decodable, Hashable, Sendable {
    /// The id of the project.
    var id: String? { get }
    /// The status of the project.
    var status: MagicHour.ProjectStatus { get }
    /// Whether the project still exists. `false` if it was deleted.
    var enabled: Bool? { get }
    /// The error, or `nil` if the project did not fail.
    var error: MagicHour.ProjectError? { get }
    /// The outputs, if the project is complete.
    var downloads: [MagicHour.Download] { get }
    /// The number of expected outputs that are missing from ``downloads``, or `nil` if none are missing.
    var missingDownloads: Int? { get }

    /// The middle component of the API path, such as `image-projects`.
    static var collection: String { get }
    /// The polling policy for projects of this kind.
    static var polling: PollingPolicy { get }
}

extension MagicHourProject {
    /// The number of missing outputs. Defaults to `nil`.
    public var missingDownloads: Int? { nil }
}

/// The job backend of Magic Hour.
struct MagicHourBackend<Project: MagicHourProject>: JobBackend {
    let api: APIClient
    let configuration: ClientConfiguration
    let name = JobHandle.Service.magicHour
    let refreshesDownloadURLs = true
    let queue: AsyncSemaphore? = nil
    let detectsFaces = true

    var displayName: String { api.serviceName }
    var transfer: KeylessTransfer { api.keyless }

    func redact(_ text: String, limit: Int) -> String { api.key.redact(text, limit: limit) }

    func upload(
        _ media: [LocalMedia],
        in context: CallContext,
        onProgress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> [MediaSource] {
        try await MagicHour.Files(api: api).upload(media, onRetry: context.onRetry, onProgress: onProgress)
    }

    func create<Request: Encodable & Sendable>(
        _ request: Request,
        at endpoint: Endpoint<Request>,
        in context: CallContext
    ) async throws -> (created: MagicHour.CreatedProject, job: JobHandle, project: Project?) {
        let created = try await RequestBody.with(request) { body in
            let call = endpoint.call(for: request, body, in: context)
            return try await api.send(call, as: MagicHour.CreatedProject.self)
        }
        let job = JobHandle(
            service: name,
            operation: endpoint.name,
            id: created.id,
            creditsCharged: created.creditsCharged
        )
        return (created, job, nil)
    }

    func countFaces(of photo: MediaSource, in context: CallContext) async throws -> Int {
        do {
            let detection = try await MagicHour(api: api, configuration: configuration).faceDetection.generate(
                .init(assets: .init(targetFilePath: photo)),
                options: GenerationOptions(downloadOutputs: false, deadline: .seconds(120)),
                events: EventReporter(nil, outer: context.onRetry)
            )
            return detection.project.faces.count
        } catch var error as HeadshotKitError {
            // Face detection is free and needs no recovery. The error reports only that the job was not started.
            error.job = nil
            if error.code == .jobFailed { error.code = .serverError }
            error.message = "Faces could not be looked for. \(error.message)"
            throw error
        }
    }

    func poll(_ job: JobHandle, in context: CallContext) async throws -> Project {
        let call = APICall(
            context: context,
            path: "/v1/\(Project.collection)/\(try job.id.asPathComponent(of: job.operation, job: job))",
            retrySafety: .callerManaged,
            timeout: .total(.seconds(30))
        )
        return try await api.send(call) { response in
            let project = try api.decode(Project.self, from: response, of: call)
            // A gateway's own error in the same format does not end a job.
            if project.id == nil, state(of: project).isFailure {
                throw api.unreadable(response, of: call, because: NoProject())
            }
            return project
        }
    }

    private struct NoProject: Error {}

    func isProject(_ project: Project, of job: JobHandle) -> Bool { project.id == nil || project.id == job.id }

    func missingOutputs(of project: Project) -> Int { max(0, project.missingDownloads ?? 0) }

    func state(of project: Project) -> JobState {
        if project.enabled == false { return .deleted }
        switch project.status {
        case .complete:
            return .complete(project.downloads.map { JobOutput(content: .link($0.url), expiresAt: $0.expiresAt) })
        case .error: return .failed(code: project.error?.code?.rawValue, message: project.error?.message)
        case .canceled: return .canceled
        default: return .pending(status: project.status.rawValue)
        }
    }
}
