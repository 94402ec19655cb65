import Foundation

/// A lock that separates two downloads of one output, within a process or across processes. It ends with the process.
final class PartLock: Sendable {
    private let lock: FileLock
    private let file: URL

    /// Creates a lock, or returns `nil` if another download holds it.
    init?(_ file: URL) throws {
        guard let lock = try FileLock(file) else { return nil }
        (self.lock, self.file) = (lock, file)
    }

    /// Releases the lock, even if an aborted transfer still holds a reference to it.
    func release() {
        // Unlinks before unlocking, because another process may own the file after the unlock.
        lock.unlock { [file] in unlink(file.path) }
    }

    deinit { release() }
}
