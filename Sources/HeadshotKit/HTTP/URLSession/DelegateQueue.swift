import Dispatch
import Foundation

/// A queue that runs the events of all sessions of a transport, one at a time.
///
/// On Linux, a session does not wait for its delegate. A host that sends faster than the delegate works would fill memory with
/// events. A session on Linux that adds an event therefore waits until fewer than ``capacity`` events are queued. Meanwhile, the
/// session stops reading, and TCP makes the host wait.
final class DelegateQueue: OperationQueue, @unchecked Sendable {
    // Unchecked because the superclass is. The condition guards the properties added here.
    private let condition = NSCondition()
    private var queued = 0
    private var isBounded = true

    /// The maximum number of queued events. Each event holds at most 16 KiB of a body, even after decompression.
    private static let capacity = 64

    override init() {
        super.init()
        name = "HeadshotKit.URLSessionTransport"
        maxConcurrentOperationCount = 1
    }

    #if canImport(FoundationNetworking)
    private let events = DispatchQueue(label: "HeadshotKit.URLSessionTransport")

    override func addOperation(_ block: @escaping @Sendable () -> Void) {
        condition.withLock {
            while isBounded, queued >= Self.capacity { condition.wait() }
            queued += 1
        }
        // An operation costs several times as much processor time as a block of a dispatch queue.
        events.async { [self] in
            block()
            condition.withLock {
                queued -= 1
                condition.signal()
            }
        }
    }
    #endif

    /// Runs a closure that waits for a session from inside an event. No session is blocked meanwhile.
    func withoutBound(_ body: () -> Void) {
        setBounded(false)
        body()
        setBounded(true)
    }

    private func setBounded(_ value: Bool) {
        condition.withLock {
            isBounded = value
            condition.broadcast()
        }
    }
}
