import HeadshotKit

/// The lines that tell how a job stands where there is no terminal: in a log, a file, another program. It knows neither the
/// terminal nor the time.
struct ProgressLog {
    private var lastTime: Duration = .zero
    private var shownTenths = 0
    private var title = ""

    /// The line for an event; nil where it is not worth one.
    ///
    /// - Parameter time: The time since the beginning.
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

    /// At most one line for each tenth, and one a second: a short transfer has its end alone.
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
