import Foundation

/// An atomic replacement of a file.
///
/// After a crash of the process or the machine, the file holds either the old or the new contents in full. After `run()`
/// returns, it holds the new contents.
///
/// The order of the steps ensures this. The contents reach the disk before the name, and the name before the caller continues.
struct AtomicFileWriter {
    enum Step: CaseIterable {
        case writeTemporary, syncTemporary, rename, syncDirectory
    }

    let contents: Data
    let file: URL
    let temporary: URL
    /// A file whose disk space the new contents reuse if it exists. A full disk has no other space.
    let reserve: URL?

    init(_ contents: Data, to file: URL, reserve: URL? = nil) {
        self.contents = contents
        self.file = file
        self.reserve = reserve
        // A rename cannot cross file systems, and processes share the directory, so the name is unique within it.
        temporary = file.deletingLastPathComponent().appendingPathComponent(
            ".\(file.lastPathComponent).\(UUID().uuidString).tmp"
        )
    }

    /// Returns whether a name belongs to the temporary file of a write in progress or of an interrupted write.
    static func isTemporary(_ name: String) -> Bool {
        // Most names of a large directory are decided by the suffix.
        guard name.hasSuffix(".tmp"), name.hasPrefix("."), name.utf8.count > 42 else { return false }
        return UUID(uuidString: String(name.dropLast(4).suffix(36))) != nil
    }

    func run() throws {
        do { for step in Step.allCases { try perform(step) } } catch {
            unlink(temporary.path)
            throw error
        }
    }

    func perform(_ step: Step) throws {
        switch step {
        case .writeTemporary:
            let isReserved = reserve.map { Foundation.rename($0.path, temporary.path) == 0 } ?? false
            let creation = isReserved ? 0 : O_CREAT | O_EXCL
            let descriptor = try check(open(temporary.path, O_WRONLY | O_CLOEXEC | creation, 0o600))
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try handle.write(contentsOf: contents)
            if isReserved { try handle.truncate(atOffset: UInt64(contents.count)) }
            try handle.close()
        case .syncTemporary: try Self.sync(temporary)
        case .rename: try check(Foundation.rename(temporary.path, file.path))
        case .syncDirectory: try Self.sync(file.deletingLastPathComponent())
        }
    }

    /// Waits until a file's contents or a directory's entries are on disk.
    static func sync(_ file: URL) throws {
        let descriptor = try check(open(file.path, O_RDONLY | O_CLOEXEC))
        defer { close(descriptor) }
        #if canImport(Darwin)
        // On Apple platforms, `fsync` does not empty the cache of the drive. Not every file system supports this.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        try check(fsync(descriptor))
    }
}

/// Returns the result of a system call, or throws the error in `errno` if the result is negative.
@discardableResult
func check(_ result: Int32) throws -> Int32 {
    guard result < 0 else { return result }
    throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
}
