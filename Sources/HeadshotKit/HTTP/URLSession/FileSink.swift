import Foundation

/// The destination of a download's bytes, at the beginning or the end of a file.
struct FileSink {
    private let handle: FileHandle

    /// Creates a sink for a response. Returns `nil` if the body of the response does not belong in the file. Does not follow a
    /// symbolic link.
    init?(_ file: URL, for response: TransportResponse) throws {
        guard response.status == 200 || response.status == 206 else { return nil }
        let descriptor = try check(open(file.path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o666))
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        if response.status == 200 {
            try handle.truncate(atOffset: 0)
            return
        }
        let end = try handle.seekToEnd()
        guard let range = response.contentRange, range.start == Int64(clamping: end) else {
            throw TransportError(
                .invalidResponse,
                "The server sent another part of the file than the one asked for, which begins at byte \(end).",
                mayHaveBeenReceived: true
            )
        }
    }

    func write(_ data: Data) throws {
        try handle.write(contentsOf: data)
    }

    /// Closes the file without syncing it. A caller that needs the bytes on disk syncs the file itself.
    func close() {
        do { try handle.close() } catch { return }
    }
}

extension TransportResponse {
    /// The first byte's offset and the size of the whole file in a 206 response. The size is `nil` if it is unknown. The whole
    /// value is `nil` if the response does not contain a valid range.
    ///
    /// Unusual but unambiguous values are accepted, such as `Bytes 0-99/100`, `bytes=0-99/100`, and additional spaces.
    var contentRange: (start: Int64, size: Int64?)? {
        // A multipart body contains several parts, each with its own range.
        if headers["Content-Type"]?.lowercased().contains("multipart/byteranges") == true { return nil }
        var scanner = ASCIIScanner(headers["Content-Range"] ?? "")
        scanner.skipSpaces()
        guard scanner.word()?.lowercased() == "bytes" else { return nil }
        let isSpaced = scanner.skipSpaces()
        guard scanner.take("=") || scanner.take(":") || isSpaced, let start = scanner.position(), scanner.take("-"),
            let end = scanner.position(), scanner.take("/"), end >= start
        else { return nil }
        let size = scanner.position()
        guard size != nil || scanner.take("*") else { return nil }
        scanner.skipSpaces()
        guard scanner.isAtEnd else { return nil }
        if let size, size <= end { return nil }
        return (start, size)
    }
}

extension ASCIIScanner {
    /// Takes a number of at most 18 digits, which fits into an `Int64`, and the spaces around it.
    fileprivate mutating func position() -> Int64? {
        skipSpaces()
        defer { skipSpaces() }
        return digits(1...18).flatMap { Int64($0) }
    }
}
