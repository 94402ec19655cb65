import Foundation
import HeadshotKit

/// An event that is reported at a time.
struct PlannedWebhook {
    let event: SimulatedService.WebhookEvent
    let time: Duration
    let endsJob: Bool
}

/// The content of a webhook request, which stays the same if the request is sent again.
struct WebhookContent {
    let event: SimulatedService.WebhookEvent
    let url: URL?
    let body: Data
}

// The events of jobs, and the bodies of their webhook requests.
extension SimulatedState {
    /// Returns the events of a new job.
    func plannedWebhooks(ofJob id: String) -> [PlannedWebhook] {
        guard let job = jobs[id], job.operation != .createFaceDetection else { return [] }
        let end = PlannedWebhook(event: endEvent(of: job), time: job.finishesAt, endsJob: true)
        if job.isModelsLab { return job.webhook == nil ? [] : [end] }
        let started = SimulatedService.WebhookEvent(type: "\(job.kind).started", jobID: id)
        return [PlannedWebhook(event: started, time: job.beginsAt, endsJob: false), end]
    }

    private func endEvent(of job: SimulatedJob) -> SimulatedService.WebhookEvent {
        let type =
            if job.isModelsLab {
                job.failure == nil ? "success" : "failed"
            } else {
                "\(job.kind).\(job.failure == nil ? "completed" : "errored")"
            }
        return SimulatedService.WebhookEvent(type: type, jobID: job.id)
    }

    /// Starts or ends the job of an event now, and returns the content of the request.
    mutating func hasten(_ planned: PlannedWebhook) throws -> WebhookContent? {
        let id = planned.event.jobID
        jobs[id]?.beginsAt = now
        if planned.endsJob { jobs[id]?.finishesAt = now }
        move(to: now)
        return try content(of: planned, at: now)
    }

    /// Returns the content of a request. The job may have failed since the event was planned.
    mutating func content(of planned: PlannedWebhook, at time: Duration? = nil) throws -> WebhookContent? {
        guard let job = jobs[planned.event.jobID] else { return nil }
        let event = planned.endsJob ? endEvent(of: job) : planned.event
        let body = job.isModelsLab ? result(of: job) : project(of: job, event, at: time ?? planned.time)
        return WebhookContent(event: event, url: job.webhook, body: try body.data)
    }

    private mutating func project(
        of job: SimulatedJob,
        _ event: SimulatedService.WebhookEvent,
        at time: Duration
    ) -> JSONValue {
        var payload = document(of: job, at: time)
        // The events of Magic Hour lack the deprecated fields.
        payload["total_frame_cost"] = nil
        payload["download"] = nil
        return ["type": .string(event.type), "payload": .object(payload)]
    }

    private func result(of job: SimulatedJob) -> JSONValue {
        var body: [String: JSONValue] = ["id": Self.number(job.id), "track_id": job.trackID ?? .null]
        if let failure = job.failure {
            body["status"] = "failed"
            body["message"] = .string(failure.message)
        } else {
            body["status"] = "success"
            body["output"] = outputLinks(of: job)
            body["generationTime"] = .number((job.finishesAt - job.beginsAt) / .seconds(1))
            body["meta"] = job.meta
        }
        if job.trackID == nil { body["track_id"] = nil }
        return .object(body)
    }
}
