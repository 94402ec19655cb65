public import Foundation
public import HeadshotKit
public import HeadshotKitTesting

extension SimulatedService {
    /// Sends the webhook requests of all jobs that are created from now on over HTTP.
    ///
    /// - Parameters:
    ///   - url: The URL of the handler for Magic Hour. ModelsLab sends a request to the URL in the job's create request.
    ///   - secret: The secret that signs the requests of Magic Hour.
    ///   - transport: The transport of the requests. Defaults to a `URLSessionTransport`.
    ///   - fault: A closure that returns the fault of an event. Defaults to no faults.
    public func postWebhooks(
        to url: URL,
        secret: String,
        transport: any Transport = URLSessionTransport(),
        fault: @escaping @Sendable (WebhookEvent) -> WebhookFault? = { _ in nil }
    ) {
        deliverWebhooks(secret: secret, fault: fault) { request in
            let response = try await transport.send(
                TransportRequest(
                    method: "POST",
                    url: request.url ?? url,
                    headers: TransportHeaders(request.headers),
                    body: .data(request.body),
                    // Magic Hour allows 10 seconds, and ModelsLab 30.
                    timeout: .total(request.url == nil ? .seconds(10) : .seconds(30))
                )
            )
            return response.status
        }
    }
}
