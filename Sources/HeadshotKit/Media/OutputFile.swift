import Foundation

/// A file in the making: written under a name that shows it is not whole, then given its final name in one step.
struct OutputFile: Sendable {
    let directory: URL
    /// The final name without its extension, which the content decides.
    let name: String

    /// A file named `stem-id-number`. The id comes from a service, so only harmless characters of it are used; a digest stands for
    /// what was changed or cut, so that no two jobs have one name.
    init(directory: URL, stem: String, id: String, number: Int) {
        self.directory = directory
        var harmless = String(
            id.prefix(80).map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-" }
        )
        if harmless != id { harmless += "-" + Self.digest(id) }
        name = "\(stem)-\(harmless)-\(number)"
    }

    /// Eleven hexadecimal digits of FNV-1a, the same on every machine and in every process.
    private static func digest(_ text: String) -> String {
        let hash = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(String(hash | 1 << 63, radix: 16).suffix(11))
    }

    /// Where the bytes go while they come.
    var part: URL { directory.appendingPathComponent(name + ".part") }
    /// Where base64 text goes while it comes.
    var base64: URL { directory.appendingPathComponent(name + ".part.base64") }

    /// Keeps others from downloading the same output here; `nil` if another download is at it.
    func lock() throws -> PartLock? { try PartLock(directory.appendingPathComponent(name + ".part.lock")) }

    /// The output under its final name, if an earlier run completed it; only an id that nobody else has makes this certain.
    ///
    /// - Parameter recorded: The name that the job's record gives it. Beside it only a whole file of a known format counts.
    func existing(recorded: String?) throws -> URL? {
        guard FileManager.default.fileExists(atPath: directory.path) else { return nil }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        if let recorded, recorded.hasPrefix(name), names.contains(recorded) {
            let file = directory.appendingPathComponent(recorded)
            if try Self.size(of: file) > 0 { return file }
        }
        return try names.filter { $0.hasPrefix("\(name).") && !$0.hasPrefix("\(name).part") }.sorted()
            .map { directory.appendingPathComponent($0) }
            .first { file in
                guard try Self.size(of: file) > 0 else { return false }
                return try OutputContent.of(file) == .whole
            }
    }

    /// Removes what an earlier run left unfinished, or a symbolic link in its place.
    func discardPart() throws {
        for file in [part, base64] where unlink(file.path) != 0 && errno != ENOENT {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }

    /// Shortens the part to what is known to be on the disk; false if there is less than that.
    func shortenPart(to bytes: Int64) throws -> Bool {
        guard bytes > 0, try Self.size(of: part) >= bytes else { return false }
        let handle = try Self.open(part, O_WRONLY)
        defer { handle.closeFile() }
        try handle.truncate(atOffset: UInt64(bytes))
        return true
    }

    /// The size of a regular file; 0 if there is none. A symbolic link is none.
    static func size(of file: URL) throws -> Int64 {
        var status = stat()
        guard lstat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
        return Int64(status.st_size)
    }

    /// Opens a file of our own; a symbolic link in its place is not followed.
    static func open(_ file: URL, _ flags: Int32) throws -> FileHandle {
        let descriptor = try check(Foundation.open(file.path, flags | O_NOFOLLOW | O_CLOEXEC, 0o666))
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Makes a file of our own that holds these bytes.
    static func write(_ data: Data, to file: URL) throws {
        let handle = try open(file, O_WRONLY | O_CREAT | O_TRUNC)
        defer { handle.closeFile() }
        try handle.write(contentsOf: data)
    }

    /// Makes the directory, and shows that files can be made in it.
    static func prepare(_ directory: URL) throws {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            let probe = directory.appendingPathComponent(".headshotkit-\(UUID().uuidString)")
            try Data().write(to: probe)
            try FileManager.default.removeItem(at: probe)
        } catch {
            throw HeadshotKitError(
                .fileSystem,
                "Nothing can be saved in \(directory.path): \(error.systemReason). Choose another folder.",
                underlyingError: error
            )
        }
    }

    /// Decodes base64 text in a file into the part, without holding either in memory.
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

    /// White space, the quotation marks of a JSON string and the escapes in it, and a byte order mark.
    private static func isFiller(_ byte: UInt8) -> Bool {
        (0x09...0x0d).contains(byte) || [0x20, 0x22, 0x5c, 0xef, 0xbb, 0xbf].contains(byte)
    }

    private static func decode(_ text: Data) throws -> Data {
        // The alphabet for URLs has other characters in two places.
        let usual = Data(
            text.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
        )
        guard let data = Data(base64Encoded: usual) else { throw NotBase64() }
        return data
    }

    struct NotBase64: Error {}

    /// Puts the part on the disk for good and gives it its final name.
    ///
    /// - Parameters:
    ///   - fallbackExtension: The extension to use where the content does not tell.
    /// - Returns: The file under its final name.
    func complete(fallbackExtension: String, existingFiles: GenerationOptions.ExistingFiles) throws -> URL {
        let handle = try Self.open(part, O_RDWR)
        defer { handle.closeFile() }
        try handle.synchronize()
        let fileExtension = try MediaFormat.detect(MediaBytes(ownFile: part))?.fileExtensions.first ?? fallbackExtension
        if existingFiles == .replace {
            let target = directory.appendingPathComponent("\(name).\(fileExtension)")
            guard rename(part.path, target.path) == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            syncName()
            return target
        }
        var count = 1
        while true {
            let suffix = count == 1 ? "" : "-\(count)"
            let target = directory.appendingPathComponent("\(name)\(suffix).\(fileExtension)")
            if try moveWithoutReplacing(to: target) {
                syncName()
                return target
            }
            count += 1
        }
    }

    /// Puts the name on the disk too, before the job's record goes.
    private func syncName() {
        // Some file systems cannot sync a folder: then the name lasts as well as they make it.
        do { try AtomicFileWriter.sync(directory) } catch { return }
    }

    /// Whether the part has the name now; false where another file has it.
    private func moveWithoutReplacing(to target: URL) throws -> Bool {
        // A link fails where the name is taken, even if it was taken just now by another process. A rename would replace it.
        if link(part.path, target.path) == 0 {
            try FileManager.default.removeItem(at: part)
            return true
        }
        if errno == EEXIST { return false }
        // Not every file system knows links.
        var status = stat()
        if lstat(target.path, &status) == 0 { return false }
        try check(rename(part.path, target.path))
        return true
    }
}
