import Foundation

/// Why a job fails.
struct JobFailure: Hashable, Sendable {
    let code: String
    let message: String
}

/// A job as the simulator keeps it. Its state is not stored: it follows from the time.
struct SimulatedJob {
    enum Phase: String {
        case queued, rendering, complete, error
    }

    let id: String
    let operation: SimulatedService.Route
    var name: String?
    var prompt: String?
    let createdAt: Duration
    let beginsAt: Duration
    var finishesAt: Duration
    /// Credits, or US cents for ModelsLab.
    let cost: Int
    var failure: JobFailure?
    var isDeleted = false
    var media: [String] = []
    var outputCount = 1
    /// The clip of a talking photo, in seconds.
    var clip: ClosedRange<Double> = 0...0
    var height = 0
    var width = 0
    /// ModelsLab: the token in the names of its outputs, and whether they hold base64 text.
    var outputToken = ""
    var isBase64 = false

    var isVideo: Bool { operation == .createTalkingPhoto }
    var isModelsLab: Bool {
        operation == .createModelsLabHeadshot || operation == .createModelsLabFluxHeadshot
    }

    func phase(at now: Duration) -> Phase {
        if now >= finishesAt { return failure == nil ? .complete : .error }
        return now >= beginsAt ? .rendering : .queued
    }
}
