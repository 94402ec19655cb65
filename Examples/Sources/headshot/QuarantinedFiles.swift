import Foundation
import HeadshotKit

/// Files in the store that are not valid jobs and that the library has quarantined. They may once have been jobs.
enum QuarantinedFiles {
    private static let suffix = ".set-aside"

    /// Warns about the files quarantined just now, with the reason, and optionally about earlier ones, whose reason is not
    /// stored.
    static func warn(of found: [JobStoreContents.QuarantinedFile], in directory: URL, includesEarlier: Bool = false) {
        for file in found {
            let result = file.file.lastPathComponent.hasSuffix(suffix) ? "was quarantined" : "cannot be resumed"
            Console.note("warning: \(file.file.path) \(result): \(file.reason).")
        }
        guard includesEarlier else { return }
        do {
            let new = Set(found.map(\.file.lastPathComponent))
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            for name in names where name.hasSuffix(suffix) && !new.contains(name) {
                let path = directory.appendingPathComponent(name).path
                Console.note("warning: \(path) was quarantined earlier because it is not a readable job.")
            }
        } catch {
            Console.note("warning: \(directory.path) cannot be listed: \(error.localizedDescription)")
        }
    }
}
