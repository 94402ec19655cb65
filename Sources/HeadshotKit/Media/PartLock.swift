import Foundation

/// Keeps two downloads of one output apart, in one process or in several. It goes with the process, however that ends.
final class PartLock: Sendable {
    private let descriptor: Int32
    private let file: URL

    /// Takes the lock; `nil` if another download has it.
    init?(_ file: URL) throws {
        while true {
            let descriptor = try check(open(file.path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600))
            if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                close(descriptor)
                return nil
            }
            // The last one to have it may have removed the file after it was opened here: then others lock another file.
            var (mine, named) = (stat(), stat())
            if fstat(descriptor, &mine) == 0, lstat(file.path, &named) == 0, mine.st_ino == named.st_ino {
                (self.descriptor, self.file) = (descriptor, file)
                return
            }
            close(descriptor)
        }
    }

    deinit {
        // In this order: a file that nobody holds may be another's by now.
        unlink(file.path)
        close(descriptor)
    }
}
