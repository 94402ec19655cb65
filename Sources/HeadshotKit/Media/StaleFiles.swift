import Foundation

extension FileManager {
    /// Removes the temporary files that killed processes left in a directory. A file counts if it has not changed for a time in seconds.
    func removeAbandoned(
        in directory: URL,
        olderThan age: TimeInterval,
        where isTemporary: (_ name: String) -> Bool
    ) {
        // A directory that cannot be listed has nothing to remove.
        let names = (try? contentsOfDirectory(atPath: directory.path)) ?? []
        removeAbandoned(names, in: directory, olderThan: age, where: isTemporary)
    }

    /// Removes the temporary files among the names of a directory, like ``removeAbandoned(in:olderThan:where:)``.
    ///
    /// A file that cannot be removed is ignored. It belongs to another process or is already gone.
    func removeAbandoned(
        _ names: [String],
        in directory: URL,
        olderThan age: TimeInterval = 3_600,
        where isTemporary: (_ name: String) -> Bool,
        by remove: (_ file: URL) throws -> Void = { try FileManager.default.removeItem(at: $0) }
    ) {
        for name in names where isTemporary(name) {
            let file = directory.appendingPathComponent(name)
            guard let date = try? attributesOfItem(atPath: file.path)[.modificationDate] as? Date else { continue }
            if -date.timeIntervalSinceNow > age { try? remove(file) }
        }
    }
}
