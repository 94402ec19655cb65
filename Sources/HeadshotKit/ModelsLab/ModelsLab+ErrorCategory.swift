import Foundation

extension ModelsLab {
    /// What an error is about. The service has no codes for that, only words.
    enum ErrorCategory: Sendable {
        /// The key, the account's credits or plan, the rate of requests: not the job.
        case key, credits, plan, rate
        /// The service itself, for the moment, or nobody knows what: not the job.
        case service
        /// A job that this account does not have.
        case missing
        /// A job that is no error but in process, and is to be asked about again.
        case unfinished
        /// The request or the job.
        case job

        /// Of a create without an id. Words that mean nothing here are about the request.
        init(ofCreate message: String?) {
            let words = Words(message)
            // It was taken, or there would be nothing to give back.
            let rules = Self.certain + Self.likely + [(.service, ["refunded"])]
            self = words.isEmpty ? .service : words.first(of: rules) ?? .job
        }

        /// Of a job whose status is `error`. Words that mean nothing here are no proof that it has come to nothing.
        init(ofJob message: String?) {
            self = Words(message).first(of: Self.certain + Self.likely + Self.final) ?? .service
        }

        /// Of a job whose status is `failed`: it has come to nothing, unless the words are plainly about something else.
        init(ofFailedJob message: String?) {
            self = Words(message).first(of: Self.certain.filter { $0.complaint != .unfinished }) ?? .job
        }

        private typealias Rule = (complaint: ErrorCategory, phrases: [String])

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

        /// A message as words, so that "allow" is not taken for "low".
        private struct Words {
            private let text: String

            init(_ message: String?) {
                let words = (message ?? "").lowercased().split { !$0.isLetter && !$0.isNumber }
                text = " " + words.joined(separator: " ") + " "
            }

            var isEmpty: Bool { !text.contains { $0 != " " } }

            /// The complaint of the first rule of which a phrase is there; of one with an `&`, both its parts.
            func first(of rules: [Rule]) -> ErrorCategory? {
                rules.first { rule in
                    rule.phrases.contains { phrase in
                        phrase.components(separatedBy: " & ").allSatisfy { text.contains(" \($0) ") }
                    }
                }?.complaint
            }
        }
    }
}
