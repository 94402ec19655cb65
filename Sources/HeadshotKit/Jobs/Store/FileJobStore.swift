public import Foundation

/// A ``JobStore`` in a directory, with one JSON file per job that only its owner can read. Several processes may share the
/// directory.
///
/// A file is replaced atomically and synced to disk before the store continues, so a crash leaves the old record or the new one.
/// A file that is not a record is renamed to `NAME.quarantined`. It does not prevent the store from reading the other files. A file
/// that may be a record of another version, such as a newer HeadshotKit, is left unchanged. ``quarantinedFiles()`` returns both.
///
/// The cost of looking up a job with a record does not depend on the number of records. The disk space for a job's id is reserved when the intent
/// is saved, so that a disk that fills up in between does not lose the id. The disk operations run on threads outside the
/// cooperative pool.
public struct FileJobStore: JobStore {
    /// The directory of the store.
    public let directory: URL

    /// Creates a store in a directory. The directory is created if it does not exist.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` if the directory cannot be created.
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
                "No jobs can be kept in \(directory.path): \(error.systemReason). Choose another directory.",
                underlyingError: error
            )
        }
    }

    private static let recordSuffix = ".json"

    /// Saves a record.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem``, for example if the disk is full.
    public func save(_ record: JobRecord) async throws {
        try await onDisk(record.job) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let contents = try encoder.encode(record)
            let isIntent = record.state == .intended && record.job == nil
            // The handle that is added to the intent later usually takes less than 4,096 bytes.
            if isIntent { try reserveRoom(contents.count + 4_096, for: record.id) }
            try index.addReference(of: record)
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

    /// Removes a record.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem``.
    public func remove(_ id: UUID) async throws {
        try await onDisk {
            // An unreadable record is removed too. Its links are removed later.
            let record = try readable(id)
            let files = [file(id), lockFile(id), reserveFile(id)]
            for file in files where FileManager.default.fileExists(atPath: file.path) {
                try FileManager.default.removeItem(at: file)
            }
            if let record { index.remove(record) }
            try AtomicFileWriter.sync(directory)
        }
    }

    /// Returns the record with an id, or `nil` if there is none.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` if the record cannot be read.
    public func record(_ id: UUID) async throws -> JobRecord? {
        try await offPool {
            do { return try read(file(id)) } catch let error as Unreadable {
                throw HeadshotKitError(
                    .fileSystem,
                    "\(file(id).path) cannot be used: \(error.reason).",
                    advice: "Call quarantinedFiles() to list such files.",
                    underlyingError: error
                )
            }
        }
    }

    /// Returns the record of a service's job, or `nil` if there is none that can be read.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` if the directory cannot be read.
    public func record(for job: JobHandle) async throws -> JobRecord? {
        try await onDisk(job) {
            if let id = index.id(of: job), let record = try readable(id), record.isRecord(of: job) { return record }
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            let indexed = index.ids(among: names)
            // The other indexed records belong to other jobs. Intents and the records of earlier versions are not indexed.
            for name in names where Self.isRecord(name) {
                guard let id = UUID(uuidString: String(name.dropLast(Self.recordSuffix.count))),
                    !indexed.contains(id), let record = try readable(id), record.isRecord(of: job)
                else { continue }
                index.add(job, id)
                return record
            }
            return nil
        }
    }

    /// Returns the records of a service with a reference.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` if the directory or one of the records cannot be read.
    public func records(of service: JobHandle.Service, reference: String) async throws -> [JobRecord] {
        try await onDisk {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            return try index.ids(of: service, reference: reference, among: names).compactMap { try read(file($0)) }
                .filter { $0.service == service && $0.reference == reference }
        }
    }

    /// Returns a record, or `nil` if there is none that can be read. ``quarantinedFiles()`` reports an unreadable file.
    private func readable(_ id: UUID) throws -> JobRecord? {
        do { return try read(file(id)) } catch is Unreadable { return nil }
    }

    /// Returns a page of the records that can be read, in the order of their ids.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` if the directory cannot be read.
    public func records(after id: UUID?, limit: Int) async throws -> [JobRecord] {
        try await onDisk {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            let last = id.map { file($0).lastPathComponent } ?? ""
            var records: [JobRecord] = []
            for name in names.filter({ Self.isRecord($0) && $0 > last }).sorted() {
                guard records.count < limit else { break }
                let file = directory.appendingPathComponent(name)
                do {
                    if let record = try read(file) { records.append(record) }
                } catch let error as Unreadable where error.isForeign {
                    quarantine(file)
                } catch is Unreadable { continue }
            }
            // The first page of a large store is not worth the time.
            if records.count < limit { removeAbandoned(names) }
            return records
        }
    }

    /// Removes the files that killed processes left.
    private func removeAbandoned(_ names: [String]) {
        let all = Set(names)
        FileManager.default.removeAbandoned(names, in: directory) { name in
            if AtomicFileWriter.isTemporary(name) || index.isDangling(name) { return true }
            guard name.hasSuffix(".lock") || name.hasSuffix(".reserve") else { return false }
            let parts = name.split(separator: ".")
            guard let id = parts.first, UUID(uuidString: String(id)) != nil else { return false }
            return !all.contains("\(id)\(Self.recordSuffix)")
        } by: { file in
            if file.pathExtension == "lock" {
                // Releasing the lock removes its file. Another worker may then lock a new file with this name.
                try FileLock(file)?.release()
            } else {
                try FileManager.default.removeItem(at: file)
            }
        }
    }

    /// Claims a job with a file lock. The system releases the lock when the process ends, even after a crash.
    ///
    /// - Returns: The claim, or `nil` if another worker has it.
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem``.
    public func claim(_ id: UUID) async throws -> (any JobClaim)? {
        try await onDisk {
            try FileLock(lockFile(id))
        }
    }

    /// Runs a disk operation, and maps its errors to a ``HeadshotKitError`` that says how to solve the problem.
    func onDisk<Value: Sendable>(
        _ job: JobHandle? = nil,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        do { return try await offPool(body) } catch {
            throw HeadshotKitError(
                .fileSystem,
                "Jobs cannot be kept in \(directory.path): \(error.systemReason). Free space there, or choose another directory.",
                job: job,
                underlyingError: error
            )
        }
    }

    static func isRecord(_ name: String) -> Bool {
        name.hasSuffix(recordSuffix) && !name.hasPrefix(".")
    }

    private func file(_ id: UUID) -> URL {
        directory.appendingPathComponent(id.uuidString + Self.recordSuffix)
    }
    private func lockFile(_ id: UUID) -> URL { directory.appendingPathComponent("\(id.uuidString).lock") }
    private func reserveFile(_ id: UUID) -> URL { directory.appendingPathComponent(".\(id.uuidString).reserve") }
    private var index: JobIndex { JobIndex(directory: directory) }

    /// Reads a record. Returns `nil` if there is none, because another process may have delivered the job in the meantime.
    func read(_ file: URL) throws -> JobRecord? {
        let data: Data
        do { data = try Data(contentsOf: file) } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
            return nil
        } catch {
            throw Unreadable(reason: "it cannot be read: \(error.systemReason)", isForeign: false)
        }
        do {
            let record = try JSONDecoder().decode(JobRecord.self, from: data)
            guard record.version <= JobRecord.currentVersion else { throw Unreadable.newer }
            guard file.lastPathComponent.prefix(while: { $0 != "." }) == record.id.uuidString else {
                throw Unreadable(reason: "its name is not that of the job in it", isForeign: true)
            }
            return record
        } catch is DecodingError {
            if Form.isNewer(data) { throw Unreadable.newer }
            throw Unreadable(reason: "it is not the JSON of a job", isForeign: true)
        }
    }

    /// The part of a record that is the same in every schema version.
    private struct Form: Decodable {
        let version: Int

        /// The same part of a record's handle, which has a schema version of its own.
        struct Handle: Decodable {
            let job: Form?
        }

        static func isNewer(_ data: Data) -> Bool {
            let decoder = JSONDecoder()
            do {
                if try decoder.decode(Form.self, from: data).version > JobRecord.currentVersion { return true }
                return (try decoder.decode(Handle.self, from: data).job?.version ?? 0) > JobHandle.currentVersion
            } catch {
                return false
            }
        }
    }
}

// The lock ends with the process, as a claim must.
extension FileLock: JobClaim {}
