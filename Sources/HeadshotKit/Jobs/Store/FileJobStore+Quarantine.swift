public import Foundation

/// The files of a store that are not readable records.
extension FileJobStore {
    /// A file that could not be read as a record. It may contain a paid job.
    public struct QuarantinedFile: Sendable, Equatable {
        /// The current URL of the file.
        public var file: URL
        /// The reason why the file could not be read, such as `it is not the JSON of a job`.
        public var reason: String

        /// Creates a description of a file that could not be read.
        public init(file: URL, reason: String) {
            self.file = file
            self.reason = reason
        }
    }

    /// Returns the files that could not be read as records, in the order of their names.
    ///
    /// Reads every file of the store. A file that is not a record is renamed to `NAME.quarantined` first. Repair it and remove the
    /// suffix, or delete it.
    ///
    /// - Throws: ``HeadshotKitError`` with ``HeadshotKitError/Code/fileSystem`` if the directory cannot be read.
    public func quarantinedFiles() async throws -> [QuarantinedFile] {
        // Quarantines the files that are not records.
        _ = try await records()
        return try await onDisk {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            return try names.sorted().compactMap { name in
                guard Self.isRecord(name) || name.hasSuffix(Self.quarantineSuffix) else { return nil }
                let file = directory.appendingPathComponent(name)
                do {
                    guard try read(file) != nil, !Self.isRecord(name) else { return nil }
                    return QuarantinedFile(file: file, reason: "it can be read now; remove the suffix from its name")
                } catch let error as Unreadable {
                    return QuarantinedFile(file: file, reason: error.reason)
                }
            }
        }
    }

    /// An error that a file is not a readable record.
    struct Unreadable: Error {
        let reason: String
        /// Whether no version of HeadshotKit can read the file as a record.
        let isForeign: Bool

        static let newer = Unreadable(
            reason: "a newer HeadshotKit wrote it; update to finish its job",
            isForeign: false
        )
    }

    private static let quarantineSuffix = ".quarantined"

    /// Renames a file that is not a record. In a read-only directory, the file keeps its name. Another process may rename the file
    /// first.
    func quarantine(_ file: URL) {
        var target = file.path + Self.quarantineSuffix
        if FileManager.default.fileExists(atPath: target) {
            target = "\(file.path).\(UUID().uuidString)\(Self.quarantineSuffix)"
        }
        rename(file.path, target)
    }
}
