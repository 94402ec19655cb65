// Receives the webhook of a finished job, verifies its signature, and saves the outputs without polling.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

let simulation = Simulation()
let store = try FileJobStore(directory: simulation.directory.appendingPathComponent("jobs"))
let magicHour = try simulation.magicHour(store: store)
let secret = "whsec_from_the_developer_hub"
let verifier = try MagicHour.WebhookVerifier(secret: secret, now: { [service = simulation.service] in service.date })
let (events, queue) = AsyncStream.makeStream(of: MagicHour.WebhookEvent.self)  // a real server stores the events

/// Returns the status of the response to a webhook request. A server calls this function from its route.
@Sendable func handle(body: Data, headers: [String: String]) -> Int {
    do {
        queue.yield(try verifier.event(body: body, headers: headers))
        return 200
    } catch {
        print("Rejected: \(error)")
        return 400
    }
}

simulation.service.deliverWebhooks(secret: secret) { handle(body: $0.body, headers: $0.headers) }
print("Without a signature: \(handle(body: Data("{}".utf8), headers: [:]))")

try await magicHour.headshots.submit(
    .init(photo: MediaSource(SampleMedia.portraitPNG())),
    options: .init(downloadDirectory: simulation.directory)
)
for await event in events {
    print("Event: \(event.type)")
    if case .delivered(let job) = try await magicHour.jobs.resume(event) {
        print("Saved \(job.files[0].lastPathComponent)")
        break
    }
}
