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
        guard let value = headers["Content-Range"] else { return nil }
        let pattern = #/\s*bytes\s*[\s=:]\s*([0-9]{1,18})\s*-\s*([0-9]{1,18})\s*/\s*([0-9]{1,18}|\*)\s*/#.ignoresCase()
        guard let match = value.wholeMatch(of: pattern), let start = Int64(match.1), let end = Int64(match.2),
            end >= start
        else { return nil }
        let size = Int64(match.3)
        if let size, size <= end { return nil }
        return (start, size)
    }
}
