public import Foundation

extension ModelsLab {
    /// A webhook request that claims to be from ModelsLab, and to report the result of a job.
    ///
    /// ModelsLab does not sign webhook requests, so anyone who knows the URL can send one. An event is only a hint. Fetch the job with
    /// your key before you act on anything that the event states, and do not download its URLs. Use a URL with a secret path component,
    /// and check the component with ``WebhookPath/isExpected(_:secret:)``.
    ///
    /// An event may arrive more than once, or never.
    public struct WebhookEvent: Equatable, Sendable {
        /// The maximum size of a body, 1 MiB.
        public static let maximumBodyBytes = 1 << 20

        /// The job's status, as claimed.
        public let status: JobStatus
        /// The job's id, or `nil` if there is none.
        public let id: String?
        /// The URLs of the outputs, as claimed. Do not download them, and treat them as secrets.
        public let outputURLs: [URL]
        /// Your own identifier from the request that created the job. `nil` if there is none.
        ///
        /// The service may return a number as a string, so compare the `description` of both.
        public let trackID: TrackID?
        /// The message about the job or its failure.
        public let message: String?
        /// The parameters of the generation.
        public let meta: JSONValue?

        /// Creates an event from the body of an unverified request.
        ///
        /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/invalidWebhook`` if the body is larger than ``maximumBodyBytes``,
        ///   is not JSON, or contains neither a status nor an output.
        public init(body: Data) throws {
            do {
                let document = try JSONDocument(body, maximumBytes: Self.maximumBodyBytes)
                let result = try document.decode(ImageResult.self)
                status = result.status
                // The service uses 0 for a job without an id.
                id = result.id == "0" ? nil : result.id
                outputURLs = result.output.compactMap { URL(serverText: $0) }
                trackID = try document.decode(Tracking.self).trackID
                message = result.message
                meta = result.meta
            } catch {
                let reason =
                    (error as? JSONReader.Malformed)?.description ?? "It contains neither a status nor an output."
                throw HeadshotKitError(
                    .invalidWebhook,
                    "The body of the webhook request cannot be read. \(reason)",
                    advice: """
                        Pass the raw bytes of the body. Fetch the jobs that you expect, because the request may not be \
                        from ModelsLab.
                        """,
                    underlyingError: error
                )
            }
        }

        private struct Tracking: Decodable {
            let trackID: TrackID?

            enum CodingKeys: String, CodingKey {
                case trackID = "track_id"
            }

            init(from decoder: any Decoder) throws {
                let fields = try decoder.container(keyedBy: CodingKeys.self)
                let id: TrackID?
                // A number that is no `Int` is kept as text.
                do { id = try fields.decodeIfPresent(TrackID.self, forKey: .trackID) } catch {
                    id = fields.text(.trackID).map { .text($0) }
                }
                trackID = id.flatMap { $0.description.isBlank ? nil : $0 }
            }
        }
    }

    /// The check of the secret in the URL of a webhook, which replaces the signature that ModelsLab does not send.
    public enum WebhookPath {
        /// Returns whether the last component of a request's path is the secret.
        ///
        /// The time does not depend on how many characters agree. Use at least 32 random letters and digits as the secret, and keep
        /// the URL out of logs.
        ///
        /// - Parameters:
        ///   - path: The path of the request, such as `/webhooks/modelslab/SECRET`. A query is ignored.
        ///   - secret: The secret, which is one path component. No path matches an empty secret.
        public static func isExpected(_ path: String, secret: String) -> Bool {
            let path = path.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            guard !secret.isEmpty, let component = path.split(separator: UInt8(ascii: "/")).last else { return false }
            let key = Data(secret.utf8)
            // Codes of equal length are compared, so that the time does not reveal the length of the secret.
            let expected = HMACSHA256.code(of: [key], key: key)
            return HMACSHA256.isEqual(HMACSHA256.code(of: [Data(component)], key: key), expected)
        }
    }
}

extension ModelsLab.WebhookEvent: CustomStringConvertible, CustomReflectable {
    /// The status and the id of the job, as claimed.
    public var description: String { "\(status)\(id.map { ", job \($0)" } ?? "") (unverified)" }
    /// A mirror without URLs, so that a dump of an event shows no secret.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: ["status": status, "id": id as Any, "trackID": trackID as Any, "message": message as Any]
        )
    }
}
