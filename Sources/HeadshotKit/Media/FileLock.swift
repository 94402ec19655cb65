import Foundation

/// An exclusive lock on a file, within a process or across processes. It ends with ``release()``, with its deinitialization, or with
/// the process.
final class FileLock: Sendable {
    private let file: URL
    /// The descriptor of the locked file. `nil` once the lock is released.
    private let descriptor: Locked<Int32?>

    /// Creates a lock, and the file if it does not exist. Returns `nil` if another owner has the lock.
    ///
    /// - Throws: Any other failure, such as on a file system without locks. It must not look like another owner, nor like a lock.
    init?(_ file: URL) throws {
        guard let descriptor = try Self.openLocked(file) else { return nil }
        self.file = file
        self.descriptor = Locked(descriptor)
    }

    deinit { release() }

    /// Releases the lock and removes its file. A second call has no effect.
    func release() {
        descriptor.withLock { descriptor in
            guard let open = descriptor else { return }
            descriptor = nil
            // If the file was removed before, another owner may have a new file with the same name.
            if Self.isOpen(open, at: file) { unlink(file.path) }
            close(open)
        }
    }

    private static func openLocked(_ file: URL) throws -> Int32? {
        while true {
            let descriptor = try check(open(file.path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600))
            let isLocked: Bool
            do { isLocked = try tryLock(descriptor) } catch {
                close(descriptor)
                throw error
            }
            // The previous owner may have removed the file after this open. Other processes would then lock a different file.
            if isLocked, isOpen(descriptor, at: file) { return descriptor }
            close(descriptor)
            if !isLocked { return nil }
        }
    }

    private static func tryLock(_ descriptor: Int32) throws -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let failure = errno
            if failure == EINTR { continue }
            guard failure == EWOULDBLOCK else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
            return false
        }
        return true
    }

    private static func isOpen(_ descriptor: Int32, at file: URL) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && lstat(file.path, &named) == 0 && open.st_ino == named.st_ino
            && open.st_dev == named.st_dev
    }
}
