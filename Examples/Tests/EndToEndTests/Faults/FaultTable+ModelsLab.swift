import HeadshotKit

extension FaultTable {
    /// An upload is not charged, so it is retried.
    static let base64ToURL: [Entry] = [
        (.refused, .delivered, .rejected(.network)),
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
        // The response has the URL, so the unknown status does not matter.
        (.unknownStatus, .delivered, .delivered),
    ]

    /// A create is retried only if the service certainly did not process the request.
    static let modelsLabCreate: [Entry] = [
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
        // The job has an ID and is polled anyway.
        (.unknownStatus, .delivered, .delivered),
    ]

    /// The outcomes are those of Magic Hour.
    static let fetch: [Entry] = [
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

    /// The outcomes are those of Magic Hour, but a URL cannot be renewed, so a rejected URL is requested again.
    static let modelsLabDownload: [Entry] = [
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
