public import Foundation

extension SimulatedService {
    /// One movement of money.
    public struct LedgerEntry: Sendable, Hashable {
        /// Which way the money went.
        public enum Kind: String, Sendable, Hashable {
            /// Taken from the account, when a job was created.
            case charge
            /// Given back, because the job failed.
            case refund
        }

        /// Which way the money went.
        public var kind: Kind
        /// How much: credits for Magic Hour, US cents for ModelsLab.
        public var amount: Int
        /// The job it was for.
        public var jobID: String
        /// The operation that created the job.
        public var operation: Route
        /// When it was.
        public var date: Date
    }

    /// A job as the service sees it now.
    public struct Job: Sendable, Hashable {
        /// The job's id; for ModelsLab, its digits.
        public var id: String
        /// The operation that created it.
        public var operation: Route
        /// The name that the client gave it.
        public var name: String?
        /// What the client asked for.
        public var prompt: String?
        /// `queued`, `rendering`, `complete` or `error`.
        public var status: String
        /// Why it failed.
        public var errorCode: String?
        /// Whether the client has deleted it.
        public var isDeleted: Bool
        /// When it was created.
        public var createdAt: Date
        /// The addresses and uploaded paths that the client gave.
        public var media: [String]
    }

    /// A file that a client has uploaded.
    public struct Upload: Sendable, Hashable {
        /// The path that requests name it by, `api-assets/...`.
        public var filePath: String
        /// Its size.
        public var byteCount: Int
        /// A sum over its bytes; compare with ``digest(of:)``.
        public var digest: UInt64
        /// Its first bytes, 4,096 at most.
        public var head: Data
        /// All of it, unless larger than ``Configuration/keptUploadBytes``.
        public var contents: Data?
        /// The header fields that it came with, names in lower case.
        public var headers: [String: String]

        /// The sum that ``digest`` of an upload with these bytes has.
        public static func digest(of data: Data) -> UInt64 { Digest.of(data) }
    }
}
