public import Foundation

/// A ``JobStore`` in a folder: one JSON file for each job, readable by its owner alone. Several processes may share it.
///
/// A file is replaced in one step and is on the disk before the next one is taken, so a crash leaves the old record or the new one.
/// A file that is no record is renamed to `NAME.set-aside` and reported; it never keeps the others from being read. One that may be
/// a record for somebody else, such as a newer HeadshotKit, is reported and left alone.
///
/// Looking up one job costs the same however many are kept, and the room for its id is set aside with its intent, so that a disk
/// that fills up in between does not lose the id. The methods wait for the disk; the engine calls them on threads of its own.
public struct FileJobStore: JobStore {
    /// The folder.
    public let directory: URL

    /// A store in a folder, which is made when absent.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` when the folder cannot be made.
    public init(directory: URL) throws {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw HeadshotKitError(
                .fileSystem,
                "No jobs can be kept in \(directory.path): \(error.systemReason). Choose another folder.",
                underlyingError: error
            )
        }
    }

    private static let recordExtension = "json"

    /// Keeps a record.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem``, for example when the disk is full.
    public func save(_ record: JobRecord) throws {
        try mappingStoreErrors(record.job) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let contents = try encoder.encode(record)
            let isIntent = record.state == .intended && record.job == nil
            // More than the handle takes that is added to the intent.
            if isIntent { try reserveRoom(contents.count + 4_096, for: record.id) }
            if let job = record.job { index.add(job, record.id) }
            try AtomicFileWriter(contents, to: file(record.id), reserve: isIntent ? nil : reserveFile(record.id)).run()
        }
    }

    private func reserveRoom(_ bytes: Int, for id: UUID) throws {
        let file = reserveFile(id)
        let descriptor = try check(open(file.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600))
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try handle.write(contentsOf: Data(count: bytes))
            try handle.close()
        } catch {
            unlink(file.path)
            throw error
        }
    }

    /// Forgets a record.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem``.
    public func remove(_ id: UUID) throws {
        try mappingStoreErrors {
            let job: JobHandle?
            // One that cannot be read is removed all the same; its entry in the index goes with the next `contents()`.
            do { job = try read(file(id))?.job } catch is Unreadable { job = nil }
            let files = [file(id), lockFile(id), reserveFile(id)]
            for file in files where FileManager.default.fileExists(atPath: file.path) {
                try FileManager.default.removeItem(at: file)
            }
            if let job { index.remove(job, id) }
            try AtomicFileWriter.sync(directory)
        }
    }

    /// All that is kept.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` when the folder cannot be read.
    public func contents() throws -> JobStoreContents {
        try mappingStoreErrors { try readAll() }
    }

    /// What is kept under an id; nil where nothing is.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` when it cannot be read.
    public func record(_ id: UUID) throws -> JobRecord? {
        do { return try read(file(id)) } catch let error as Unreadable {
            throw HeadshotKitError(
                .fileSystem,
                "\(file(id).path) cannot be used: \(error.reason).",
                underlyingError: error
            )
        }
    }

    /// The record of a service's job; `nil` if there is none that can be read.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` when the folder cannot be read.
    public func record(for job: JobHandle) async throws -> JobRecord? {
        try await offPool { try find(job) }
    }

    /// The same on the thread of the caller.
    func find(_ job: JobHandle) throws -> JobRecord? {
        if let id = index.id(of: job), let record = try readable(id), record.isRecord(of: job) { return record }
        return try mappingStoreErrors(job) {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            let indexed = index.ids(among: names)
            // What is in the index is known not to be it. Intents, and the records of earlier versions, are not in it.
            for name in names where name.hasSuffix(".\(Self.recordExtension)") {
                guard let id = UUID(uuidString: String(name.dropLast(Self.recordExtension.count + 1))),
                    !indexed.contains(id), let record = try readable(id), record.isRecord(of: job)
                else { continue }
                index.add(job, id)
                return record
            }
            return nil
        }
    }

    /// A record; `nil` if it is none that can be read, which ``contents()`` reports.
    private func readable(_ id: UUID) throws -> JobRecord? {
        do { return try read(file(id)) } catch is Unreadable { return nil }
    }

    /// Claims a job by a lock that the system releases when the process ends, however it ends.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem``.
    public func claim(_ id: UUID) throws -> (any JobClaim)? {
        try mappingStoreErrors {
            let descriptor = try check(open(lockFile(id).path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600))
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                return nil
            }
            return FileClaim(descriptor)
        }
    }

    /// Does something with the folder, and says what to do when that fails.
    private func mappingStoreErrors<Value>(_ job: JobHandle? = nil, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch {
            throw HeadshotKitError(
                .fileSystem,
                "Jobs cannot be kept in \(directory.path): \(error.systemReason). Make room there, or choose another folder.",
                job: job,
                underlyingError: error
            )
        }
    }

    private func readAll() throws -> JobStoreContents {
        var contents = JobStoreContents(records: [])
        FileManager.default.removeAbandoned(in: directory) { name in
            if AtomicFileWriter.isTemporary(name) || index.isDangling(name) { return true }
            let parts = name.split(separator: ".")
            guard ["lock", "reserve"].contains(parts.last),
                let id = parts.first.flatMap({ UUID(uuidString: String($0)) })
            else { return false }
            return !FileManager.default.fileExists(atPath: file(id).path)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() {
            let file = directory.appendingPathComponent(name)
            guard file.pathExtension == Self.recordExtension, !name.hasPrefix(".") else { continue }
            do {
                if let record = try read(file) { contents.records.append(record) }
            } catch let error as Unreadable {
                guard let place = error.isForeign ? setAside(file) : file else { continue }
                contents.setAside.append(JobStoreContents.SetAside(file: place, reason: error.reason))
            }
        }
        contents.records.sort { ($0.createdAt.rawValue, $0.id.uuidString) < ($1.createdAt.rawValue, $1.id.uuidString) }
        return contents
    }

    private func file(_ id: UUID) -> URL {
        directory.appendingPathComponent("\(id.uuidString).\(Self.recordExtension)")
    }
    private func lockFile(_ id: UUID) -> URL { directory.appendingPathComponent("\(id.uuidString).lock") }
    private func reserveFile(_ id: UUID) -> URL { directory.appendingPathComponent(".\(id.uuidString).reserve") }
    private var index: JobIndex { JobIndex(directory: directory) }

    /// Reads a record; nil where there is none, or none any more: another process may have delivered the job in the meantime.
    private func read(_ file: URL) throws -> JobRecord? {
        let data: Data
        do { data = try Data(contentsOf: file) } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            return nil
        } catch {
            throw Unreadable(reason: "it cannot be read: \(error.systemReason)", isForeign: false)
        }
        do {
            guard try !Form.isNewer(data) else {
                let reason = "a newer HeadshotKit wrote it; update to finish its job"
                throw Unreadable(reason: reason, isForeign: false)
            }
            let record = try JSONDecoder().decode(JobRecord.self, from: data)
            guard file.deletingPathExtension().lastPathComponent == record.id.uuidString else {
                throw Unreadable(reason: "its name is not that of the job in it", isForeign: true)
            }
            return record
        } catch is DecodingError {
            throw Unreadable(reason: "it is not the JSON of a job", isForeign: true)
        }
    }

    /// All that is certain about a record of a newer form.
    private struct Form: Decodable {
        let version: Int

        /// The same of a record's handle, which has a version of its own.
        struct Handle: Decodable {
            let job: Form?
        }

        static func isNewer(_ data: Data) throws -> Bool {
            let decoder = JSONDecoder()
            if try decoder.decode(Form.self, from: data).version > JobRecord.currentVersion { return true }
            return (try decoder.decode(Handle.self, from: data).job?.version ?? 0) > JobHandle.currentVersion
        }
    }

    private struct Unreadable: Error {
        let reason: String
        /// Whether it will never be a record for anybody.
        let isForeign: Bool
    }

    /// Renames what is no record; nil where another process has done so just now, and tells of it.
    private func setAside(_ file: URL) -> URL? {
        var place = file.appendingPathExtension("set-aside")
        if FileManager.default.fileExists(atPath: place.path) {
            place = file.appendingPathExtension("\(UUID().uuidString).set-aside")
        }
        if rename(file.path, place.path) == 0 { return place }
        // In a folder that cannot be written to, it is told of each time.
        return errno == ENOENT ? nil : file
    }
}

/// A claim by a locked file.
private final class FileClaim: JobClaim {
    private let descriptor: Locked<Int32?>

    init(_ descriptor: Int32) {
        self.descriptor = Locked(descriptor)
    }

    deinit { release() }

    func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }
}
