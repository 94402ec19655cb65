import Foundation

/// A type of Magic Hour project, such as an image or a video.
public protocol MagicHourProject: Decodable, Equatable, Sendable {
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
struct MagicHourBackend: JobBackend {
    let api: APIClient
    let configuration: ClientConfiguration
    let name = JobHandle.Service.magicHour
    let refreshesDownloadURLs = true
    let queue: AsyncSemaphore? = nil
    let correlation = GenerationOptions.Correlation.name

    var displayName: String { api.serviceName }
    var transfer: KeylessTransfer { api.keyless }

    func createPath(of operation: String) -> String { "/v1/\(operation)" }

    func fields(of tag: CorrelationTag, in request: JSONValue) -> [String: String] {
        ["name": request["name"]?.string.map { "\($0) \(tag)" } ?? "\(tag)"]
    }

    func redact(_ text: String, limit: Int) -> String { api.key.redact(text, limit: limit) }

    func upload(
        _ media: [LocalMedia],
        in context: CallContext,
        onProgress: @escaping ProgressHandler
    ) async throws -> [MediaSource] {
        try await MagicHour.Files(api: api).upload(media, onRetry: context.onRetry, onProgress: onProgress)
    }

    func create(
        _ request: EncodedRequest,
        at path: String,
        isFree: Bool,
        in context: CallContext
    ) async throws -> CreatedJob {
        let call = APICall.create(at: path, request, isFree: isFree, in: context)
        return try await api.send(call) { response in
            let created = try api.decode(MagicHour.CreatedProject.self, from: response, of: call)
            let job = JobHandle(
                service: name,
                operation: context.operation,
                id: created.id,
                creditsCharged: created.creditsCharged
            )
            return CreatedJob(job: job, response: response)
        }
    }

    func poll(_ job: JobHandle, as traits: JobTraits, in context: CallContext) async throws -> JobSnapshot {
        let kind = traits.kind ?? MagicHour.ImageProject.collection
        let call = APICall(
            context: context,
            path: "/v1/\(kind)/\(try job.id.asPathComponent(of: job.operation, job: job))",
            retrySafety: .callerManaged,
            timeout: .total(.seconds(30))
        )
        return try await api.send(call) { response in
            let project = try api.decode(Self.projectType(of: kind), from: response, of: call)
            let snapshot = Self.snapshot(of: project, of: job, in: response)
            // A gateway's own error in the same format does not end a job.
            if project.id == nil, snapshot.state.isFailure {
                throw api.unreadable(response, of: call, because: NoProject())
            }
            return snapshot
        }
    }

    static func snapshot(
        of project: any MagicHourProject,
        of job: JobHandle,
        in response: TransportResponse
    ) -> JobSnapshot {
        JobSnapshot(
            response: response,
            state: state(of: project),
            missingOutputs: max(0, project.missingDownloads ?? 0),
            isOfAnotherJob: project.id != nil && project.id != job.id
        )
    }

    private struct NoProject: Error {}

    /// Returns the type that reads the projects of a kind. An unknown kind has the fields of the others.
    private static func projectType(of kind: String) -> any MagicHourProject.Type {
        let types: [any MagicHourProject.Type] = [
            MagicHour.VideoProject.self, MagicHour.AudioProject.self, MagicHour.FaceDetection.self,
        ]
        return types.first { $0.collection == kind } ?? MagicHour.ImageProject.self
    }

    static func state(of project: any MagicHourProject) -> JobState {
        if project.enabled == false { return .deleted }
        switch project.status {
        case .complete:
            return .complete(project.downloads.map { JobOutput(content: .link($0.url), expiresAt: $0.expiresAt) })
        case .error: return .failed(code: project.error?.code?.rawValue, message: project.error?.message)
        case .canceled: return .canceled
        default: return .pending(status: project.status.rawValue)
        }
    }

    func failureAdvice(for code: String?) -> (advice: String, cause: HeadshotKitError.Code?) {
        let code = code.map { MagicHour.ProjectError.Code(rawValue: $0) }
        let step =
            switch code {
            case .noSourceFace: "Use a photo in which one face is large, frontal and well lit."
            case .invalidFileFormat: "Use a PNG, JPEG or WebP photo."
            case .fileTooLarge: "Use a smaller file."
            case .insufficientCredits: "Add credits to the account, then create a new job."
            case .invalidParameters: "Change the request's values, then create a new job."
            case .contentPolicyViolation: "Use a photo and a prompt that the service's rules allow."
            case .textTooLong: "Use a shorter text."
            default: "Create a new job."
            }
        return ("Magic Hour refunds failed jobs. \(step)", code == .noSourceFace ? .noFaceDetected : nil)
    }

    func traits(of job: JobHandle) -> JobTraits? {
        var traits = Self.traitsByOperation[job.operation]
        if traits == nil, let kind = job.kind {
            traits = Endpoint<JSONValue>(job.operation, filePrefix: String(kind.prefix { $0 != "-" }))
                .traits(of: Self.projectType(of: kind))
            traits?.kind = kind
        }
        if let prefix = job.filePrefix { traits?.filePrefix = prefix }
        return traits
    }

    /// The traits of the jobs whose handles are of version 1, which have neither a kind nor a prefix.
    private static let traitsByOperation: [String: JobTraits] = [
        MagicHour.headshotEndpoint.name: MagicHour.headshotEndpoint.traits(of: MagicHour.ImageProject.self),
        MagicHour.imageEndpoint.name: MagicHour.imageEndpoint.traits(of: MagicHour.ImageProject.self),
        MagicHour.talkingPhotoEndpoint.name: MagicHour.talkingPhotoEndpoint.traits(of: MagicHour.VideoProject.self),
        MagicHour.faceDetectionEndpoint.name: MagicHour.faceDetectionEndpoint.traits(of: MagicHour.FaceDetection.self),
    ]
}

extension Endpoint {
    /// Returns the properties of the operation's jobs, which the service keeps as projects of a kind.
    func traits(of project: any MagicHourProject.Type) -> JobTraits {
        traits(
            kind: project.collection,
            polling: project.polling,
            deadline: project == MagicHour.VideoProject.self ? .videoDeadline : .imageDeadline
        )
    }
}
