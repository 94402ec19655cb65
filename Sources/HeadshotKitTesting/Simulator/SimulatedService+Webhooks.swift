public import Foundation

extension SimulatedService {
    /// An event of a job that the service reports with a webhook request.
    public struct WebhookEvent: Sendable, Hashable {
        /// The type of the event, such as `image.completed`. The status of the job, `success` or `failed`, for ModelsLab.
        public var type: String
        /// The ID of the job.
        public var jobID: String
    }

    /// A request to the handler of a webhook.
    public struct WebhookRequest: Sendable, Hashable {
        /// The event that the request reports.
        public var event: WebhookEvent
        /// The URL in the job's create request. `nil` for Magic Hour, whose webhooks are not registered by a request.
        public var url: URL?
        /// The header fields, which include the signature for Magic Hour. ModelsLab does not sign.
        public var headers: [String: String]
        /// The body, which is JSON.
        public var body: Data
    }

    /// A fault in the delivery of an event.
    public enum WebhookFault: Sendable, Hashable {
        /// The event is never sent.
        case lost
        /// Two requests for the event are sent at the same time.
        case doubled
        /// The event is sent later by the duration on the service's clock.
        case delayed(Duration)
        /// Another request, which is not from the service, is sent before the event.
        ///
        /// For Magic Hour, another secret signs the body. For ModelsLab, the outputs have URLs of another host.
        case forged
        /// The event is sent before the response to the job's create request.
        ///
        /// A job whose end is reported early ends at once.
        case early
    }

    /// Sends the webhook requests of all jobs that are created from now on to a handler.
    ///
    /// ```swift
    /// let verifier = try MagicHour.WebhookVerifier(secret: "whsec_test", now: { service.date })
    /// service.deliverWebhooks(secret: "whsec_test") { request in
    ///     try await magicHour.jobs.resume(verifier.event(body: request.body, headers: request.headers))
    ///     return 200
    /// }
    /// ```
    /// Magic Hour reports the start and the end of every image and video. ModelsLab reports the end of a job whose create request
    /// has a `webhook`. A request for which the handler throws an error or returns a status other than 2xx is sent again after
    /// 1, 2, 4, and 8 seconds, and so on, for 24 hours on the service's clock. It has the same body and a new signature.
    ///
    /// - Parameters:
    ///   - secret: The secret that signs the requests of Magic Hour.
    ///   - fault: A closure that returns the fault of an event. Called once for every event when its job is created. Defaults to no
    ///     faults.
    ///   - handler: A closure that handles a request and returns the status of the response. Replaces an earlier handler.
    public func deliverWebhooks(
        secret: String,
        fault: @escaping @Sendable (WebhookEvent) -> WebhookFault? = { _ in nil },
        to handler: @escaping @Sendable (WebhookRequest) async throws -> Int
    ) {
        outbox.receiver = WebhookOutbox.Receiver(secret: secret, fault: fault, handler: handler)
    }

    /// The number of webhook requests that are not yet accepted. Lost events, and requests that were sent for 24 hours, do not count.
    public var pendingWebhooks: Int { outbox.pendingCount }
}
