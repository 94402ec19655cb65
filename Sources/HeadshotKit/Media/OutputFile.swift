import Foundation

/// An output file that is written under a temporary name and renamed to its final name once it is complete.
struct OutputFile: Sendable {
    let directory: URL
    /// The final name without its extension. The content determines the extension.
    let name: String

    /// Creates a file named `stem-id-number`.
    ///
    /// The stem comes from the caller and the id from a service, so unsafe characters are replaced and long texts are cut. A digest of
    /// the original id then keeps the names of different jobs distinct.
    init(directory: URL, stem: String, id: String, number: Int) {
        self.directory = directory
        var harmless = Self.harmless(id)
        if harmless != id { harmless += "-" + Self.digest(id) }
        name = "\(stem.isEmpty ? "output" : Self.harmless(stem))-\(harmless)-\(number)"
    }

    private static func harmless(_ text: String) -> String {
        String(text.prefix(80).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-" })
    }

    /// Returns eleven hexadecimal digits of FNV-1a. The result is the same on every machine and in every process.
    private static func digest(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(String(hash | 1 << 63, radix: 16).suffix(11))
    }

    /// The URL of the partial file during the download.
    var part: URL { directory.appendingPathComponent(name + ".part") }
    /// The URL of the base64 text during the download.
    var base64: URL { directory.appendingPathComponent(name + ".part.base64") }

    /// Locks the output against other downloads into the directory. Returns `nil` if another download holds the lock.
    func lock() throws -> FileLock? { try FileLock(directory.appendingPathComponent(name + ".part.lock")) }

    /// Returns the output that an earlier run completed, or `nil` if there is none. The match is certain only if the id is unique.
    ///
    /// - Parameter recorded: The file name in the job's record. A file with another name counts only if it is a whole file of a
    ///   known format.
    func existing(recorded: String?) throws -> URL? {
        if let recorded, recorded.hasPrefix(name), !recorded.contains("/") {
            let file = directory.appendingPathComponent(recorded)
            if try Self.size(of: file) > 0 { return file }
        }
        // The directory may hold many files, so it is not listed. A file of a known format has that format's first extension.
        return try MediaFormat.all.compactMap(\.fileExtensions.first).lazy
            .map { directory.appendingPathComponent("\(name).\($0)") }
            .first { file in
                guard try Self.size(of: file) > 0 else { return false }
                return try OutputContent.of(file) == .whole
            }
    }

    /// Removes the partial files of an earlier run, or symbolic links with their names.
    func discardPart() throws {
        for file in [part, base64] where unlink(file.path) != 0 && errno != ENOENT {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    /// Truncates the partial file to the number of bytes known to be on disk. Returns `false` if the file is shorter.
    func shortenPart(to bytes: Int64) throws -> Bool {
        guard bytes > 0, try Self.size(of: part) >= bytes else { return false }
        let handle = try Self.open(part, O_WRONLY)
        defer { handle.closeFile() }
        try handle.truncate(atOffset: UInt64(bytes))
        return true
    }

    /// Returns the size of a regular file in bytes, or 0 if there is none. A symbolic link does not count as a file.
    static func size(of file: URL) throws -> Int64 {
        var status = stat()
        guard lstat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int64(status.st_size)
    }

    /// Opens a file that this package owns, without following a symbolic link.
    static func open(_ file: URL, _ flags: Int32) throws -> FileHandle {
        let descriptor = try check(Foundation.open(file.path, flags | O_NOFOLLOW | O_CLOEXEC, 0o666))
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Writes the data to a file that this package owns, and creates the file if it does not exist.
    static func write(_ data: Data, to file: URL) throws {
        let handle = try open(file, O_WRONLY | O_CREAT | O_TRUNC)
        defer { handle.closeFile() }
        try handle.write(contentsOf: data)
    }

    /// Creates the directory and verifies that files can be created in it.
    static func prepare(_ directory: URL) throws {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let probe = directory.appendingPathComponent(".headshotkit-\(UUID().uuidString)")
            try Data().write(to: probe)
            try FileManager.default.removeItem(at: probe)
        } catch {
            throw HeadshotKitError(
                .fileSystem,
                "Nothing can be saved in \(directory.path): \(error.systemReason). Choose another directory.",
                underlyingError: error
            )
        }
    }

    /// Decodes the base64 file into the partial file without loading either into memory.
    func decodeBase64() throws {
        let input = try Self.open(base64, O_RDONLY)
        defer { input.closeFile() }
        let output = try Self.open(part, O_WRONLY | O_CREAT | O_TRUNC)
        defer { output.closeFile() }
        var pending = Data()
        var isFirst = true
        while let piece = try input.read(upToCount: 1 << 20), !piece.isEmpty {
            pending.append(contentsOf: piece.filter { !Self.isFiller($0) })
            if isFirst, String(decoding: pending.prefix(5), as: UTF8.self).lowercased() == "data:",
                let comma = pending.firstIndex(of: UInt8(ascii: ","))
            {
                pending = Data(pending[pending.index(after: comma)...])
            }
            isFirst = false
            let whole = pending.count / 4 * 4
            try output.write(contentsOf: try Self.decode(pending.prefix(whole)))
            pending = Data(pending.dropFirst(whole))
        }
        if !pending.isEmpty {
            pending.append(contentsOf: [UInt8](repeating: UInt8(ascii: "="), count: 4 - pending.count))
            try output.write(contentsOf: try Self.decode(pending))
        }
    }

    /// Returns whether a byte is whitespace, a quotation mark or backslash of a JSON string, or part of a byte order mark.
    private static func isFiller(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09...0x0d, 0x20, 0x22, 0x5c, 0xef, 0xbb, 0xbf: true
        default: false
        }
    }

    private static func decode(_ text: Data) throws -> Data {
        // The base64url alphabet differs in two characters.
        let usual = Data(
            text.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
        )
        guard let data = Data(base64Encoded: usual) else { throw NotBase64() }
        return data
    }

    struct NotBase64: Error {}

    /// Syncs the partial file to disk and gives it its final name.
    ///
    /// - Parameters:
    ///   - fallbackExtension: The extension to use if the content has no known format.
    /// - Returns: The URL of the file under its final name.
    func complete(fallbackExtension: String, replacesExisting: Bool) throws -> URL {
        try AtomicFileWriter.sync(part)
        let fileExtension = try MediaFormat.detect(MediaBytes(ownFile: part))?.fileExtensions.first ?? fallbackExtension
        if replacesExisting {
            let target = directory.appendingPathComponent("\(name).\(fileExtension)")
            try check(rename(part.path, target.path))
            syncName()
            return target
        }
        var count = 1
        while true {
            let suffix = count == 1 ? "" : "-\(count)"
            let target = directory.appendingPathComponent("\(name)\(suffix).\(fileExtension)")
            if try Self.move(part, withoutReplacing: target) {
                syncName()
                return target
            }
            count += 1
        }
    }

    /// Syncs the directory, so that the name is on disk before the job's record is removed.
    private func syncName() {
        // Some file systems cannot sync a directory. The name is then as durable as the file system makes it.
        do { try AtomicFileWriter.sync(directory) } catch { return }
    }

    /// Renames a file that this package owns. Returns `false` if another file has the name.
    static func move(_ file: URL, withoutReplacing target: URL) throws -> Bool {
        // A link fails if the name exists, even if another process just created it. A rename would replace that file.
        if link(file.path, target.path) == 0 {
            try FileManager.default.removeItem(at: file)
            return true
        }
        if errno == EEXIST { return false }
        // Not every file system supports links.
        var status = stat()
        if lstat(target.path, &status) == 0 { return false }
        try check(rename(file.path, target.path))
        return true
    }
}
