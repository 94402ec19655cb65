import Foundation
import HeadshotKit

/// Files in the store that are not valid jobs and that the library has quarantined. They may once have been jobs.
enum SetAsideFiles {
    private static let suffix = ".set-aside"

    /// Warns about the files quarantined just now, with the reason, and optionally about earlier ones, whose reason is not
    /// stored.
    static func warn(of found: [JobStoreContents.QuarantinedFile], in directory: URL, andOfEarlierOnes: Bool = false) {
        for file in found {
            let fate = file.file.lastPathComponent.hasSuffix(suffix) ? "was set aside" : "is no job to go on with"
            Console.note("warning: \(file.file.path) \(fate): \(file.reason).")
        }
        guard andOfEarlierOnes else { return }
        do {
            let new = Set(found.map(\.file.lastPathComponent))
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
            for name in names where name.hasSuffix(suffix) && !new.contains(name) {
                let path = directory.appendingPathComponent(name).path
                Console.note("warning: \(path) was set aside earlier, as it is no job that can be read.")
            }
        } catch {
            Console.note("warning: \(directory.path) cannot be listed: \(error.localizedDescription)")
        }
    }
}
