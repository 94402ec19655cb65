import Foundation
import HeadshotKit

/// The line that shows a job's progress on a terminal. It is a pure function that depends on neither the terminal nor the
/// time.
struct ProgressLine {
    /// The name of the job, if there are several.
    var name: String?
    var stage: JobProgress.Stage
    /// The time since the current stage began.
    var elapsed: Duration
    var columns: Int
    var isColored = false

    /// The line without a line break. It is shorter than the terminal is wide, because a full line would wrap.
    var text: String {
        guard let name, room > 0 else { return textWithoutName }
        // A quarter of the line, and at least the beginning of a name.
        let shown = Console.printable(name).replacing("\n", with: " ")
            .shortened(to: min(room, max(8, columns / 4)))
        var line = self
        line.name = nil
        line.columns = max(0, columns - shown.count - 1)
        return shown + (line.room > 0 ? " " : "") + line.textWithoutName
    }

    private var textWithoutName: String {
        switch stage {
        case .preparing: activity("Preparing")
        case .uploading(let progress): transfer("Uploading", progress)
        case .creating: activity("Creating")
        case .waiting(let status): activity(Self.capitalized(status))
        case .downloading(let output, let count, let progress):
            transfer(count == 1 ? "Downloading" : "Downloading \(output) of \(count)", progress)
        }
    }

    private var room: Int { max(0, columns - 1) }

    /// Returns the line for a stage of unknown length, such as `Rendering [---####---] 12 s`, with a moving mark that shows
    /// activity.
    private func activity(_ title: String) -> String {
        let seconds = "\(elapsed.components.seconds) s"
        let bar = bar(title, seconds) { width in
            let mark = min(4, width)
            let span = max(1, width - mark)
            let step = Int(elapsed / .milliseconds(150)) % (2 * span)
            let start = step < span ? step : 2 * span - step
            return (start..<start + mark)
        }
        return fit(title, bar, seconds)
    }

    /// Returns the line for a transfer, such as `Uploading [#####-----] 50 % of 2.4 MB`.
    private func transfer(_ title: String, _ progress: TransferProgress) -> String {
        guard let fraction = progress.fraction, let total = progress.total else {
            return fit(title, nil, Self.bytes(progress.completed))
        }
        let percent = "\(Int(fraction * 100)) %"
        let detail = "\(percent) of \(Self.bytes(total))"
        let bar = bar(title, detail) { width in 0..<Int(Double(width) * fraction) }
        return fit(title, bar, detail)
    }

    /// Returns a bar that fills the available width up to 30 cells, or `nil` if the width is too small for a useful bar.
    private func bar(_ title: String, _ detail: String, filled: (Int) -> Range<Int>) -> String? {
        let width = min(30, room - title.count - detail.count - 4)
        guard width >= 8 else { return nil }
        let range = filled(width)
        let cells = (0..<width).map { range.contains($0) ? "#" : "-" }
        return "[" + cells.joined() + "]"
    }

    private func fit(_ title: String, _ bar: String?, _ detail: String) -> String {
        guard let bar else { return String("\(title) \(detail)".prefix(room)) }
        guard isColored else { return "\(title) \(bar) \(detail)" }
        return "\u{1B}[1m\(title)\u{1B}[0m \u{1B}[32m\(bar)\u{1B}[0m \(detail)"
    }

    /// Returns a service's status as a title, without control characters and with at most 24 characters.
    private static func capitalized(_ word: String) -> String {
        let word = Console.printable(word).replacing("\n", with: " ").prefix(24)
        return word.prefix(1).uppercased() + word.dropFirst()
    }

    /// Returns a size as text, such as `640 B`, `12 kB`, or `2.4 MB`.
    static func bytes(_ count: Int64) -> String {
        switch count {
        case ..<1_000: "\(count) B"
        case ..<1_000_000: "\((count + 500) / 1_000) kB"
        default:
            // Integer arithmetic avoids a locale-dependent format.
            "\((count + 50_000) / 1_000_000).\((count + 50_000) / 100_000 % 10) MB"
        }
    }
}

extension String {
    /// Returns the beginning of the text with a mark if the text is longer than a limit.
    func shortened(to limit: Int) -> String {
        count <= limit ? self : limit > 0 ? prefix(limit - 1) + "…" : ""
    }
}
