import Foundation

/// A lock that separates two downloads of one output, within a process or across processes. It ends with the process.
final class PartLock: Sendable {
    /// The descriptor of the locked file. `nil` once the lock is released.
    private let descriptor: Locked<Int32?>
    private let file: URL

    /// Creates a lock, or returns `nil` if another download holds it.
    init?(_ file: URL) throws {
        while true {
            let descriptor = try check(open(file.path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600))
            var isKept = false
            defer { if !isKept { close(descriptor) } }
            guard try tryLock(descriptor) else { return nil }
            // The previous owner may have removed the file after this open. Other processes would then lock a different file.
            guard isOpen(descriptor, at: file.path) else { continue }
            isKept = true
            (self.descriptor, self.file) = (Locked(descriptor), file)
            return
        }
    }

    /// Releases the lock, even if an aborted transfer still holds a reference to it.
    func release() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            descriptor = nil
            // Unlinks before unlocking, because another process may own the file after the unlock.
            unlink(file.path)
            close(open)
        }
    }

    deinit { release() }
}
