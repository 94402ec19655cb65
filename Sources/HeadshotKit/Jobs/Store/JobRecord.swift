public import Foundation

/// What is kept of a job, from just before it is created until its outputs are delivered. It holds no key and no signed address.
public struct JobRecord: Codable, Hashable, Sendable, Identifiable {
    /// How far a job has come.
    public struct State: OpenEnum {
        /// The state's name.
        public let rawValue: String
        /// A state by its name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// About to be created. Found after a crash, it may have been: treat it as ``unconfirmed``.
        public static let intended: State = "intended"
        /// Sent, and no usable response came: a job may exist and may have been paid for.
        public static let unconfirmed: State = "unconfirmed"
        /// It exists, and ``JobRecord/job`` tells which it is.
        public static let accepted: State = "accepted"
    }

    /// A download that has begun.
    struct DownloadCheckpoint: Codable, Hashable, Sendable {
        /// How many bytes of it are on the disk for good.
        var bytes: Int64
        var validator: RangedDownload.Validator

        init(bytes: Int64, validator: RangedDownload.Validator) {
            self.bytes = bytes
            self.validator = validator
        }

        /// Reads a part. One whose numbers make no sense counts as not begun: the output is downloaded anew.
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let validator: RangedDownload.Validator = fields.object(.validator) ?? RangedDownload.Validator()
            let bytes = Int64(fields.integer(.bytes) ?? 0)
            let isSensible = bytes > 0 && validator.size.map { $0 >= bytes } != false
            self.init(bytes: isSensible ? bytes : 0, validator: validator)
        }
    }

    /// The version of this form.
    public var version: Int
    /// Our own id of the job, which it has before the service gives it one.
    public let id: UUID
    /// The service that it is for.
    public let service: JobHandle.Service
    /// The operation that creates it.
    public let operation: String
    /// Your own name for the job, from ``GenerationOptions/reference``.
    public let reference: String?
    /// The request, as JSON, without the queries of its addresses and without the contents of files.
    public let request: JSONValue
    /// When the record was made, by our clock.
    public let createdAt: Timestamp
    /// How far the job has come.
    public internal(set) var state: State
    /// The job, once it is accepted.
    public internal(set) var job: JobHandle?
    /// Where its outputs go.
    public internal(set) var directory: String
    /// The names of the outputs that are complete, by their number, from 1.
    public internal(set) var files: [Int: String]
    var parts: [Int: DownloadCheckpoint]

    static let currentVersion = 1

    init(
        service: JobHandle.Service,
        operation: String,
        reference: String? = nil,
        request: JSONValue,
        directory: URL
    ) {
        version = Self.currentVersion
        id = UUID()
        self.service = service
        self.operation = operation
        self.reference = reference
        self.request = request
        createdAt = Timestamp(Date())
        state = .intended
        self.directory = directory.path
        files = [:]
        parts = [:]
    }

    /// Whether the service has, or may have, taken money for it, without telling which job it was for.
    public var isUnconfirmed: Bool { job == nil }

    /// Whether it is the record of a service's job. Ids are unique within a service.
    public func isRecord(of job: JobHandle) -> Bool { self.job?.id == job.id && service == job.service }
}

extension JSONValue {
    /// The value without the queries of addresses, which may be signatures.
    func withoutQueries() -> JSONValue {
        switch self {
        case .string(let text): return .string(text.contains("://") ? text.withoutQueries : text)
        case .array(let values): return .array(values.map { $0.withoutQueries() })
        case .object(let members): return .object(members.mapValues { $0.withoutQueries() })
        default: return self
        }
    }
}

extension String {
    /// An address, or a text with addresses in it, without what may sign them.
    fileprivate var withoutQueries: String {
        if hasPrefix("https://") || hasPrefix("http://") { return Self.withoutQuery(self[...]) }
        var kept = ""
        var rest = self[...]
        while !rest.isEmpty {
            kept += rest.prefix(while: \.isWhitespace)
            rest = rest.drop(while: \.isWhitespace)
            let word = rest.prefix { !$0.isWhitespace }
            kept += Self.withoutQuery(word)
            rest = rest[word.endIndex...]
        }
        return kept
    }

    private static func withoutQuery(_ word: Substring) -> String {
        var address = word.prefix { $0 != "?" && $0 != "#" }
        // A question mark at the end is one.
        let isCut = address.count < word.count - 1
        if !isCut { address = word }
        guard let scheme = address.range(of: "://") else { return address + (isCut ? "?…" : "") }
        let path = address[scheme.upperBound...].firstIndex(of: "/") ?? address.endIndex
        let host = address[scheme.upperBound..<path].split(separator: "@").last ?? ""
        return address[..<scheme.upperBound] + host + address[path...] + (isCut ? "?…" : "")
    }
}
