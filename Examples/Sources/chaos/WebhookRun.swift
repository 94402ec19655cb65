import ArgumentParser
import Foundation
import HeadshotKit
import HeadshotKitTesting

/// The webhooks of a run: the events of the service with their faults, and the handler that the events are sent to.
struct WebhookRun {
    let receiver: WebhookReceiver

    private let service: SimulatedService
    private let schedule: WebhookFaultSchedule
    private let state: WorkerState

    init(_ service: SimulatedService, _ runDirectory: RunDirectory, server: URL, seed: UInt64) throws {
        let state = try WorkerState(runDirectory, server: server.absoluteString, isCorrelated: true)
        let schedule = WebhookFaultSchedule(seed: seed)
        let receiver = try WebhookReceiver(state)
        service.deliverWebhooks(secret: WebhookReceiver.secret, fault: { schedule.fault(of: $0) }) { request in
            await receiver.status(of: request)
        }
        (self.service, self.schedule, self.receiver, self.state) = (service, schedule, receiver, state)
    }

    /// Waits for the last events, and then polls the jobs whose last event was lost.
    func finish() async throws {
        let end = ContinuousClock.now + .seconds(120)
        while service.pendingWebhooks > 0 {
            guard ContinuousClock.now < end else {
                throw ValidationError("\(service.pendingWebhooks) webhook requests are not accepted.")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        for _ in 0..<20 where try await state.store.records().contains(where: { !$0.isUnconfirmed }) {
            try await state.resumeAll()
        }
    }

    func check(_ inspection: inout Inspection, _ service: SimulatedService, _ runDirectory: RunDirectory) async throws {
        try await inspection.checkReports(service, runDirectory, schedule)
    }

    func report() async {
        let faults = schedule.faultCounts.map { "\($0.count) \($0.fault)" }.joined(separator: ", ")
        print("webhooks     \(schedule.eventCount) events: \(faults)")
        print(
            "handler      \(await receiver.requestCount) requests, \(await receiver.postponedCount) postponed, \(await receiver.rejectedCount) rejected; \(await receiver.found.count) jobs found by webhook"
        )
    }
}
