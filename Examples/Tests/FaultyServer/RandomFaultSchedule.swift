import Foundation
import HeadshotKit

/// The fault schedule, which decides from a seed which requests get a fault, and which fault.
public final class RandomFaultSchedule: @unchecked Sendable {
    // Unchecked because `lock` guards the counts.
    private let lock = NSLock()
    private let seed: UInt64
    private let share: Double
    /// The number of requests of each sequence, whose names contain the step.
    private var requests: [String: Int] = [:]
    private var faults: [ServiceStep: Int] = [:]

    /// Creates a fault schedule.
    ///
    /// - Parameter share: The share of requests that get a fault, from 0 to 1.
    public init(seed: UInt64, share: Double) {
        self.seed = seed
        self.share = share
    }

    /// The number of requests.
    public var requestCount: Int {
        let steps = ServiceStep.allCases.map(\.rawValue)
        return lock.withLock { steps.reduce(0) { $0 + requests[$1, default: 0] } }
    }
    /// The number of faults.
    public var faultCount: Int { lock.withLock { faults.values.reduce(0, +) } }
    /// The number of faults at each step.
    public var faultCounts: [(step: ServiceStep, count: Int)] {
        let counts = lock.withLock { faults }
        return ServiceStep.allCases.compactMap { step in counts[step].map { (step, $0) } }
    }

    /// Returns the fault for the next request of a step, or `nil` if the request gets none.
    public func fault(at step: ServiceStep) -> InjectedFault? {
        guard var numbers = numbers(of: step.rawValue, at: step, share) else { return nil }
        return Self.faults(at: step).randomElement(using: &numbers)
    }

    /// Returns the numbers that choose the stream fault for the next request of a step, or `nil` if the request gets none. These
    /// faults are half as frequent as the others.
    public func streamNumbers(at step: ServiceStep) -> SeededNumbers? {
        numbers(of: "stream \(step.rawValue)", at: step, share / 2)
    }

    /// Counts a request of a sequence, and returns the numbers that choose its fault, or `nil` if the request gets none.
    private func numbers(of sequence: String, at step: ServiceStep, _ share: Double) -> SeededNumbers? {
        let number = lock.withLock {
            requests[sequence, default: 0] += 1
            return requests[sequence, default: 0]
        }
        var numbers = SeededNumbers(seed: seed, sequence, number)
        guard Double.random(in: 0..<1, using: &numbers) < share else { return nil }
        lock.withLock { faults[step, default: 0] += 1 }
        return numbers
    }

    private static func faults(at step: ServiceStep) -> [InjectedFault] {
        let page = "<html><body><h1>502 Bad Gateway</h1></body></html>"
        let html = ["Content-Type": "text/html"]
        let failures: [(Int, [String: String], String)] = [
            (500, [:], #"{"message":"Internal Server Error"}"#), (502, html, page),
            (503, [:], #"{"message":"Service Unavailable"}"#),
        ]
        // These responses state that the request was not processed. The client relies on that if the request creates a job.
        let delays: [(Int, [String: String], String)] = [
            (503, ["Retry-After": "0"], #"{"message":"Service Unavailable"}"#),
            (429, [:], #"{"status":"error","message":"Too many requests","retry_after":0.02}"#),
        ]
        let both = step.createsJob ? failures : failures + delays
        let everywhere: [InjectedFault] =
            (failures + delays).map { .response($0, headers: $1, body: $2) }
            + both.map { .response($0, headers: $1, body: $2, isProcessed: true) } + [
                .droppedBeforeProcessing, .droppedAfterProcessing, .halved, .truncated, .slow(.milliseconds(80)),
            ]
        switch step {
        case .download:
            return everywhere + [
                .response(200, headers: html, body: page, isProcessed: true),
                .response(200, body: #"{"error":"file is not ready"}"#, isProcessed: true),
                .response(404), .rangesRejected,
            ]
        case .poll, .fetch:
            let done: JSONValue = step == .poll ? "complete" : "success"
            return everywhere + [
                .response(200, body: "\u{1}garbage\u{2}", isProcessed: true),
                .response(404, body: #"{"message":"Not found"}"#),
                .fields(["status": done, "downloads": [], "output": []]),
            ]
        default:
            return everywhere + [.response(200, body: "\u{1}garbage\u{2}", isProcessed: true)]
        }
    }
}
