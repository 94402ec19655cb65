import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOConcurrencyHelpers

/// The webhook requests of the simulated service, which a test delivers to a studio.
struct WebhookEvents: Sendable {
    /// The verifier of their signatures, for the configuration of the studio.
    let verifier: MagicHour.WebhookVerifier
    private let clock: ManualClock
    private let requests = NIOLockedValueBox<[SimulatedService.WebhookRequest]>([])

    init(of environment: TestEnvironment) throws {
        let service = environment.service
        clock = environment.clock
        verifier = try MagicHour.WebhookVerifier(secret: "whsec_test", now: { service.date })
        service.deliverWebhooks(secret: "whsec_test") { [requests] request in
            requests.withLockedValue { $0.append(request) }
            return 200
        }
    }

    /// Advances the clock of the service until it has sent a number of requests, and returns all of them.
    func wait(for count: Int) async -> [SimulatedService.WebhookRequest] { await wait { $0.count >= count } }

    /// Advances the clock of the service until it has sent the event of a failed job, and returns its requests.
    func waitForFailure(of job: String) async -> [SimulatedService.WebhookRequest] {
        func isFailure(_ request: SimulatedService.WebhookRequest) -> Bool {
            request.event.jobID == job && request.event.type == "image.errored"
        }
        return await wait { $0.contains(where: isFailure) }.filter(isFailure)
    }

    private func wait(
        until isComplete: ([SimulatedService.WebhookRequest]) -> Bool
    ) async -> [SimulatedService.WebhookRequest] {
        while true {
            let sent = requests.withLockedValue { $0 }
            if isComplete(sent) { return sent }
            clock.advance(by: .seconds(1))
            await Task.yield()
        }
    }
}

extension API {
    /// Sends an event of the service.
    func deliver(_ request: SimulatedService.WebhookRequest) async throws -> TestResponse {
        try await with(token: nil).request(
            .post,
            "/webhooks/magic-hour",
            headers: HTTPFields(
                request.headers.compactMap { name, value in
                    HTTPField.Name(name).map { HTTPField(name: $0, value: value) }
                }
            ),
            body: request.body
        )
    }
}
