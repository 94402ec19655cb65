public import Foundation

/// The information needed to find a job and its outputs again, in another process or on another day. It contains no secret.
///
/// Save the handle as soon as it is known (``GenerationEvent/submitted(_:)``). A lost id may be impossible to recover:
/// Magic Hour does not list jobs, and ModelsLab lists only the outputs of finished ones.
///
/// Two handles are equal if all their properties are equal. Two handles are about the same job if ``service`` and ``id`` are equal, as in
/// ``JobRecord/isRecord(of:)``.
public struct JobHandle: Codable, Hashable, Sendable {
    /// A service that runs jobs.
    public struct Service: OpenEnum {
        /// The raw string that the API uses.
        public let rawValue: String
        /// Creates a service from the raw string that the API uses.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Magic Hour.
        public static let magicHour: Service = "magic-hour"
        /// ModelsLab.
        public static let modelsLab: Service = "modelslab"
    }

    /// The format version of the handle.
    public var version: Int
    /// The service that runs the job.
    public var service: Service
    /// The operation that created the job, such as `ai-headshot-generator`.
    public var operation: String
    /// The service's id of the job.
    public var id: String
    /// The time at which the job was created, by the local clock.
    public var createdAt: Timestamp
    /// The credits charged for the job, or `nil` if the service did not report them.
    public var creditsCharged: Int?
    /// The collection of the service that contains the job, such as `image-projects` of Magic Hour or `faceswap` of ModelsLab. `nil` if
    /// the operation determines it.
    var kind: String?
    /// The beginning of the outputs' file names. `nil` if the operation determines it.
    var filePrefix: String?
    /// The path for polling the job, relative to the service's base URL. `nil` for the default path.
    var pollPath: String?

    /// Creates a handle from the id that the service returned for a job.
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
    /// The format version that is written, which is also the newest that can be read.
    static let currentVersion = 2

    /// Creates a handle by decoding it.
    ///
    /// - Throws: `DecodingError` if the handle has a newer format version, because it could be read only in part.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        version = try fields.decode(Int.self, forKey: .version)
        guard version <= Self.currentVersion else {
            throw DecodingError.dataCorruptedError(
                forKey: .version,
                in: fields,
                debugDescription:
                    "The job was written by a newer HeadshotKit, in version \(version); this one reads up to \(Self.currentVersion). Update HeadshotKit."
            )
        }
        service = try fields.decode(Service.self, forKey: .service)
        operation = try fields.decode(String.self, forKey: .operation)
        id = try fields.decode(String.self, forKey: .id)
        createdAt = try fields.decode(Timestamp.self, forKey: .createdAt)
        creditsCharged = try fields.decodeIfPresent(Int.self, forKey: .creditsCharged)
        kind = fields.text(.kind).flatMap { $0.isName ? $0 : nil }
        filePrefix = fields.text(.filePrefix).flatMap { $0.isName ? $0 : nil }
        // An invalid path could name another host, while the default path is always correct.
        pollPath = try fields.decodeIfPresent(String.self, forKey: .pollPath).flatMap { $0.isURLPath ? $0 : nil }
    }
}

extension String {
    /// Whether the string consists of 1 to 100 ASCII letters, digits, hyphens and underscores, so that it is safe in a path.
    fileprivate var isName: Bool {
        (1...100).contains(utf8.count)
            && utf8.allSatisfy { character in
                switch character {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }
}

extension JobHandle {
    /// The prefix of the local id of a job that has no id from the service.
    static let unnamedPrefix = "unnamed-"
    var isUnnamed: Bool { id.hasPrefix(Self.unnamedPrefix) }
}

extension JobHandle: CustomStringConvertible {
    /// The id, followed by the service and the operation.
    public var description: String { "\(shownID) (\(service), \(operation))" }

    /// The id, shortened for messages because a server may return an id of any length.
    var shownID: String { id.count > 120 ? id.prefix(120) + "…" : id }
}
