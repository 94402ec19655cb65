import Foundation

extension URL {
    /// The size of a local file in bytes, or `nil` if it cannot be read.
    var fileSize: Int64? {
        do { return try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 } catch { return nil }
    }
}
