public import Foundation

/// The record of a job, from just before its creation until its outputs are delivered. It holds no API key and no signed URL.
public struct JobRecord: Codable, Equatable, Sendable, Identifiable {
    /// The progress of a job.
    public struct State: OpenEnum {
        /// The state's name.
        public let rawValue: String
        /// Creates a state with a name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The job is about to be created. If a crash leaves this state, the job may exist. Treat it as ``unconfirmed``.
        public static let intended: State = "intended"
        /// The create request was sent, but no usable response arrived. A job may exist and may have been charged.
        public static let unconfirmed: State = "unconfirmed"
        /// The job exists, and ``JobRecord/job`` identifies it.
        public static let accepted: State = "accepted"
        /// The job is delivered. Its record remains for the time of ``GenerationOptions/ReferencePolicy/once(for:)``.
        public static let delivered: State = "delivered"
    }

    /// The checkpoint of a download in progress.
    struct DownloadCheckpoint: Codable, Equatable, Sendable {
        /// The number of bytes that are synced to disk.
        var bytes: Int64
        var validator: RangedDownload.Validator

        init(bytes: Int64, validator: RangedDownload.Validator) {
            self.bytes = bytes
            self.validator = validator
        }

        /// Creates a checkpoint from a decoder. Inconsistent numbers count as 0 bytes, so that the download starts over.
        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let validator: RangedDownload.Validator = fields.object(.validator) ?? RangedDownload.Validator()
            let bytes = Int64(fields.integer(.bytes) ?? 0)
            let isSensible = bytes > 0 && validator.size.map { $0 >= bytes } != false
            self.init(bytes: isSensible ? bytes : 0, validator: validator)
        }
    }

    /// The schema version of the record.
    public var version: Int
    /// The record's own id, which exists before the service assigns an id to the job. An id begins with the time at
    /// which it was made, before the upload.
    public let id: UUID
    /// The service that runs the job.
    public let service: JobHandle.Service
    /// The operation that creates the job.
    public let operation: String
    /// Your own identifier for the job, from ``GenerationOptions/reference``.
    public let reference: String?
    /// The tag that the create request carried, such as `hk-AZrF3kH7cT2M9x0Qw1bXyA`. `nil` without ``GenerationOptions/correlation``.
    public let correlationTag: String?
    /// The request as JSON, without the queries of its URLs, the path of a webhook, and the contents of files.
    public let request: JSONValue
    /// The time at which the record was created, by the local clock.
    public let createdAt: Timestamp
    /// The collection of the service that contains the job, as in its handle.
    var kind: String?
    /// The beginning of the outputs' file names, as in the job's handle.
    var filePrefix: String?
    /// The progress of the job.
    public internal(set) var state: State
    /// The time at which the job was delivered, by the local clock. `nil` before.
    public internal(set) var deliveredAt: Timestamp?
    /// The number of seconds for which the record remains after the delivery. `nil` if it does not remain.
    var retention: Double?
    /// The job's handle. `nil` until the service accepts the job.
    public internal(set) var job: JobHandle?
    /// The path of the directory in which the outputs are saved.
    public var directory: String { outputDirectory.path }
    private var outputDirectory: MovablePath
    /// The file names of the complete outputs, by output number, from 1.
    public internal(set) var files: [Int: String]
    var parts: [Int: DownloadCheckpoint]
    /// The job to create once this one is delivered. `nil` if there is none, or if it exists already.
    var next: NextJob?

    /// Version 3 adds ``next``, which an earlier version would lose.
    static let currentVersion = 3

    private enum CodingKeys: String, CodingKey {
        case version, id, service, operation, reference, correlationTag, request, createdAt, kind, filePrefix, state,
            deliveredAt, retention, job, files, parts, next
        case outputDirectory = "directory"
    }

    init(
        id: UUID? = nil,
        tag: CorrelationTag? = nil,
        service: JobHandle.Service,
        operation: String,
        reference: String? = nil,
        request: JSONValue,
        directory: URL
    ) {
        version = Self.currentVersion
        self.id = id ?? tag?.recordID ?? .timeOrdered(at: Date())
        correlationTag = tag?.description
        self.service = service
        self.operation = operation
        self.reference = reference
        self.request = request
        createdAt = Timestamp(Date())
        state = .intended
        outputDirectory = MovablePath(path: directory.path)
        files = [:]
        parts = [:]
    }

    /// Whether the job is delivered, so that there is nothing left to do.
    public var isDelivered: Bool { state == .delivered }

    /// Whether the job was delivered so long ago that its reference may be used again.
    var isExpired: Bool {
        guard isDelivered, let deliveredAt = deliveredAt?.date else { return false }
        return deliveredAt.addingTimeInterval(retention ?? 0) <= Date()
    }

    /// Whether the id of the job is unknown. Its create request is in flight in some process, or the outcome of the request is unknown.
    public var isUnconfirmed: Bool { knownJob == nil }

    /// The job, or `nil` if its id at the service is unknown.
    var knownJob: JobHandle? { job.flatMap { $0.isUnnamed ? nil : $0 } }

    /// The advice about an unconfirmed job.
    var unconfirmedAdvice: String {
        let search =
            correlationTag.map { "Pass the webhook event with the tag \($0) to jobs.resume, or look for the tag" }
            ?? "Look for the job"
        return """
            The job may exist and may have been charged. \(search) in the account's library. Call jobs.adopt if the job is there, and \
            jobs.discard otherwise.
            """
    }

    /// Returns whether the record was created after a time and before now, by the local clock.
    ///
    /// A record from the future was created by a machine whose clock is ahead. It may be older than it seems.
    func isCreated(after time: Date) -> Bool { createdAt.date.map { $0 > time && $0 <= Date() } ?? false }

    /// Returns whether this is the record of a service's job. Ids are unique within a service.
    public func isRecord(of job: JobHandle) -> Bool { self.job?.id == job.id && service == job.service }
}

extension JSONValue {
    /// Returns the value without the queries of its URLs, which may contain signatures, and without the path of its webhook, which may
    /// contain a secret.
    func withoutSecrets() -> JSONValue {
        let value = withoutQueries()
        guard case .object(var members) = value else { return value }
        if let webhook = members["webhook"]?.string {
            let end = webhook.range(of: "://").flatMap { webhook[$0.upperBound...].firstIndex(of: "/") }
            members["webhook"] = .string(end.map { webhook[..<$0] + "/…" } ?? webhook)
        }
        return .object(members)
    }

    /// Returns the value without the queries of its URLs.
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
    /// The text without the queries, fragments and credentials of its URLs. The whole text may be one URL.
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
        var url = word.prefix { $0 != "?" && $0 != "#" }
        // A question mark at the end is punctuation, not an empty query.
        let isCut = url.count < word.count - 1
        if !isCut { url = word }
        guard let scheme = url.range(of: "://") else { return url + (isCut ? "?…" : "") }
        let path = url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex
        let host = url[scheme.upperBound..<path].split(separator: "@").last ?? ""
        return url[..<scheme.upperBound] + host + url[path...] + (isCut ? "?…" : "")
    }
}
