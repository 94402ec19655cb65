import Foundation

/// A value behind a lock. The standard library's `Mutex` requires newer Apple systems than this package does.
package final class Locked<Value>: @unchecked Sendable {
    // Unchecked, because the compiler cannot verify that `lock` guards every access to `value`.
    private let lock = NSLock()
    private var value: Value

    package init(_ value: Value) {
        self.value = value
    }

    package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}
