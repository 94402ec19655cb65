import Foundation
import HeadshotKit

/// The display of a job's progress on standard error: a single redrawn line on a terminal, and separate lines elsewhere.
final class ProgressPrinter: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state. Events and ticks arrive on any thread.
    private let lock = NSLock()
    private let terminal: Terminal?
    private let clock = ContinuousClock()
    private var known = JobProgress()
    private var log = ProgressLog()
    private let start: ContinuousClock.Instant
    private var stageStart: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?
    private var isOver = false

    init(terminal: Terminal? = Console.terminal()) {
        self.terminal = terminal
        start = clock.now
        stageStart = start
    }

    /// The progress so far.
    var progress: JobProgress { lock.withLock { known } }

    /// Resets the progress for the next job.
    func restart() {
        lock.withLock {
            known = JobProgress()
            log = ProgressLog()
            stageStart = clock.now
        }
    }

    func show(_ event: GenerationEvent) {
        lock.withLock {
            let title = Self.title(of: known.stage)
            known.note(event)
            let isNewStage = Self.title(of: known.stage) != title
            if isNewStage { stageStart = clock.now }
            guard !isOver else { return }
            if terminal == nil {
                if let line = log.line(for: event, at: clock.now - start) { Console.note(line) }
            } else {
                // The ID stays on the screen, because it identifies the job.
                if case .submitted(let job) = event { above { Console.note(ProgressLog.created(job)) } }
                // These events explain a delay.
                switch event {
                case .retrying, .outputsMissing: above { Console.note(event.description) }
                default: break
                }
                // A fast transfer reports thousands of events per second.
                if isNewStage || lastDrawn.map({ clock.now - $0 > .milliseconds(50) }) ?? true { draw() }
            }
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

    private func draw() {
        guard let terminal else { return }
        let line = ProgressLine(
            stage: known.stage,
            elapsed: clock.now - stageStart,
            columns: terminal.columns,
            isColored: terminal.isColored
        )
        Console.draw("\r\u{1B}[K" + line.text)
        lastDrawn = clock.now
    }

    private func clear() {
        if lastDrawn != nil { Console.draw("\r\u{1B}[K") }
        lastDrawn = nil
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
