import Foundation

/// A file in the making: written under a name that shows it is not whole, then given its final name in one step.
struct OutputFile: Sendable {
    let directory: URL
    /// The final name without its extension, which the content decides.
    let name: String

    /// A file named `stem-id-number`. The id comes from a service, so only harmless characters of it are used.
    init(directory: URL, stem: String, id: String, number: Int) {
        self.directory = directory
        let harmless = id.prefix(80).map {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") ? $0 : "-"
        }
        name = "\(stem)-\(String(harmless))-\(number)"
    }

    /// Where the bytes go while they come.
    var part: URL { directory.appendingPathComponent(name + ".part") }
    /// Where base64 text goes while it comes.
    var base64: URL { directory.appendingPathComponent(name + ".part.base64") }

    /// The output under its final name, if an earlier run completed it; only an id that nobody else has makes this certain.
    func existing() throws -> URL? {
        guard FileManager.default.fileExists(atPath: directory.path) else { return nil }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        let found = names.filter { $0.hasPrefix("\(name).") && !$0.hasPrefix("\(name).part") }.min()
        return found.map { directory.appendingPathComponent($0) }
    }

    /// Removes what an earlier run left unfinished.
    func discardPart() throws {
        for file in [part, base64] where FileManager.default.fileExists(atPath: file.path) {
            try FileManager.default.removeItem(at: file)
        }
    }

    /// Shortens the part to what is known to be on the disk; false where there is less than that.
    func shortenPart(to bytes: Int64) throws -> Bool {
        guard FileManager.default.fileExists(atPath: part.path) else { return false }
        let handle = try FileHandle(forWritingTo: part)
        defer { handle.closeFile() }
        guard try handle.seekToEnd() >= UInt64(bytes) else { return false }
        try handle.truncate(atOffset: UInt64(bytes))
        return true
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
                .file,
                "Nothing can be saved in \(directory.path): \(error.systemReason). Choose another folder.",
                underlyingError: error
            )
        }
    }

    /// Decodes base64 text in a file into the part, without holding either in memory.
    func decodeBase64() throws {
        try Data().write(to: part)
        let input = try FileHandle(forReadingFrom: base64)
        defer { input.closeFile() }
        let output = try FileHandle(forWritingTo: part)
        defer { output.closeFile() }
        var pending = Data()
        var isFirst = true
        while let piece = try input.read(upToCount: 1 << 20), !piece.isEmpty {
            pending.append(contentsOf: piece.filter { !Self.isSpace($0) })
            if isFirst, pending.starts(with: Data("data:".utf8)), let comma = pending.firstIndex(of: UInt8(ascii: ","))
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

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private static func decode(_ text: Data) throws -> Data {
        guard let data = Data(base64Encoded: text) else { throw NotBase64() }
        return data
    }

    struct NotBase64: Error {}

    /// Puts the part on the disk for good and gives it its final name.
    ///
    /// - Parameters:
    ///   - fallbackExtension: The extension to use where the content does not tell.
    /// - Returns: The file under its final name.
    func complete(fallbackExtension: String, overwrite: GenerationOptions.Overwrite) throws -> URL {
        let handle = try FileHandle(forUpdating: part)
        defer { handle.closeFile() }
        let head = try handle.read(upToCount: MediaFormat.prefixLength) ?? Data()
        try handle.synchronize()
        let fileExtension = MediaFormat.detect(head)?.fileExtensions.first ?? fallbackExtension
        if overwrite == .replace {
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
        do { try DurableWrite.sync(directory) } catch { return }
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
        if FileManager.default.fileExists(atPath: target.path) { return false }
        try FileManager.default.moveItem(at: part, to: target)
        return true
    }
}
