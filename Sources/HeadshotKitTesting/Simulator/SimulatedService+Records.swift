public import Foundation

extension SimulatedService {
    /// A charge or a refund.
    public struct LedgerEntry: Sendable, Hashable {
        /// The kinds of ledger entries.
        public enum Kind: String, Sendable, Hashable {
            /// A charge to the account for a created job.
            case charge
            /// A refund to the account for a failed job.
            case refund
        }

        /// Whether the entry is a charge or a refund.
        public var kind: Kind
        /// The amount, in credits for Magic Hour and in US cents for ModelsLab.
        public var amount: Int
        /// The ID of the job.
        public var jobID: String
        /// The operation that created the job.
        public var operation: Route
        /// The date of the charge or refund.
        public var date: Date
    }

    /// The current state of a job in the service.
    public struct Job: Sendable, Hashable {
        /// The job's ID. A string of digits for ModelsLab.
        public var id: String
        /// The operation that created the job.
        public var operation: Route
        /// The job's name in the client's request. `nil` if the request has no name.
        public var name: String?
        /// The prompt in the client's request. `nil` if the request has no prompt.
        public var prompt: String?
        /// The job's status, which is `queued`, `rendering`, `complete` or `error`.
        public var status: String
        /// The error code of the failure. `nil` if the job has not failed.
        public var errorCode: String?
        /// Whether the client has deleted the job.
        public var isDeleted: Bool
        /// The date of the job's creation.
        public var createdAt: Date
        /// The URLs and the paths of uploaded files in the client's request.
        public var media: [String]
        /// The webhook URL in the client's request. `nil` if the request has none.
        public var webhookURL: URL?
    }

    /// A file that a client has uploaded.
    public struct Upload: Sendable, Hashable {
        /// The path that identifies the file in requests, in the format `api-assets/...`.
        public var filePath: String
        /// The size of the file, in bytes.
        public var byteCount: Int
        /// The digest of the file. Compare it with ``digest(of:)``.
        public var digest: UInt64
        /// The first bytes of the file, 4,096 at most.
        public var head: Data
        /// The contents of the file. `nil` if the file is larger than ``Configuration/keptUploadBytes``.
        public var contents: Data?
        /// The header fields of the upload request, with lowercase names.
        public var headers: [String: String]

        /// Returns the ``digest`` of an upload with the given bytes.
        public static func digest(of data: Data) -> UInt64 { Digest.of(data) }
    }
}
