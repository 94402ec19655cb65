public import HeadshotKit

/// An operation of Magic Hour that the relay allows, with its price.
public struct RelayedOperation: Sendable {
    /// The name in the path of the create request, such as `ai-headshot-generator`.
    public let name: String
    /// The credits to reserve for a job. 0 if the operation is free.
    public let credits: Int
    /// The part of the service that contains the jobs, such as `image-projects`.
    let collection: String
    /// Creates a job from the body of a request.
    let create: @Sendable (MagicHour, JSONValue, GenerationOptions) async throws -> JobHandle
    /// Fetches a job once.
    let fetch: @Sendable (MagicHour, JobHandle, GenerationOptions) async throws -> (json: JSONValue, hasFailed: Bool)

    /// The operations that a client needs for headshots and their face check.
    public static let headshots = [
        RelayedOperation("face-detection", credits: 0, as: MagicHour.FaceDetection.self),
        RelayedOperation("ai-headshot-generator", credits: 50),
    ]

    /// Creates the description of an operation.
    ///
    /// - Parameters:
    ///   - name: The name in the path of the create request, after `/v1/`.
    ///   - credits: The highest price of a job. The budget of a caller can be exceeded if a job costs more. 0 if the operation is free.
    ///   - project: The kind of project that the service keeps for a job.
    public init<Project: MagicHourProject>(
        _ name: String,
        credits: Int,
        as project: Project.Type = MagicHour.ImageProject.self
    ) {
        self.name = name
        self.credits = credits
        collection = Project.collection
        // The endpoint has no media fields, so no text in a body is read as the path of a local file.
        let endpoint = Endpoint<JSONValue>(name)
        create = { magicHour, body, options in
            let operation = magicHour.operation(endpoint, as: RelayedProject<Project>.self)
            guard credits == 0 else { return try await operation.submit(body, options: options) }
            // A free job needs no record.
            let created = try await operation.create(body)
            return JobHandle(service: .magicHour, operation: name, id: created.id, creditsCharged: 0)
        }
        fetch = { magicHour, job, options in
            let operation = magicHour.operation(endpoint, as: RelayedProject<Project>.self)
            let project = try await operation.resume(job, options: options).project
            // The service does not refund a job that a person deleted.
            let hasFailed = [.error, .canceled].contains(project.status) && project.enabled != false
            return (project.json, hasFailed)
        }
    }
}

/// A project with all fields that the service sent.
private struct RelayedProject<Base: MagicHourProject>: MagicHourProject {
    let json: JSONValue
    private let base: Base

    init(from decoder: any Decoder) throws {
        json = try JSONValue(from: decoder)
        base = try Base(from: decoder)
    }

    var id: String? { base.id }
    var status: MagicHour.ProjectStatus { base.status }
    var enabled: Bool? { base.enabled }
    var error: MagicHour.ProjectError? { base.error }
    var downloads: [MagicHour.Download] { base.downloads }
    var missingDownloads: Int? { base.missingDownloads }

    static var collection: String { Base.collection }
    static var polling: PollingPolicy { Base.polling }
}
