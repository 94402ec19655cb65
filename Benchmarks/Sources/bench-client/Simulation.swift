import Foundation
import HeadshotKit

/// A simulation of polling policies in virtual time, over many jobs with lognormal durations. It measures the number of
/// polls per job and the delay until its end is found.
enum Simulation {
    struct Row: Encodable {
        var operation: String
        var median: Double
        var polling: String
        var polls: Double
        var foundLate: Double
        var foundLate95: Double
    }

    private static let spread = 0.5

    static func run(jobs: Int) -> [Row] {
        let operations: [(name: String, median: Double, policy: PollingPolicy, fixed: [Double])] = [
            ("headshot", 16, .headshots, [2, 3]),
            ("image", 4, .images, [2, 3]),
            ("talking photo", 41, .talkingPhotos, [5, 10]),
        ]
        return operations.flatMap { operation in
            let durations = durations(median: operation.median, count: jobs)
            var generator = SplitMix64(seed: 2)
            var rows: [Row] = []
            func add(_ polling: String, _ measure: (Double) -> (polls: Int, late: Double)) {
                rows.append(summary(operation.name, operation.median, polling, durations.map(measure)))
            }
            add("HeadshotKit") { adaptive($0, operation.policy, &generator) }
            add("Python SDK, fixed 0.5 s") { pythonSDK($0, interval: 0.5) }
            for interval in operation.fixed {
                add("fixed \(Int(interval)) s") { fixed($0, interval: interval) }
            }
            return rows
        }
    }

    private static func durations(median: Double, count: Int) -> [Double] {
        var generator = SplitMix64(seed: 1)
        return (0..<count).map { _ in
            let (u, v) = (1 - Double.random(in: 0..<1, using: &generator), Double.random(in: 0..<1, using: &generator))
            return median * exp(spread * (-2 * log(u)).squareRoot() * cos(2 * .pi * v))
        }
    }

    private static func adaptive(_ duration: Double, _ policy: PollingPolicy, _ generator: inout SplitMix64) -> (
        polls: Int, late: Double
    ) {
        var time = 0.0
        var polls = 0
        while true {
            polls += 1
            let random = Double.random(in: 0..<1, using: &generator)
            time += policy.delay(after: .seconds(time), poll: polls, random: random) / .seconds(1)
            if time >= duration { return (polls, time - duration) }
        }
    }

    private static func fixed(_ duration: Double, interval: Double) -> (polls: Int, late: Double) {
        let polls = Int((duration / interval).rounded(.up))
        return (polls, Double(polls) * interval - duration)
    }

    /// Returns the result for the Python SDK. It polls twice before the first interval, and sleeps for another interval
    /// after it has found the end.
    private static func pythonSDK(_ duration: Double, interval: Double) -> (polls: Int, late: Double) {
        let (polls, late) = fixed(duration, interval: interval)
        return (polls + 2, late + interval)
    }

    private static func summary(
        _ operation: String,
        _ median: Double,
        _ polling: String,
        _ jobs: [(polls: Int, late: Double)]
    ) -> Row {
        let late = jobs.map(\.late).sorted()
        return Row(
            operation: operation,
            median: median,
            polling: polling,
            polls: Double(jobs.reduce(0) { $0 + $1.polls }) / Double(jobs.count),
            foundLate: late.reduce(0, +) / Double(late.count),
            foundLate95: late[late.count * 95 / 100]
        )
    }
}

/// A random number generator that produces the same sequence in every run.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
