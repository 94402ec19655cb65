import Foundation

/// Replaces a file so that after a crash at any moment, of the process or of the machine, either the old or the new contents are
/// there, whole; and once it is done, the new ones.
///
/// The order of the steps is the point: contents reach the disk before the name does, and the name before the caller goes on.
struct AtomicFileWriter {
    enum Step: CaseIterable {
        case writeTemporary, syncTemporary, rename, syncDirectory
    }

    let contents: Data
    let file: URL
    let temporary: URL
    /// A file whose room the new contents take, if it is there: on a full disk there would be no other.
    let reserve: URL?

    init(_ contents: Data, to file: URL, reserve: URL? = nil) {
        self.contents = contents
        self.file = file
        self.reserve = reserve
        // In the same folder, for a rename does not cross file systems; with a name of its own, for processes share the folder.
        temporary = file.deletingLastPathComponent().appendingPathComponent(
            ".\(file.lastPathComponent).\(UUID().uuidString).tmp"
        )
    }

    /// Whether a file has a name of the kind that a write in progress has, or one that was cut short.
    static func isTemporary(_ name: String) -> Bool {
        name.wholeMatch(of: #/\..+\.[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\.tmp/#) != nil
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

    /// Waits until a file's contents, or a folder's names, are on the disk.
    static func sync(_ file: URL) throws {
        let descriptor = try check(open(file.path, O_RDONLY | O_CLOEXEC))
        defer { close(descriptor) }
        try check(fsync(descriptor))
    }
}

/// The result of a call of the system, or its error.
@discardableResult
func check(_ result: Int32) throws -> Int32 {
    guard result < 0 else { return result }
    throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
}
