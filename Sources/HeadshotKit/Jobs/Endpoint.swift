/// The description of an operation that creates jobs. The engine knows nothing else about the operation.
///
/// HeadshotKit describes its own operations in this way. Describe an operation that it does not have, and run it with
/// ``MagicHour/operation(_:as:)`` or ``ModelsLab/operation(_:)``:
/// ```swift
/// let voices = magicHour.operation(
///     Endpoint<JSONValue>("ai-voice-cloner", media: [.init("assets.audio_file_path", kind: .audio)]),
///     as: MagicHour.AudioProject.self
/// )
/// let speech = try await voices.generate(["assets": ["audio_file_path": "me.m4a"], "style": ["prompt": "Hello"]])
/// ```
public struct Endpoint<Request: Encodable & Sendable>: Sendable {
    /// A closure that returns the estimated cost of a request. `nil` if the cost is unknown.
    public typealias Cost = @Sendable (Request) -> CreditEstimate?
    typealias Check = @Sendable (Request, inout RequestValidator) -> Void
    typealias Completion = @Sendable (Request) throws -> Request

    /// The operation's name in a ``JobHandle``.
    public let name: String
    /// The URL path of the create request. `nil` selects the path that the service derives from the name.
    public let path: String?
    /// The beginning of the outputs' file names.
    public let filePrefix: String
    /// The fields of the request that hold photos and recordings.
    public let media: [MediaField]
    /// The default policy for polling a job. `nil` selects that of the project's kind.
    let polling: PollingPolicy?
    /// The default deadline of a workflow. `nil` selects that of the project's kind.
    let deadline: Duration?
    /// Whether a job may complete without outputs.
    let mayBeEmpty: Bool
    /// Whether every job is free of charge.
    let isFree: Bool
    /// The check that collects a request's validation issues.
    let check: Check
    /// The estimated cost of a request. `nil` if the cost is unknown.
    let cost: Cost
    /// Returns a request with the values that its local media determine. Reads their headers.
    let completed: Completion

    /// Creates the description of an operation.
    ///
    /// - Parameters:
    ///   - name: The name of the operation in the service's paths, such as `ai-voice-cloner`. Job handles and records contain it.
    ///   - path: The URL path of the create request, below the base URL. `nil` selects `/v1/` and the name for Magic Hour, and
    ///     `/image_editing/` and the name for ModelsLab.
    ///   - filePrefix: The beginning of the outputs' file names. Defaults to the name.
    ///   - media: The fields of the request that hold photos and recordings. Local ones are uploaded.
    ///   - polling: The default policy for polling a job. `nil` selects that of the project's kind.
    ///   - deadline: The default deadline of a workflow. `nil` selects that of the project's kind, 15 minutes, and 1 hour for a video.
    ///   - cost: The estimated cost of a request, for ``GenerationOptions/maximumCredits``. Defaults to an unknown cost.
    public init(
        _ name: String,
        path: String? = nil,
        filePrefix: String? = nil,
        media: [MediaField] = [],
        polling: PollingPolicy? = nil,
        deadline: Duration? = nil,
        cost: @escaping Cost = { _ in nil }
    ) {
        self.init(
            name,
            path: path,
            filePrefix: filePrefix,
            media: media,
            polling: polling,
            deadline: deadline,
            check: { _, _ in },
            cost: cost
        )
    }

    init(
        _ name: String,
        path: String? = nil,
        filePrefix: String? = nil,
        media: [MediaField] = [],
        polling: PollingPolicy? = nil,
        deadline: Duration? = nil,
        mayBeEmpty: Bool = false,
        isFree: Bool = false,
        check: @escaping Check,
        cost: @escaping Cost = { _ in nil },
        completed: @escaping Completion = { $0 }
    ) {
        self.name = name
        self.path = path
        self.filePrefix = filePrefix ?? name
        self.media = media
        self.polling = polling
        self.deadline = deadline
        self.mayBeEmpty = mayBeEmpty
        self.isFree = isFree
        self.check = check
        self.cost = cost
        self.completed = completed
    }

    /// Returns the properties of the operation's jobs.
    func traits(kind: String?, polling: PollingPolicy, deadline: Duration) -> JobTraits {
        JobTraits(
            kind: kind,
            polling: self.polling ?? polling,
            deadline: self.deadline ?? deadline,
            filePrefix: filePrefix,
            mayBeEmpty: mayBeEmpty,
            isFree: isFree
        )
    }
}
