import Foundation
import HeadshotKit

/// What is known of a job while it is being made: the sum of the events so far.
struct JobProgress {
    /// What is being done at this moment.
    enum Stage: Equatable {
        case preparing
        case uploading(TransferProgress)
        /// The request that costs money is on its way, or was answered just now.
        case creating
        case waiting(status: String)
        case downloading(output: Int, of: Int, TransferProgress)
    }

    private(set) var stage = Stage.preparing
    private(set) var job: JobHandle?
    /// The service's last word on the job.
    private(set) var status: String?
    private(set) var files: [String] = []

    mutating func note(_ event: GenerationEvent) {
        switch event {
        case .uploading(let progress):
            // From here on it is the create request's turn, which has no event of its own.
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

    /// How it stands with the money.
    enum Standing {
        case nothingPaid
        /// The request that costs money is on its way, or was, and nobody knows what became of it.
        case mayBePaid
        /// - isKept: Whether the store has the job, so that nobody has to keep its id.
        case paid(isKept: Bool)
    }

    /// What somebody has to know who stops here.
    func interruption(at standing: Standing) -> String {
        var lines: [String]
        if case .paid(let isKept) = standing, let job {
            lines = ["Interrupted. Job \(job.id) (\(job.service), \(job.operation)) goes on at the service."]
            if !files.isEmpty { lines.append("Saved already: \(files.joined(separator: ", ")).") }
            lines.append("It is paid for, and is not paid again.")
            if !isKept { lines.append("Keep the id: the outputs can still be had by it.") }
            // It makes no new links.
            if job.service == .modelsLab { lines.append("ModelsLab keeps the outputs for 24 hours.") }
        } else if case .mayBePaid = standing {
            lines = ["Interrupted while the job was being created: it may exist and may have been paid for."]
            lines.append("Check the account's credits and library before you run this again.")
        } else {
            lines = ["Interrupted. \(job == nil ? "No job was created, and nothing" : "Nothing") was charged."]
        }
        return lines.joined(separator: " ")
    }
}
