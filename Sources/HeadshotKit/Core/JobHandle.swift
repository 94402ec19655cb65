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
        version = Self.currentVersion
        self.service = service
        self.operation = operation
        self.id = id
        self.createdAt = Timestamp(createdAt)
        self.creditsCharged = creditsCharged
    }
}

extension JobHandle {
    /// The form that is written, and the newest that can be read.
    static let currentVersion = 1

    /// Reads a handle; one of a newer form is an error, and not half understood.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        version = try fields.decode(Int.self, forKey: .version)
        guard version <= Self.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version,
                in: fields,
                debugDescription:
                    "The job was written by a newer HeadshotKit, in form \(version); this one reads up to \(Self.currentVersion). Update."
            )
        }
        service = try fields.decode(Service.self, forKey: .service)
        operation = try fields.decode(String.self, forKey: .operation)
        id = try fields.decode(String.self, forKey: .id)
        createdAt = try fields.decode(Timestamp.self, forKey: .createdAt)
        creditsCharged = try fields.decodeIfPresent(Int.self, forKey: .creditsCharged)
        // A path from elsewhere that is none could name another host; the usual place is always right.
        pollPath = try fields.decodeIfPresent(String.self, forKey: .pollPath).flatMap { $0.isURLPath ? $0 : nil }
    }
}

extension JobHandle: CustomStringConvertible {
    /// The id, and what it is the id of.
    public var description: String { "\(shownID) (\(service), \(operation))" }

    /// The id for messages: a server may give one of any length.
    var shownID: String { id.count > 120 ? id.prefix(120) + "…" : id }
}
