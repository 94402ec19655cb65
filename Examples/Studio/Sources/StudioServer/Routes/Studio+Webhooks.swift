import Foundation
import HTTPTypes
import HeadshotKit
import Hummingbird
import Logging
import NIOCore
import NIOFoundationEssentialsCompat

extension Studio {
    /// Adds the receivers of the services' webhooks.
    func addWebhooks(to router: Router<StudioContext>) {
        if maker.service == .magicHour, let verifier = configuration.magicHourWebhook {
            router.post("webhooks/magic-hour") { request, _ in
                let body = try await webhookBody(of: request)
                let names = [MagicHour.WebhookVerifier.signatureHeader, MagicHour.WebhookVerifier.timestampHeader]
                let headers = request.headers.filter { names.contains($0.name.canonicalName) }
                let event: MagicHour.WebhookEvent
                do {
                    // A repeated field is rejected by the verifier.
                    let fields = headers.map { ($0.name.canonicalName, $0.value) }
                    event = try verifier.event(body: body, headers: Dictionary(fields) { "\($0), \($1)" })
                } catch let error as HeadshotKitError where error.code == .unreadableWebhook {
                    logger.warning("A webhook request cannot be read.", metadata: ["error": "\(error)"])
                    return HTTPResponse.Status.noContent
                } catch {
                    throw StudioError(
                        .badRequest,
                        "invalid_webhook",
                        "The signature of the request is missing, old, or wrong."
                    )
                }
                try await refundRelayedJob(of: event)
                let status = try await finish { try await maker.jobs.resume(event, options: Self.webhookOptions) }
                // The event may have found the job.
                try await refundRelayedJob(of: event)
                return status
            }
        }
        if maker.service == .modelsLab, let secret = configuration.modelsLabWebhookSecret {
            router.post("webhooks/modelslab/:secret") { request, _ in
                guard ModelsLab.WebhookPath.isExpected(request.uri.path, secret: secret) else {
                    throw StudioError(.notFound, "not_found", "There is nothing at this path.")
                }
                let event: ModelsLab.WebhookEvent
                do {
                    event = try ModelsLab.WebhookEvent(body: try await webhookBody(of: request))
                } catch is HeadshotKitError {
                    throw StudioError(.badRequest, "invalid_webhook", "The body of the request cannot be read.")
                }
                return try await finish { try await maker.jobs.resume(event, options: Self.webhookOptions) }
            }
        }
    }

    /// A worker finishes the job, because the service waits only a few seconds for the response. An event that finished a failed job would
    /// remove its record, and a worker that then finds no record would create the job again.
    private static var webhookOptions: GenerationOptions {
        GenerationOptions(waitForCompletion: false, downloadOutputs: false, deadline: .seconds(10))
    }

    private func webhookBody(of request: Request) async throws -> Data {
        let error = StudioError(.requestTimeout, "too_slow", "The body did not arrive in time. Send the event again.")
        return try await withTimeout(.seconds(30), configuration.clock, error) {
            Data(buffer: try await request.body.collect(upTo: MagicHour.WebhookVerifier.maximumBodyBytes))
        }
    }

    /// Finds the job of an event, and lets the workers finish its headshot.
    private func finish(_ resume: () async throws -> WebhookOutcome) async throws -> HTTPResponse.Status {
        do {
            // Another worker may be waiting for the response to the create request, so the service sends the event again.
            if try await resume() == .inUse {
                throw StudioError(.serviceUnavailable, "in_use", "Another worker has the job. Send the event again.")
            }
        } catch let error as HeadshotKitError {
            logger.notice("A webhook event cannot be processed.", metadata: ["error": "\(error)"])
            throw StudioError(.serviceUnavailable, "unavailable", "The event cannot be processed now. Send it again.")
        }
        try await table.requeueFoundJobs()
        do { try await relay?.recover() } catch {
            // The recovery runs again every minute.
            logger.warning("The relayed jobs cannot be read.", metadata: ["error": "\(error)"])
        }
        signal.wake()
        return .noContent
    }

    private func refundRelayedJob(of event: MagicHour.WebhookEvent) async throws {
        guard event.status == .error, let id = event.projectID else { return }
        try await relay?.table.refund(project: id)
    }
}
