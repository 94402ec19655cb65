import Foundation

/// The attributes that distinguish one version of a regular file from another.
struct FileVersion: Hashable, Sendable {
    private let size: Int64
    private let modified: Date
    private let number: UInt64

    /// Creates the current version of a file, or returns `nil` if the file does not exist or is not a regular file.
    init?(of file: URL) {
        // Any failure means that there is no file to send.
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: file.path),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let size = attributes[.size] as? NSNumber,
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        self.size = size.int64Value
        self.modified = modified
        number = (attributes[.systemFileNumber] as? NSNumber)?.uint64Value ?? 0
    }
}
