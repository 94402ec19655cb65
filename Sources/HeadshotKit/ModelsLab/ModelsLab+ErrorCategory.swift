import Foundation

extension ModelsLab {
    /// The category of an error, inferred from the message because the service sends no error codes.
    enum ErrorCategory: Sendable {
        /// A problem with the key, the account's credits or plan, or the request rate, but not with the job.
        case key, credits, plan, rate
        /// A temporary problem with the service or an unknown problem, but not one with the job.
        case service
        /// A job that does not exist in this account.
        case missing
        /// A job that has not failed but is in progress and must be polled again.
        case unfinished
        /// A problem with the request or the job.
        case job

        /// Creates the category for a create response without an id. An unrecognized message concerns the request.
        init(ofCreate message: String?) {
            let words = Words(message)
            // A refund implies that the service accepted the request.
            let rules = Self.certain + Self.likely + [(.service, ["refunded"])]
            self = words.isEmpty ? .service : words.first(of: rules) ?? .job
        }

        /// Creates the category for a job with status `error`. An unrecognized message does not prove that the job failed.
        init(ofJob message: String?) {
            self = Words(message).first(of: Self.certain + Self.likely + Self.final) ?? .service
        }

        /// Creates the category for a job with status `failed`. The job failed unless the message clearly concerns something else.
        init(ofFailedJob message: String?) {
            self = Words(message).first(of: Self.certain.filter { $0.category != .unfinished }) ?? .job
        }

        private typealias Rule = (category: ErrorCategory, phrases: [String])

        private static let certain: [Rule] = [
            (.key, ["api key", "invalid key", "unauthorized", "unauthenticated"]),
            (.unfinished, ["still processing", "in queue", "again & processing", "again & fetch"]),
            (.rate, ["rate limit", "rate limited", "request limit", "queue limit", "too many requests"]),
            (
                .plan,
                ["premium subscription", "requires a subscription", "upgrade your plan", "not included in your plan"]
            ),
            (.credits, ["insufficient credits", "insufficient balance", "insufficient funds", "out of credits"]),
            (.credits, ["enough credits", "enough balance", "add credits", "more credits", "low balance"]),
            (.credits, ["balance is low", "balance is too low"]),
            (.unfinished, ["again & second", "again & seconds"]),
            (
                .service,
                ["server error", "internal error", "maintenance", "unavailable", "overload", "overloaded", "busy"]
            ),
            (.service, ["gateway", "upstream", "load balancer"]),
        ]

        private static let likely: [Rule] = [
            (.service, ["went wrong", "later", "connection", "time limit"]),
            (.credits, ["subscription", "subscribe"]),
            (.unfinished, ["again", "timed out", "timeout", "time out"]),
        ]

        private static let final: [Rule] = [
            (.job, ["face", "faces", "safety", "nsfw", "blocked", "refunded", "generation failed"]),
            (.job, ["failed to process", "unable to load", "cannot identify", "invalid image"]),
            (.missing, ["request not found", "job not found", "no such", "does not exist"]),
        ]

        /// A message split into words, so that "allow" does not match "low".
        private struct Words {
            private let text: String

            init(_ message: String?) {
                let words = (message ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }
                text = " " + words.joined(separator: " ") + " "
            }

            var isEmpty: Bool { !text.contains { $0 != " " } }

            /// Returns the category of the first rule with a matching phrase. Both parts of a phrase with `&` must match.
            func first(of rules: [Rule]) -> ErrorCategory? {
                rules.first { rule in
                    rule.phrases.contains { phrase in
                        phrase.components(separatedBy: " & ").allSatisfy { text.contains(" \($0) ") }
                    }
                }?.category
            }
        }
    }
}
