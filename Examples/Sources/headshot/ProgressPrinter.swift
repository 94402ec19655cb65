import Foundation
import HeadshotKit

/// The display of progress on standard error: redrawn lines on a terminal, one for each running job, and separate lines elsewhere.
final class ProgressPrinter: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state. Events and ticks arrive on any thread.
    private let lock = NSLock()
    private let terminal: Terminal?
    private let clock = ContinuousClock()
    private var job: Track
    /// The running jobs of a batch, by their number. `nil` for a single job.
    private var batch: [Int: Track]?
    /// The line about the whole batch.
    private var summary: String
    private let start: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?
    private var drawnLines = 0
    private var isOver = false

    /// A job whose progress is displayed.
    private struct Track {
        /// The name of the job in a batch.
        var name: String?
        var progress = JobProgress()
        var log = ProgressLog()
        var stageStart: ContinuousClock.Instant
    }

    /// Creates the display of a single job, or of a batch of jobs with a line about the whole batch.
    init(terminal: Terminal? = Console.terminal(), batch summary: String? = nil) {
        self.terminal = terminal
        start = clock.now
        job = Track(stageStart: start)
        self.summary = summary ?? ""
        batch = summary == nil ? nil : [:]
    }

    /// The progress so far.
    var progress: JobProgress { lock.withLock { job.progress } }

    /// The latest line about the whole batch.
    var batchSummary: String { lock.withLock { summary } }

    /// Resets the progress for the next job.
    func restart() {
        lock.withLock { job = Track(stageStart: clock.now) }
    }

    func show(_ event: GenerationEvent) {
        lock.withLock { if note(event, &job) { draw() } }
    }

    /// Shows an event of a job in a batch. The first event adds the job's line.
    func show(_ event: GenerationEvent, of number: Int, named name: String) {
        lock.withLock {
            var track = batch?[number] ?? Track(name: name, stageStart: clock.now)
            let isStale = note(event, &track)
            batch?[number] = track
            if isStale { draw() }
        }
    }

    /// Replaces the line of a job in a batch with output, and shows a new line about the whole batch.
    func end(_ number: Int, summary: String, _ write: () throws -> Void) rethrows {
        try lock.withLock {
            batch?[number] = nil
            self.summary = summary
            try above(write)
        }
    }

    /// Redraws the line every 150 milliseconds until the task is canceled.
    func tick() async {
        guard terminal != nil else { return }
        do {
            while true {
                lock.withLock { if !isOver { draw() } }
                try await clock.sleep(for: .milliseconds(150))
            }
        } catch {
            // Cancellation ends the redrawing.
        }
    }

    /// Writes output between the progress lines.
    func print(_ write: () throws -> Void) rethrows {
        try lock.withLock { try above(write) }
    }

    /// Removes the progress line permanently.
    func finish() {
        lock.withLock {
            isOver = true
            clear()
        }
    }

    // MARK: With the lock held

    private func above(_ write: () throws -> Void) rethrows {
        clear()
        try write()
    }

    /// Notes an event, and returns whether the lines should be redrawn at once.
    private func note(_ event: GenerationEvent, _ track: inout Track) -> Bool {
        let title = Self.title(of: track.progress.stage)
        track.progress.note(event)
        let isNewStage = Self.title(of: track.progress.stage) != title
        if isNewStage { track.stageStart = clock.now }
        guard !isOver else { return false }
        let prefix = track.name.map { "\($0): " } ?? ""
        // These events explain a delay.
        let explainsDelay =
            switch event {
            case .retrying, .outputsMissing: true
            default: false
            }
        if batch != nil {
            // The other lines of every job would hide the outcomes.
            if explainsDelay { above { Console.note(prefix + event.description) } }
        } else if terminal == nil {
            if let line = track.log.line(for: event, at: clock.now - start) { Console.note(line) }
        } else {
            // The ID stays on the screen, because it identifies the job.
            if case .submitted(let job) = event { above { Console.note(ProgressLog.created(job)) } }
            if explainsDelay { above { Console.note(event.description) } }
        }
        // A fast transfer reports thousands of events per second.
        return isNewStage || lastDrawn.map { clock.now - $0 > .milliseconds(50) } ?? true
    }

    private func draw() {
        guard let terminal else { return }
        let columns = terminal.columns
        var lines = (batch?.sorted { $0.key < $1.key }.map(\.value) ?? [job]).map { track in
            ProgressLine(
                name: track.name,
                stage: track.progress.stage,
                elapsed: clock.now - track.stageStart,
                columns: columns,
                isColored: terminal.isColored
            ).text
        }
        if batch != nil {
            // A line above the window could not be redrawn.
            let title = summary.count + 5 < columns ? "All: " : ""
            lines = lines.suffix(max(0, terminal.rows - 2)) + [(title + summary).shortened(to: max(0, columns - 1))]
        }
        Console.draw(eraser + lines.joined(separator: "\n"))
        drawnLines = lines.count
        lastDrawn = clock.now
    }

    private func clear() {
        if lastDrawn != nil { Console.draw(eraser) }
        lastDrawn = nil
        drawnLines = 0
    }

    /// The text that erases the lines that are drawn.
    private var eraser: String {
        drawnLines > 1 ? "\r\u{1B}[\(drawnLines - 1)A\u{1B}[J" : "\r\u{1B}[K"
    }

    /// Returns the title of a stage. A new title restarts the elapsed time.
    private static func title(of stage: JobProgress.Stage) -> String {
        switch stage {
        case .preparing: "preparing"
        case .uploading: "uploading"
        case .creating: "creating"
        case .waiting(let status): status
        case .downloading(let output, _, _): "downloading \(output)"
        }
    }
}
