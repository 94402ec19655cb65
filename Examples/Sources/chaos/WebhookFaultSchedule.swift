import FaultyServer
import Foundation
import HeadshotKitTesting

/// The faults of webhook events, decided from a seed. Five events in seven have one.
final class WebhookFaultSchedule: @unchecked Sendable {
    // Unchecked because `lock` guards the counts.
    private let lock = NSLock()
    private let seed: UInt64
    private var events: [String: Int] = [:]
    private var counts: [String: Int] = [:]
    private var reported: Set<String> = []

    init(seed: UInt64) { self.seed = seed }

    /// The number of events, and the number of events with each fault.
    var eventCount: Int { lock.withLock { events.values.reduce(0, +) } }
    var faultCounts: [(fault: String, count: Int)] {
        lock.withLock { counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    /// Whether an event of a job is not lost. The service sends such an event until the handler accepts it.
    func isReported(_ jobID: String) -> Bool { lock.withLock { reported.contains(jobID) } }

    /// Returns the fault of the next event of a type, or `nil` if the event gets none.
    func fault(of event: SimulatedService.WebhookEvent) -> SimulatedService.WebhookFault? {
        let number = lock.withLock {
            events[event.type, default: 0] += 1
            return events[event.type, default: 0]
        }
        var numbers = SeededNumbers(seed: seed, "webhook \(event.type)", number)
        let delay = Duration.milliseconds(Int.random(in: 50...2_000, using: &numbers))
        let faults: [(name: String, fault: SimulatedService.WebhookFault?)] = [
            ("lost", .lost), ("doubled", .doubled), ("late", .delayed(delay)), ("forged", .forged), ("early", .early),
            ("", nil), ("", nil),
        ]
        guard let (name, fault) = faults.randomElement(using: &numbers) else { return nil }
        lock.withLock {
            if fault != nil { counts[name, default: 0] += 1 }
            if fault != .lost { reported.insert(event.jobID) }
        }
        return fault
    }
}
