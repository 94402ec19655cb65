import Foundation

/// Runs the events of all sessions of a transport, one at a time.
///
/// On Linux a session does not wait for its delegate. A host that sends faster than the delegate works would fill the memory with
/// events. There, a session that adds an event waits until fewer than ``capacity`` are queued. It stops reading meanwhile, and TCP
/// makes the host wait.
final class DelegateQueue: OperationQueue, @unchecked Sendable {
    // Unchecked because its superclass is. The condition guards what is added here.
    private let condition = NSCondition()
    private var queued = 0
    private var isBounded = true

    /// Each event holds at most 16 KiB of a body, decompressed or not.
    private static let capacity = 64

    override init() {
        super.init()
        name = "HeadshotKit.URLSessionTransport"
        maxConcurrentOperationCount = 1
    }

    #if canImport(FoundationNetworking)
    override func addOperation(_ block: @escaping @Sendable () -> Void) {
        condition.withLock {
            while isBounded, queued >= Self.capacity { condition.wait() }
            queued += 1
        }
        super.addOperation { [self] in
            block()
            condition.withLock {
                queued -= 1
                condition.signal()
            }
        }
    }
    #endif

    /// Does something, inside an event, that waits for a session. No session is held up meanwhile.
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
