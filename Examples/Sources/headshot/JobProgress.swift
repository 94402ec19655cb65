import Foundation
import HeadshotKit

/// The state of a running job, accumulated from its events.
struct JobProgress {
    /// The current stage of a job.
    enum Stage: Equatable {
        case preparing
        case uploading(TransferProgress)
        /// The create request is in flight, or its response has just arrived.
        case creating
        case waiting(status: String)
        case downloading(output: Int, of: Int, TransferProgress)
    }

    private(set) var stage = Stage.preparing
    private(set) var job: JobHandle?
    /// The last status that the service reported.
    private(set) var status: String?
    private(set) var files: [String] = []

    mutating func note(_ event: GenerationEvent) {
        switch event {
        case .uploading(let progress):
            // The create request follows the upload and has no event of its own.
            stage = progress.completed == progress.total ? .creating : .uploading(progress)
        case .submitted(let job):
            self.job = job
            stage = .waiting(status: "created")
        case .resumed(let job):
            self.job = job
        case .status(let text):
            status = text
            stage = .waiting(status: text)
        case .downloading(let output, let count, let progress):
            status = "complete"
            stage = .downloading(output: output, of: count, progress)
        case .saved(let url):
            files.append(url.path)
        case .retrying, .outputsMissing:
            break
        }
    }

    /// Whether a job has been charged.
    enum Standing {
        case nothingPaid
        /// The create request is in flight, or its outcome is unknown.
        case mayBePaid
        /// - Parameter isKept: Whether the store has the job, so that the user does not have to keep its ID.
        case paid(isKept: Bool)
    }

    /// Returns the message to show if the user interrupts the job.
    func interruption(at standing: Standing) -> String {
        var lines: [String]
        if case .paid(let isKept) = standing, let job {
            lines = ["Interrupted. Job \(job.id) (\(job.service), \(job.operation)) continues at the service."]
            if !files.isEmpty { lines.append("Already saved: \(files.joined(separator: ", ")).") }
            lines.append("The job was charged once. You are not charged again.")
            if !isKept { lines.append("Keep the ID to download the outputs later.") }
            // ModelsLab does not renew download links.
            if job.service == .modelsLab { lines.append("ModelsLab keeps the outputs for 24 hours.") }
        } else if case .mayBePaid = standing {
            lines = ["Interrupted while the job was being created. The job may exist and may have been charged."]
            lines.append("Check your account's credits and library before you run the command again.")
        } else {
            lines = ["Interrupted. \(job == nil ? "No job was created, and nothing" : "Nothing") was charged."]
        }
        return lines.joined(separator: " ")
    }
}
