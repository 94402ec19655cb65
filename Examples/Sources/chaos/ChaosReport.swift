import FaultyServer
import Foundation

/// The figures of a run, printed at its end.
struct ChaosReport {
    private let outcomes: [WorkerProcess.ProcessOutcome]
    private let schedule: RandomFaultSchedule
    private let duration: Duration

    init(_ outcomes: [WorkerProcess.ProcessOutcome], _ schedule: RandomFaultSchedule, _ duration: Duration) {
        self.outcomes = outcomes
        self.schedule = schedule
        self.duration = duration
    }

    var problems: [String] { outcomes.compactMap(\.problem) }

    func print(_ found: Inspection, of jobs: Int) {
        Swift.print(
            "jobs         \(jobs): \(found.delivered) delivered, \(found.failed) failed and refunded, \(found.unconfirmed) unconfirmed (\(found.unconfirmedCharged) of them charged)"
        )
        Swift.print("ledger       \(found.charges) charges, \(found.refunds) refunds")
        printWork()
        Swift.print("leftovers    \(found.leftoverFiles) small files, \(found.keysLeft) with a key")
        printDuration()
    }

    func print(_ found: OrderInspection, _ runDirectory: RunDirectory, of orders: Int) throws {
        Swift.print(
            "orders       \(orders): \(found.delivered) delivered, \(found.unconfirmed) unconfirmed (\(found.unconfirmedCharged) of them charged)"
        )
        Swift.print("ledger       \(found.charges) charges")
        let totals = try RunDirectory.MessageOutcome.allCases.map { "\(try runDirectory.total($0)) \($0.rawValue)" }
        Swift.print("messages     \(totals.joined(separator: ", "))")
        printWork()
        Swift.print("leftovers    \(found.leftoverFiles) small files")
        printDuration()
    }

    private func printWork() {
        let kills = outcomes.map(\.kills).reduce(0, +)
        let starts = outcomes.map(\.starts).reduce(0, +)
        Swift.print("processes    \(kills) killed, \(starts - outcomes.count) restarts")
        Swift.print(
            "requests     \(schedule.requestCount), \(schedule.faultCount) with a fault: "
                + schedule.faultCounts.map { "\($0.step.rawValue) \($0.count)" }.joined(separator: ", ")
        )
    }

    private func printDuration() {
        Swift.print("seconds      \((duration / .seconds(1)).formatted(.number.precision(.fractionLength(1))))")
    }
}
