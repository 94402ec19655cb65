import HeadshotKit

/// The lines that show a job's progress if there is no terminal, such as in a log or a file. The log depends on neither the
/// terminal nor the current time.
struct ProgressLog {
    private var lastTime: Duration = .zero
    private var shownTenths = 0
    private var title = ""

    /// Returns the line for an event, or `nil` if the event is not logged.
    ///
    /// - Parameter time: The time since the run began.
    mutating func line(for event: GenerationEvent, at time: Duration) -> String? {
        switch event {
        case .uploading(let progress):
            return transfer("Uploading", progress, time)
        case .downloading(let output, let count, let progress):
            return transfer(count == 1 ? "Downloading" : "Downloading \(output) of \(count)", progress, time)
        case .submitted(let job):
            return Self.created(job)
        case .resumed(let job):
            return "Resuming job \(job.id) (\(job.service))"
        case .status(let status):
            return "Status: \(status)"
        case .retrying, .outputsMissing:
            return event.description
        default:
            return nil
        }
    }

    static func created(_ job: JobHandle) -> String {
        let credits = job.creditsCharged.map { ", \($0) credits" } ?? ""
        return "Created job \(job.id) (\(job.service)\(credits))"
    }

    /// Returns at most one line per tenth of a transfer and per second, so that a short transfer logs only its end.
    private mutating func transfer(_ title: String, _ progress: TransferProgress, _ time: Duration) -> String? {
        if title != self.title {
            self.title = title
            shownTenths = 0
            lastTime = time
        }
        guard let fraction = progress.fraction, let total = progress.total else { return nil }
        let tenths = Int(fraction * 10)
        guard tenths > shownTenths, tenths == 10 || time - lastTime >= .seconds(1) else { return nil }
        shownTenths = tenths
        lastTime = time
        return "\(title): \(tenths * 10) % of \(ProgressLine.bytes(total))"
    }
}
