import FaultyServer
import Foundation

/// A worker process that is killed at random moments and restarted until its share is done.
struct WorkerProcess: Sendable {
    let arguments: [String]
    let temporary: URL
    let seed: UInt64
    let number: Int
    /// The number of kills after which the worker runs undisturbed.
    let maximumKills: Int

    /// The outcome of a worker process.
    struct ProcessOutcome: Sendable {
        var kills = 0
        var starts = 0
        var problem: String?
    }

    private static let maximumDuration: Duration = .seconds(150)

    func run() async throws -> ProcessOutcome {
        var outcome = ProcessOutcome()
        var numbers = SeededNumbers(seed: seed, "worker", number)
        let start = ContinuousClock.now
        while true {
            let process = Process()
            process.executableURL = try Self.executable()
            process.arguments = ["worker"] + arguments
            process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": temporary.path]) { $1 }
            try process.run()
            outcome.starts += 1
            // A kill mostly interrupts running jobs, and sometimes the startup.
            let span = Duration.milliseconds(Int.random(in: 20...1_400, using: &numbers))
            let end = outcome.kills < maximumKills ? ContinuousClock.now + span : start + Self.maximumDuration
            while process.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(3)) }
            if process.isRunning {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                outcome.kills += 1
                guard ContinuousClock.now - start < Self.maximumDuration else {
                    outcome.problem = "worker \(number) did not finish in time"
                    return outcome
                }
            } else if process.terminationReason == .exit, process.terminationStatus == 0 {
                return outcome
            } else {
                outcome.problem = "worker \(number) ended with status \(process.terminationStatus)"
                return outcome
            }
        }
    }

    /// Returns the file of this program.
    static func executable() throws -> URL {
        #if os(Linux)
        return URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        #else
        guard let url = Bundle.main.executableURL else { throw CocoaError(.executableNotLoadable) }
        return url
        #endif
    }
}
