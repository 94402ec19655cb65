import FaultyServer
import HeadshotKit

extension FaultTable {
    /// Returns the expected outcomes of the HTTP/2 faults at a step.
    static func http2(at step: ServiceStep) -> [Entry] {
        switch step {
        case .uploadURLs, .put, .base64ToURL: lossOfIdempotentRequest(.rejected(.network)) + earlyResponse(step)
        case .poll, .fetch: lossOfIdempotentRequest(.kept(.deadlineExceeded))
        case .download: lossOfIdempotentRequest(.kept(.network))
        case .create, .modelsLabCreate: lossOfCreate
        case .other: []
        }
    }

    /// The request is retried, by libcurl if it has no body and by the package otherwise.
    private static func lossOfIdempotentRequest(_ always: Outcome) -> [Entry] {
        [
            (.streamRefused, .delivered, always),
            (.streamReset, .delivered, always),
            (.streamResetAfter, .delivered, always),
            (.goAway, .delivered, always),
            (.goAwayAfter, .delivered, .delivered),
            (.closed, .delivered, always),
            (.closedAfter, .delivered, always),
            (.resetAfter, .delivered, always),
        ]
    }

    private static func earlyResponse(_ step: ServiceStep) -> [Entry] {
        let outcome = Outcome.rejected(step == .put ? .invalidMedia : .invalidRequest)
        return [(.earlyResponse, outcome, outcome)]
    }

    /// REFUSED_STREAM and GOAWAY prove that a request was not processed, but URLSession reports them as a lost connection.
    private static let lossOfCreate: [Entry] = [
        (.streamRefused, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.streamReset, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.streamResetAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.goAway, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.goAwayAfter, .delivered, .delivered),
        (.closed, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.closedAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.resetAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.earlyResponse, .rejected(.invalidRequest), .rejected(.invalidRequest)),
    ]
}
