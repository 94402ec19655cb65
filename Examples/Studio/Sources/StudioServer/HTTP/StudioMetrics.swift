import Foundation
import NIOConcurrencyHelpers

/// The counters of one process, as Prometheus text.
final class StudioMetrics: Sendable {
    private let responses = NIOLockedValueBox<[Int: Int]>([:])

    func count(_ status: Int) { responses.withLockedValue { $0[status, default: 0] += 1 } }

    func text(headshots: [(state: String, count: String)], eventStreams: Int) -> String {
        var text = "# TYPE studio_http_responses_total counter\n"
        for (status, count) in responses.withLockedValue({ $0 }).sorted(by: { $0.key < $1.key }) {
            text += "studio_http_responses_total{status=\"\(status)\"} \(count)\n"
        }
        text += "# TYPE studio_headshots gauge\n"
        for (state, count) in headshots { text += "studio_headshots{state=\"\(state)\"} \(count)\n" }
        text += "# TYPE studio_event_streams gauge\nstudio_event_streams \(eventStreams)\n"
        return text
    }
}
