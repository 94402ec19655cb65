public import Foundation

/// What is needed to find a job again, and its outputs: in another process, on another day. It holds no secret.
///
/// Keep it as soon as it is known (``GenerationEvent/submitted(_:)``), for an id that is lost is lost: neither service lists jobs.
public struct JobHandle: Codable, Hashable, Sendable {
    /// A service that runs jobs.
    public struct Service: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Magic Hour.
        public static let magicHour: Service = "magic-hour"
        /// ModelsLab.
        public static let modelsLab: Service = "modelslab"
    }

    /// The version of this form.
    public var version: Int
    /// The service that runs the job.
    public var service: Service
    /// The operation that created it, such as `ai-headshot-generator`.
    public var operation: String
    /// The service's id of the job.
    public var id: String
    /// When it was created, by our clock.
    public var createdAt: Timestamp
    /// What was charged for it, where the service said so.
    public var creditsCharged: Int?
    /// Where the service wants to be asked about it, below its base URL, if that is not the usual place.
    var pollPath: String?

    /// A job by its id, as the service gave it.
    public init(service: Service, operation: String, id: String, createdAt: Date = Date(), creditsCharged: Int? = nil) {
        self.version = 1
        self.service = service
        self.operation = operation
        self.id = id
        self.createdAt = Timestamp(createdAt)
        self.creditsCharged = creditsCharged
    }
}

extension JobHandle: CustomStringConvertible {
    /// The id, and what it is the id of.
    public var description: String { "\(id) (\(service), \(operation))" }
}
