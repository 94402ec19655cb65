import Foundation
import HeadshotKit

extension FileJobStore {
    /// Warns about the files in the store that are not readable jobs. They may once have been paid jobs.
    func warnOfQuarantinedFiles() async throws {
        for file in try await quarantinedFiles() {
            Console.note("warning: \(file.file.path) cannot be resumed: \(file.reason).")
        }
    }
}
