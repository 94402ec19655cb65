import HeadshotKit

extension FaultTable {
    /// A request for an upload URL is not charged, so it is retried.
    static let uploadURLs: [Entry] = [
        (.refused, .delivered, .rejected(.network)),
        // A certificate error is not transient.
        (.tlsFailure, .rejected(.network), .rejected(.network)),
        (.alert, .delivered, .rejected(.network)),
        (.droppedBefore, .delivered, .rejected(.network)),
        (.droppedAfter, .delivered, .rejected(.network)),
        (.tooMany, .delivered, .rejected(.rateLimited)),
        (.failed, .delivered, .rejected(.serverError)),
        (.badGateway, .delivered, .rejected(.serverError)),
        (.unavailable, .delivered, .rejected(.serverError)),
        (.challenged, .rejected(.unauthorized), .rejected(.unauthorized)),
        (.notFound, .rejected(.notFound), .rejected(.notFound)),
        (.redirected, .rejected(.invalidConfiguration), .rejected(.invalidConfiguration)),
        (.noHTTP, .delivered, .rejected(.network)),
        (.garbage, .delivered, .rejected(.invalidResponse)),
        (.webPage, .delivered, .rejected(.invalidResponse)),
        (.halved, .delivered, .rejected(.invalidResponse)),
        (.truncated, .delivered, .rejected(.network)),
        (.silent, .delivered, .rejected(.network)),
        (.slow, .delivered, .delivered),
    ]

    /// An upload is not charged, and only the status of its response matters.
    static let put: [Entry] = [
        (.refused, .delivered, .rejected(.network)),
        (.tlsFailure, .rejected(.network), .rejected(.network)),
        (.alert, .delivered, .rejected(.network)),
        (.droppedBefore, .delivered, .rejected(.network)),
        (.droppedAfter, .delivered, .rejected(.network)),
        (.tooMany, .delivered, .rejected(.rateLimited)),
        (.failed, .delivered, .rejected(.serverError)),
        (.badGateway, .delivered, .rejected(.serverError)),
        (.unavailable, .delivered, .rejected(.serverError)),
        (.challenged, .rejected(.invalidResponse), .rejected(.invalidResponse)),
        (.redirected, .rejected(.invalidResponse), .rejected(.invalidResponse)),
        (.noHTTP, .delivered, .rejected(.network)),
        (.garbage, .delivered, .delivered),
        (.webPage, .delivered, .delivered),
        (.halved, .delivered, .delivered),
        (.truncated, .delivered, .rejected(.network)),
        (.silent, .delivered, .rejected(.network)),
        (.slow, .delivered, .delivered),
        // A new upload URL is requested.
        (.expired, .delivered, .rejected(.linkExpired)),
    ]

    /// A create is retried only if the service certainly did not process the request.
    static let create: [Entry] = [
        (.refused, .delivered, .rejected(.network)),
        (.tlsFailure, .rejected(.network), .rejected(.network)),
        (.alert, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.droppedBefore, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.droppedAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.tooMany, .delivered, .rejected(.rateLimited)),
        (.failed, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.failedAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.badGateway, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.badGatewayAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        // Without `Retry-After`, a gateway may have forwarded the request before it failed.
        (.unavailable, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.unavailableAfter, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.busy, .delivered, .rejected(.serverError)),
        (.challenged, .rejected(.unauthorized), .rejected(.unauthorized)),
        (.notFound, .rejected(.notFound), .rejected(.notFound)),
        (.redirected, .rejected(.invalidConfiguration), .rejected(.invalidConfiguration)),
        (.seeOther, .unconfirmed(charged: false), .unconfirmed(charged: false)),
        (.noHTTP, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.garbage, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.webPage, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.errorDocument, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.halved, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.truncated, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.silent, .unconfirmed(charged: true), .unconfirmed(charged: true)),
        (.slow, .delivered, .delivered),
    ]

    /// Transient failures are retried until the deadline. Permanent failures end the wait but not the job.
    static let poll: [Entry] = [
        (.refused, .delivered, .kept(.deadlineExceeded)),
        (.tlsFailure, .kept(.network), .kept(.network)),
        (.alert, .delivered, .kept(.deadlineExceeded)),
        (.droppedBefore, .delivered, .kept(.deadlineExceeded)),
        (.droppedAfter, .delivered, .kept(.deadlineExceeded)),
        (.tooMany, .delivered, .kept(.deadlineExceeded)),
        (.failed, .delivered, .kept(.deadlineExceeded)),
        (.badGateway, .delivered, .kept(.deadlineExceeded)),
        (.busy, .delivered, .kept(.deadlineExceeded)),
        (.unavailable, .delivered, .kept(.deadlineExceeded)),
        (.challenged, .kept(.unauthorized), .kept(.unauthorized)),
        // A recent job may not be visible everywhere yet.
        (.notFound, .delivered, .kept(.deadlineExceeded)),
        (.redirected, .kept(.invalidConfiguration), .kept(.invalidConfiguration)),
        (.noHTTP, .delivered, .kept(.deadlineExceeded)),
        (.garbage, .delivered, .kept(.deadlineExceeded)),
        (.webPage, .delivered, .kept(.deadlineExceeded)),
        (.errorDocument, .delivered, .kept(.deadlineExceeded)),
        (.halved, .delivered, .kept(.deadlineExceeded)),
        (.truncated, .delivered, .kept(.deadlineExceeded)),
        (.silent, .delivered, .kept(.deadlineExceeded)),
        (.slow, .delivered, .delivered),
        (.unknownStatus, .delivered, .kept(.deadlineExceeded)),
        (.withoutOutputs, .delivered, .kept(.deadlineExceeded)),
    ]

    /// A download is retried and continued. An expired URL is renewed by a poll.
    static let download: [Entry] = [
        (.refused, .delivered, .kept(.network)),
        (.tlsFailure, .delivered, .kept(.network)),
        (.alert, .delivered, .kept(.network)),
        (.droppedBefore, .delivered, .kept(.network)),
        (.droppedAfter, .delivered, .kept(.network)),
        (.tooMany, .delivered, .kept(.rateLimited)),
        (.failed, .delivered, .kept(.serverError)),
        (.badGateway, .delivered, .kept(.serverError)),
        (.busy, .delivered, .kept(.serverError)),
        (.unavailable, .delivered, .kept(.serverError)),
        (.challenged, .delivered, .kept(.invalidResponse)),
        (.redirected, .delivered, .kept(.linkExpired)),
        (.noHTTP, .delivered, .kept(.network)),
        (.garbage, .delivered, .kept(.invalidResponse)),
        (.webPage, .delivered, .kept(.deadlineExceeded)),
        (.errorDocument, .delivered, .kept(.deadlineExceeded)),
        (.halved, .delivered, .kept(.network)),
        (.truncated, .delivered, .kept(.network)),
        (.silent, .delivered, .kept(.network)),
        (.slow, .delivered, .delivered),
        (.expired, .delivered, .kept(.linkExpired)),
        // The file may appear later than its URL.
        (.notFound, .delivered, .kept(.linkExpired)),
        (.rangesRejected, .delivered, .delivered),
    ]
}
