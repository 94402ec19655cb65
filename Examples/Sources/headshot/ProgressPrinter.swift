import Foundation
import HeadshotKit

/// Shows on standard error how a job stands: one line that is redrawn on a terminal, lines one below the other elsewhere.
final class ProgressPrinter: @unchecked Sendable {
    // Unchecked, because the compiler cannot see that `lock` guards all that changes: events and ticks come from any thread.
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

    /// What is known so far.
    var progress: JobProgress { lock.withLock { known } }

    /// Forgets one job, for the next.
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
                // The id stays on the screen: it is what a job is found by.
                if case .submitted(let job) = event { above { Console.note(ProgressLog.created(job)) } }
                // What keeps somebody waiting is worth a line, too.
                switch event {
                case .retrying, .outputsMissing: above { Console.note(event.description) }
                default: break
                }
                // A fast transfer has thousands of events a second, which nobody can read.
                if isNewStage || lastDrawn.map({ clock.now - $0 > .milliseconds(50) }) ?? true { draw() }
            }
        }
    }

    /// Keeps the line alive, until canceled.
    func tick() async {
        guard terminal != nil else { return }
        do {
            while true {
                lock.withLock { if !isOver { draw() } }
                try await clock.sleep(for: .milliseconds(150))
            }
        } catch {
            // Canceled: there is nothing more to show.
        }
    }

    /// Writes something between the lines of progress.
    func print(_ write: () throws -> Void) rethrows {
        try lock.withLock { try above(write) }
    }

    /// Takes the line away for good.
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

    /// What has to change for the time to be counted anew.
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
