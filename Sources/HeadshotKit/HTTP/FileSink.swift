import Foundation

/// Where a download's bytes go: to the beginning of a file or behind what it holds.
struct FileSink {
    private let handle: FileHandle

    /// Opens the file as the reply asks for; nil where the reply is not one that belongs in it.
    init?(_ file: URL, for reply: TransportResponse) throws {
        guard reply.status == 200 || reply.status == 206 else { return nil }
        if !FileManager.default.fileExists(atPath: file.path) {
            try Data().write(to: file)
        }
        handle = try FileHandle(forWritingTo: file)
        if reply.status == 200 {
            try handle.truncate(atOffset: 0)
            return
        }
        let end = try handle.seekToEnd()
        guard let range = reply.contentRange, range.start == Int64(end) else {
            throw TransportError(
                .invalidReply,
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
    /// What a 206 says it holds: the first byte's place, and the size of the whole where that is known.
    var contentRange: (start: Int64, size: Int64?)? {
        guard let value = headers["Content-Range"], value.hasPrefix("bytes ") else { return nil }
        let parts = value.dropFirst("bytes ".count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let start = parts[0].split(separator: "-").first.flatMap({ Int64($0) }) else {
            return nil
        }
        return (start, Int64(parts[1]))
    }
}
