public import Foundation

extension ModelsLab {
    /// The status of a job.
    public struct JobStatus: OpenEnum {
        /// The raw value in API requests and responses.
        public let rawValue: String
        /// Creates a value from its raw API value.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Complete.
        public static let success: JobStatus = "success"
        /// In progress.
        public static let processing: JobStatus = "processing"
        /// Failed, or still in progress if the message says to try again.
        public static let error: JobStatus = "error"
        /// Failed.
        public static let failed: JobStatus = "failed"
    }

    /// The response to a create or fetch request, which describes a job and, once the job is complete, its outputs.
    public struct ImageResult: Codable, Equatable, Sendable {
        /// The job's status.
        public let status: JobStatus
        /// The job's id.
        public let id: String?
        /// The outputs of a complete job, as URLs that expire after 24 hours or as base64 text.
        ///
        /// Treat the URLs as secrets, because a URL alone grants access to the file.
        public let output: [String]
        /// Alternative URLs of the outputs.
        public let proxyLinks: [String]
        /// The future URLs of the outputs of a job in progress. They are not outputs.
        public let futureLinks: [String]
        /// The expected duration of the job, in seconds.
        public let etaSeconds: Double?
        /// The URL at which to poll the job.
        public let fetchResult: URL?
        /// The duration of the generation, in seconds.
        public let generationTimeSeconds: Double?
        /// The service's message about the job or its failure.
        public let message: String?
        /// The number of outputs that are listed without a URL or missing from the `n_samples` of ``meta``. `nil` if there are none.
        public let missingOutputs: Int?
        /// The service's suggestion.
        public let tip: String?
        /// The parameters of the generation.
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

        /// Creates a result from a decoder, in any shape that the service uses.
        ///
        /// - Throws: `DecodingError` if the response contains neither a status nor an output, and therefore no job.
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

        /// The id for polling the job, or `nil` if there is none.
        var jobID: String? {
            if let id, id != "0" { return id }
            // The last component of `.../fetch/123` is the id.
            let last = fetchResult?.lastPathComponent
            return last.flatMap { $0 != "0" && $0.contains(where: \.isNumber) ? $0 : nil }
        }

        /// The outputs, or the proxy links if there are none.
        var outputs: [String] { output.isEmpty ? proxyLinks : output }

        /// Returns the category of the error, or `nil` if there is no error.
        func errorCategory(isCreate: Bool) -> ErrorCategory? {
            switch status {
            case .failed where !isCreate: ErrorCategory(ofFailedJob: message)
            case .error where !isCreate: ErrorCategory(ofJob: message)
            case .error, .failed: ErrorCategory(ofCreate: message)
            default: nil
            }
        }
    }
}
