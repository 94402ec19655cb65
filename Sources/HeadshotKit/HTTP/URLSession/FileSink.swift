import Foundation

/// Where a download's bytes go: to the beginning of a file or behind what it holds.
struct FileSink {
    private let handle: FileHandle

    /// Opens the file as the response asks for; `nil` if the response is not one that belongs in it. A symbolic link in its place
    /// is not followed.
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

    /// Closing flushes nothing that matters here: whoever needs the bytes on disk asks for that by itself.
    func close() {
        do { try handle.close() } catch { return }
    }
}

extension TransportResponse {
    /// What a 206 says that it holds: the first byte's place, and the size of the whole if that is known. `nil` if it does not say.
    ///
    /// Read are also `Bytes 0-99/100`, `bytes=0-99/100` and spaces wherever they stand: odd, but clear.
    var contentRange: (start: Int64, size: Int64?)? {
        // Several parts in one body, each with a range of its own.
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
