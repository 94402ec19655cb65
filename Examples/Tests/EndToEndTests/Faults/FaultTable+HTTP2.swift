import FaultyServer
import HeadshotKit

extension FaultTable {
    /// What is to come of the faults that HTTP/2 has of its own.
    static func http2(at step: ServiceStep) -> [Entry] {
        switch step {
        case .uploadURLs, .put, .base64ToURL: lossOfHarmlessRequest(.refused(.network)) + answeredEarly(step)
        case .poll, .fetch: lossOfHarmlessRequest(.kept(.deadlineExceeded))
        case .download: lossOfHarmlessRequest(.kept(.network))
        case .create, .modelsLabCreate: lossOfCreate
        case .other: []
        }
    }

    /// It is sent again: by libcurl, where it has no body, or by us.
    private static func lossOfHarmlessRequest(_ always: Outcome) -> [Entry] {
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

    private static func answeredEarly(_ step: ServiceStep) -> [Entry] {
        let outcome = Outcome.refused(step == .put ? .invalidMedia : .invalidRequest)
        return [(.answeredEarly, outcome, outcome)]
    }

    /// REFUSED_STREAM and GOAWAY prove that a request was not taken, but URLSession does not tell them from a connection that is lost.
    private static let lossOfCreate: [Entry] = [
        (.streamRefused, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.streamReset, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.streamResetAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.goAway, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.goAwayAfter, .delivered, .delivered),
        (.closed, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.closedAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.resetAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.answeredEarly, .refused(.invalidRequest), .refused(.invalidRequest)),
    ]
}
