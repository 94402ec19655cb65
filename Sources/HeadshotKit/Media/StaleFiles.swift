import Foundation

extension FileManager {
    /// Removes the temporary files that killed processes left in a directory. A file counts if it has not changed for an hour.
    ///
    /// A file that cannot be removed is ignored. It belongs to another process or is already gone.
    func removeAbandoned(in directory: URL, where isTemporary: (_ name: String) -> Bool) {
        // A directory that cannot be listed has nothing to remove.
        for name in (try? contentsOfDirectory(atPath: directory.path)) ?? [] where isTemporary(name) {
            let path = directory.appendingPathComponent(name).path
            guard let date = try? attributesOfItem(atPath: path)[.modificationDate] as? Date else { continue }
            if -date.timeIntervalSinceNow > 3_600 { try? removeItem(atPath: path) }
        }
    }
}
