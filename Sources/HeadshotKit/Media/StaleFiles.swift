import Foundation

extension FileManager {
    /// Removes the temporary files in a folder that processes left behind when they were killed: those to which nothing was
    /// written for an hour. One that cannot be removed is somebody else's, or gone by now, and in nobody's way.
    func removeAbandoned(in folder: URL, where isTemporary: (_ name: String) -> Bool) {
        for name in (try? contentsOfDirectory(atPath: folder.path)) ?? [] where isTemporary(name) {
            let path = folder.appendingPathComponent(name).path
            guard let date = try? attributesOfItem(atPath: path)[.modificationDate] as? Date else { continue }
            if -date.timeIntervalSinceNow > 3_600 { try? removeItem(atPath: path) }
        }
    }
}
