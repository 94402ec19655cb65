import Foundation

/// A file in the temporary directory that only the current user can read.
///
/// The creation of the value creates only a name. The scope that creates the value removes the file.
struct TemporaryFile: Sendable {
    /// The contents, by the extension of the file.
    enum Contents: String, CaseIterable {
        /// The body of a request, which contains a key.
        case requestBody = "json"
        /// A photo without metadata.
        case photo

        /// The age in seconds after which no call still uses the file. A photo may wait in the account's queue.
        fileprivate var maximumAge: TimeInterval { self == .photo ? 86_400 : 3_600 }
    }

    let url: URL

    private static let prefix = "headshotkit-"

    init(_ contents: Contents) {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("\(Self.prefix)\(UUID().uuidString).\(contents.rawValue)")
    }

    /// Creates the file and passes a closure that appends to it. Removes the files that killed processes left.
    ///
    /// - Throws: ``HeadshotKitError/Code/fileSystem`` if the file cannot be written.
    func write(_ body: (_ append: (Data) throws -> Void) throws -> Void) throws {
        removeAbandoned()
        let output = try withErrors {
            let descriptor = try check(open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
            return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
        try body { data in try withErrors { try output.write(contentsOf: data) } }
        try withErrors { try output.close() }
    }

    /// Removes the file if it exists. A failure must not hide the outcome of a call, which may have been charged.
    func remove() { unlink(url.path) }

    private func removeAbandoned() {
        for contents in Contents.allCases {
            FileManager.default.removeAbandoned(in: url.deletingLastPathComponent(), olderThan: contents.maximumAge) {
                $0.hasPrefix(Self.prefix) && $0.hasSuffix(".\(contents.rawValue)")
            }
        }
    }

    private func withErrors<Value>(_ step: () throws -> Value) throws -> Value {
        do { return try step() } catch {
            throw HeadshotKitError(
                .fileSystem,
                "Nothing can be written to the temporary directory, \(url.deletingLastPathComponent().path): \(error.systemReason).",
                advice: "Free space there, or set TMPDIR to another directory.",
                underlyingError: error
            )
        }
    }
}
