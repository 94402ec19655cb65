import Foundation
import HeadshotKit

/// The reason for the failure of a job.
struct JobFailure: Hashable, Sendable {
    let code: String
    let message: String
}

/// A job in the simulator. Its phase is not stored but derived from the time.
struct SimulatedJob {
    enum Phase: String {
        case queued, rendering, complete, error
    }

    let id: String
    let operation: SimulatedService.Route
    var name: String?
    var prompt: String?
    let createdAt: Duration
    var beginsAt: Duration
    var finishesAt: Duration
    /// The price in credits, or in US cents for ModelsLab.
    let cost: Int
    var failure: JobFailure?
    var isDeleted = false
    var media: [String] = []
    var outputCount = 1
    /// The clip of a talking photo, in seconds.
    var clip: ClosedRange<Double> = 0...0
    var height = 0
    var width = 0
    /// The token in the names of the outputs, and whether the outputs are Base64 text. ModelsLab only.
    var outputToken = ""
    var isBase64 = false
    /// The values for the webhook request. ModelsLab only.
    var webhook: URL?
    var trackID: JSONValue?
    var meta: JSONValue = .null
    /// The first component of the operation's path below the base URL. `nil` for Magic Hour.
    var collection: String?

    /// The operation, if the simulator has no rules of its own for it.
    var other: SimulatedOperation?
    var rendering = SimulatedOperation.Rendering()

    var kind: SimulatedOperation.Kind { other?.kind ?? (operation == .createTalkingPhoto ? .video : .image) }
    /// The type of the project.
    var type: String {
        switch operation {
        case .createHeadshot: "AI_HEADSHOT"
        case .createTalkingPhoto: "TALKING_PHOTO"
        default: other?.type ?? "AI_IMAGE"
        }
    }
    var isModelsLab: Bool { collection != nil }

    func phase(at now: Duration) -> Phase {
        if now >= finishesAt { return failure == nil ? .complete : .error }
        return now >= beginsAt ? .rendering : .queued
    }
}
