import Foundation
import HeadshotKit

/// The delivery of webhook requests: when a request is sent, and when it is sent again.
final class WebhookOutbox: Sendable {
    struct Receiver: Sendable {
        let secret: String
        let fault: @Sendable (SimulatedService.WebhookEvent) -> SimulatedService.WebhookFault?
        let handler: @Sendable (SimulatedService.WebhookRequest) async throws -> Int
    }

    private struct Contents {
        var receiver: Receiver?
        var tasks: [UUID: Task<Void, any Error>] = [:]
    }

    /// The time for which a request is sent again, as Magic Hour documents it.
    private static let maximumDelay: Duration = .seconds(24 * 3_600)

    private let state: SharedState
    private let contents = Locked(Contents())

    init(_ state: SharedState) {
        self.state = state
    }

    var receiver: Receiver? {
        get { contents.withLock(\.receiver) }
        set { contents.withLock { $0.receiver = newValue } }
    }

    var pendingCount: Int { contents.withLock(\.tasks.count) }

    /// Cancels all deliveries.
    func stop() {
        for task in contents.withLock({ Array($0.tasks.values) }) { task.cancel() }
    }

    /// Reports the events of a new job. Returns when the early events have been sent once.
    func report(_ jobID: String) async throws {
        guard let receiver else { return }
        for planned in state.withLock({ $0.plannedWebhooks(ofJob: jobID) }) {
            let fault = receiver.fault(planned.event)
            switch fault {
            case .lost: break
            case .early: try await sendEarly(planned, to: receiver)
            default: start { try await $0.send(planned, to: receiver, fault) }
            }
        }
    }

    private func sendEarly(_ planned: PlannedWebhook, to receiver: Receiver) async throws {
        guard let content = try state.withLock({ try $0.hasten(planned) }) else { return }
        guard await !isAccepted(content, by: receiver) else { return }
        start { try await $0.sendAgain(content, to: receiver) }
    }

    /// Runs a delivery that ``stop()`` cancels.
    private func start(_ deliver: @escaping @Sendable (WebhookOutbox) async throws -> Void) {
        let id = UUID()
        contents.withLock {
            $0.tasks[id] = Task {
                defer { contents.withLock { $0.tasks[id] = nil } }
                try await deliver(self)
            }
        }
    }

    // MARK: One event

    private func send(
        _ planned: PlannedWebhook,
        to receiver: Receiver,
        _ fault: SimulatedService.WebhookFault?
    ) async throws {
        try await state.clock.sleep(for: max(.zero, planned.time - state.withLock(\.now)))
        guard let content = try state.withLock({ try $0.content(of: planned) }) else { return }
        switch fault {
        case .doubled: start { try await $0.send(content, to: receiver) }
        case .delayed(let duration): try await state.clock.sleep(for: duration)
        case .forged: _ = await isAccepted(try content.forged, by: receiver, secret: "whsec_of_another_sender")
        default: break
        }
        try await send(content, to: receiver)
    }

    private func send(_ content: WebhookContent, to receiver: Receiver) async throws {
        guard await !isAccepted(content, by: receiver) else { return }
        try await sendAgain(content, to: receiver)
    }

    private func sendAgain(_ content: WebhookContent, to receiver: Receiver) async throws {
        // Without a delay, a handler that never accepts would be called forever.
        var delay = max(.milliseconds(1), state.withLock(\.configuration.webhookRetryDelay))
        var total = delay
        while total <= Self.maximumDelay {
            try await state.clock.sleep(for: delay)
            if await isAccepted(content, by: receiver) { return }
            delay *= 2
            total += delay
        }
    }

    private func isAccepted(_ content: WebhookContent, by receiver: Receiver, secret: String? = nil) async -> Bool {
        var headers = ["Content-Type": "application/json"]
        if content.url == nil {
            let date = state.withLock { $0.date($0.now) }
            let signed = WebhookSigner(secret: secret ?? receiver.secret).headers(for: content.body, at: date)
            for name in [MagicHour.WebhookVerifier.signatureHeader, MagicHour.WebhookVerifier.timestampHeader] {
                headers[name] = signed[name]
            }
        }
        let request = SimulatedService.WebhookRequest(
            event: content.event,
            url: content.url,
            headers: headers,
            body: content.body
        )
        do {
            return 200..<300 ~= (try await receiver.handler(request))
        } catch {
            // The service does not know why a handler fails.
            return false
        }
    }
}

extension WebhookContent {
    /// A body that the service did not send. Only the outputs of an unsigned body are changed, because a wrong signature is enough
    /// otherwise.
    fileprivate var forged: WebhookContent {
        get throws {
            guard url != nil, case .object(var fields) = try JSONDecoder().decode(JSONValue.self, from: body) else {
                return self
            }
            fields["output"] = ["https://forged.invalid/output.png"]
            return WebhookContent(event: event, url: url, body: try JSONValue.object(fields).data)
        }
    }
}
