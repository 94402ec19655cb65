import Foundation

/// What tells one state of a regular file from another.
struct FileVersion: Hashable, Sendable {
    private let size: Int64
    private let modified: Date
    private let number: UInt64

    /// The state of a file; `nil` if there is none, or it is not a regular file.
    init?(of file: URL) {
        // Whatever the reason, there is no file to be sent.
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
