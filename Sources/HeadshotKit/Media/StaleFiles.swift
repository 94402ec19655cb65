import Foundation

extension FileManager {
    /// Removes the temporary files that killed processes left in a directory. A file counts if it has not changed for an hour.
    func removeAbandoned(in directory: URL, where isTemporary: (_ name: String) -> Bool) {
        // A directory that cannot be listed has nothing to remove.
        removeAbandoned((try? contentsOfDirectory(atPath: directory.path)) ?? [], in: directory, where: isTemporary)
    }

    /// Removes the temporary files among the names of a directory, like ``removeAbandoned(in:where:)``, unless they are in use.
    ///
    /// A file that cannot be removed is ignored. It belongs to another process or is already gone.
    func removeAbandoned(
        _ names: [String],
        in directory: URL,
        unless isInUse: (_ name: String) -> Bool = { _ in false },
        where isTemporary: (_ name: String) -> Bool
    ) {
        for name in names where isTemporary(name) {
            let path = directory.appendingPathComponent(name).path
            guard let date = try? attributesOfItem(atPath: path)[.modificationDate] as? Date else { continue }
            if -date.timeIntervalSinceNow > 3_600, !isInUse(name) { try? removeItem(atPath: path) }
        }
    }
}
