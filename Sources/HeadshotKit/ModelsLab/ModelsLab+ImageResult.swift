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
        /// How many outputs there should be besides those with a link: named without one, or fewer than `n_samples` of ``meta``; `nil` if
        /// none.
        public let missingOutputs: Int?
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
            case missingOutputs = "missing_outputs"
        }

        private enum OtherKeys: String, CodingKey {
            case message, messege, error, detail, errors, data, output
        }

        /// Reads a response, whatever of it is there, in each of the forms that the service uses.
        ///
        /// - Throws: `DecodingError` where there is neither a status nor an output: that is no response about a job.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            let others = try decoder.container(keyedBy: OtherKeys.self)
            let outputs = fields.json(.output)?.outputs ?? []
            output = outputs.compactMap { $0?.text }
            meta = fields.json(.meta)
            let ordered = meta?["n_samples"]?.number.flatMap { Int(exactly: $0) } ?? 0
            let missing = output.isEmpty ? outputs.count : max(outputs.count, ordered) - output.count
            missingOutputs = fields.integer(.missingOutputs) ?? (missing == 0 ? nil : missing)
            guard let status: JobStatus = fields.status(.status) ?? (output.isEmpty ? nil : .success) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .status,
                    in: fields,
                    debugDescription: "There is no status."
                )
            }
            self.status = status
            id = (fields.text(.id) ?? others.json(.data)?["id"]?.string).flatMap { $0.isBlank ? nil : $0 }
            proxyLinks = fields.texts(.proxyLinks)
            futureLinks = fields.texts(.futureLinks)
            etaSeconds = fields.number(.etaSeconds)
            fetchResult = fields.text(.fetchResult).flatMap { URL(serverText: $0) }
            generationTimeSeconds = fields.number(.generationTimeSeconds)
            message = others.firstText([.message, .messege, .error, .detail, .errors])
            tip = fields.text(.tip)
        }

        /// The id by which the job can be asked about.
        var jobID: String? {
            if let id, id != "0" { return id }
            // `.../fetch/123`
            let last = fetchResult?.lastPathComponent
            return last.flatMap { $0 != "0" && $0.contains(where: \.isNumber) ? $0 : nil }
        }

        /// The outputs, by their other links where the usual ones are missing.
        var outputs: [String] { output.isEmpty ? proxyLinks : output }

        /// What the error is about; nil where there is none.
        func complaint(isCreate: Bool) -> ErrorCategory? {
            switch status {
            case .failed where !isCreate: ErrorCategory(ofFailedJob: message)
            case .error where !isCreate: ErrorCategory(ofJob: message)
            case .error, .failed: ErrorCategory(ofCreate: message)
            default: nil
            }
        }
    }
}
