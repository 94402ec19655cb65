public import Foundation

extension ModelsLab {
    /// How a job stands.
    public struct JobStatus: OpenEnum {
        /// The value as it stands on the wire.
        public let rawValue: String
        /// A value as it stands on the wire.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Done.
        public static let success: JobStatus = "success"
        /// Being made.
        public static let processing: JobStatus = "processing"
        /// Failed, or, where the message says to try again, not done yet.
        public static let error: JobStatus = "error"
        /// Failed.
        public static let failed: JobStatus = "failed"
    }

    /// What ModelsLab answers to a create and to a fetch: a job and, when it is done, its outputs.
    public struct ImageResult: Codable, Hashable, Sendable {
        /// How the job stands.
        public let status: JobStatus
        /// The job's id.
        public let id: String?
        /// The outputs when it is done: links that live for 24 hours, or base64 text. Links are secrets: whoever has one has the file.
        public let output: [String]
        /// Other links to the outputs.
        public let proxyLinks: [String]
        /// Where the outputs of a job in process are going to be. Not outputs.
        public let futureLinks: [String]
        /// How many seconds the job is expected to take.
        public let etaSeconds: Double?
        /// Where to ask for the job.
        public let fetchResult: URL?
        /// How many seconds it took.
        public let generationTimeSeconds: Double?
        /// What the service says about the job or its failure.
        public let message: String?
        /// What the service suggests.
        public let tip: String?
        /// What the image was made with.
        public let meta: JSONValue?

        enum CodingKeys: String, CodingKey {
            case status, id, output, message, tip, meta
            case proxyLinks = "proxy_links"
            case futureLinks = "future_links"
            case etaSeconds = "eta"
            case fetchResult = "fetch_result"
            case generationTimeSeconds = "generationTime"
        }

        private enum OlderKeys: String, CodingKey {
            case messege
        }

        /// Reads a reply, whatever of it is there, in each of the forms that the service uses.
        ///
        /// - Throws: `DecodingError` where there is neither a status nor an output: that is no reply about a job.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let older = try decoder.container(keyedBy: OlderKeys.self)
            output = fields.texts(.output)
            guard let status: JobStatus = fields.value(.status) ?? (output.isEmpty ? nil : .success) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .status,
                    in: fields,
                    debugDescription: "There is no status."
                )
            }
            self.status = status
            id = fields.text(.id).flatMap { $0.isEmpty ? nil : $0 }
            proxyLinks = fields.texts(.proxyLinks)
            futureLinks = fields.texts(.futureLinks)
            etaSeconds = fields.number(.etaSeconds)
            fetchResult = fields.text(.fetchResult).flatMap { URL(string: $0) }
            generationTimeSeconds = fields.number(.generationTimeSeconds)
            message = (fields.json(.message) ?? older.json(.messege))?.flattenedText
            tip = fields.text(.tip)
            meta = fields.json(.meta)
        }

        /// The id by which the job can be asked about.
        var jobID: String? {
            if let id, id != "0" { return id }
            // `.../fetch/123`
            let last = fetchResult?.lastPathComponent
            return last.flatMap { $0 != "0" && $0.contains(where: \.isNumber) ? $0 : nil }
        }

        /// The outputs, by their other links where the usual ones are missing.
        var outputs: [String] { (output.isEmpty ? proxyLinks : output).filter { !$0.isEmpty } }

        /// What an error is about. The service has no codes for that, only words.
        enum Subject {
            /// The key, the account's credits, the rate of requests: not the job.
            case key, credits, rate
            /// The service itself, for the moment, or nobody knows what: not the job.
            case service
            /// A job that this account does not have.
            case missing
            /// A job that is no error but in process, and is to be asked about again.
            case unfinished
            /// The request or the job.
            case job
        }

        /// What the error is about; nil where there is none.
        ///
        /// Words that mean nothing here are about the request when it is made. Later they are no proof that a job has come to nothing,
        /// unless its status is `failed`.
        func complaint(isCreate: Bool) -> Subject? {
            guard status == .error || status == .failed else { return nil }
            let words =
                " " + (message ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ") + " "
            func says(_ phrases: String...) -> Bool { phrases.contains { words.contains(" \($0) ") } }
            let isFinal = status == .failed && !isCreate

            if says("api key", "invalid key", "unauthorized", "unauthenticated") { return .key }
            let isInProcess = says("still processing", "in queue") || says("again") && says("processing", "fetch")
            if isInProcess, !isFinal { return .unfinished }
            if says("rate limit", "request limit", "queue limit", "too many requests") { return .rate }
            if says(
                "insufficient credits",
                "insufficient balance",
                "insufficient funds",
                "enough credits",
                "enough balance"
            )
                || says(
                    "out of credits",
                    "balance is too low",
                    "balance is low",
                    "low balance",
                    "add credits",
                    "more credits"
                )
            {
                return .credits
            }
            if says("again"), says("second", "seconds"), !isFinal { return .unfinished }
            if says("server error", "internal error", "maintenance", "unavailable", "overload", "overloaded", "busy")
                || says("gateway", "upstream", "load balancer")
            {
                return .service
            }
            if isFinal { return .job }
            if words == " " || says("went wrong", "later", "connection", "time limit") { return .service }
            if says("subscription", "subscribe") { return .credits }
            if says("again", "timed out", "timeout", "time out") { return .unfinished }
            // It was taken, or there would be nothing to give back.
            if says("refunded") { return isCreate ? .service : .job }
            if isCreate
                || says("face", "faces", "generation failed", "failed to process", "unable to load", "cannot identify")
                || says("invalid image", "safety", "blocked", "nsfw")
            {
                return .job
            }
            return says("request not found", "job not found", "no such", "does not exist") ? .missing : .service
        }
    }
}
