import Foundation

/// A schedule that decides which requests of one step get the fault.
public final class FaultSchedule: @unchecked Sendable {
    // Unchecked because `lock` guards all mutable state.
    private let lock = NSLock()
    private let step: ServiceStep
    private let isRepeated: Bool
    private var isOver = false
    private var faultCount = 0
    private var requests: [ServiceStep: Int] = [:]

    /// Creates a schedule whose fault occurs once, or at every request of the step.
    public init(at step: ServiceStep, isRepeated: Bool) {
        self.step = step
        self.isRepeated = isRepeated
    }

    /// Returns whether the next request of a step gets the fault, and counts the fault.
    public func takeFault(at step: ServiceStep) -> Bool {
        lock.withLock {
            guard step == self.step, !isOver, isRepeated || faultCount == 0 else { return false }
            faultCount += 1
            return true
        }
    }

    /// Ends the fault.
    public func end() { lock.withLock { isOver = true } }

    /// The number of requests with the fault.
    public var count: Int { lock.withLock { faultCount } }

    /// Counts a request of the client.
    public func note(_ step: ServiceStep) { lock.withLock { requests[step, default: 0] += 1 } }

    /// Returns the number of requests of a step.
    public func requests(of step: ServiceStep) -> Int { lock.withLock { requests[step] ?? 0 } }
}
