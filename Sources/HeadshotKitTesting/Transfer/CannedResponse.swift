import Foundation
import HeadshotKit

/// A predefined response and the code that delivers it to the caller of a ``Transport``.
struct CannedResponse: Sendable {
    var status: Int
    var headers: TransportHeaders = [:]
    var body = PaddedBytes(Data())
    /// The part of `body` to send. `nil` if the whole body is sent.
    var range: Range<Int>?
    /// The number of sent body bytes after which the connection breaks. `nil` if the connection does not break.
    var breaksAfter: Int?

    private var sent: Range<Int> { range ?? 0..<body.count }

    /// Returns the response for ``Transport/send(_:onProgress:)``.
    func gathered(upTo limit: Int) throws -> TransportResponse {
        if let breaksAfter, breaksAfter < sent.count { throw connectionLost(after: breaksAfter) }
        guard sent.count <= limit else {
            throw TransportError(
                .responseTooLarge,
                "The response has \(sent.count) bytes, more than the \(limit) allowed.",
                mayHaveBeenReceived: true
            )
        }
        return TransportResponse(status: status, headers: headers, body: body.bytes(in: sent))
    }

    /// Writes the body to a file and returns the response for ``Transport/download(_:to:onProgress:)``.
    func downloaded(
        to file: URL,
        upTo limit: Int,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        guard status == 200 || status == 206 else { return try gathered(upTo: limit) }
        do {
            let handle = try await offPool { try open(file) }
            do { try await write(to: handle, onProgress: onProgress) } catch {
                try handle.close()
                throw error
            }
            try handle.close()
        } catch let error where !(error is TransportError || error is CancellationError) {
            throw TransportError(
                .fileSystem,
                "\(file.lastPathComponent) could not be written.",
                mayHaveBeenReceived: true,
                underlyingError: error
            )
        }
        return TransportResponse(status: status, headers: headers)
    }

    private func open(_ file: URL) throws -> FileHandle {
        if status == 200 || !FileManager.default.fileExists(atPath: file.path) { try Data().write(to: file) }
        let handle = try FileHandle(forWritingTo: file)
        let end = try handle.seekToEnd()
        guard status == 200 || startOfContentRange == Int(end) else {
            try handle.close()
            throw TransportError(
                .invalidResponse,
                "A 206 must have a Content-Range that begins where the file ends, at \(end).",
                mayHaveBeenReceived: true
            )
        }
        return handle
    }

    private func write(
        to handle: FileHandle,
        onProgress: ProgressHandler?
    ) async throws {
        let part = sent.prefix(breaksAfter ?? sent.count)
        var position = part.startIndex
        while position < part.endIndex {
            try Task.checkCancellation()
            let next = min(position + (1 << 18), part.endIndex)
            try handle.write(contentsOf: body.bytes(in: position..<next))
            position = next
            onProgress?(TransferProgress(completed: Int64(position - sent.lowerBound), total: Int64(sent.count)))
            await Task.yield()
        }
        try Task.checkCancellation()
        if part.count < sent.count { throw connectionLost(after: part.count) }
    }

    // Parses a field such as "bytes 100-199/200".
    private var startOfContentRange: Int? {
        guard let field = headers["Content-Range"], field.hasPrefix("bytes ") else { return nil }
        return Int(field.dropFirst("bytes ".count).prefix { $0.isNumber })
    }

    private func connectionLost(after bytes: Int) -> TransportError {
        TransportError(
            .connectionLost,
            "the connection ended after \(bytes) bytes of the response",
            mayHaveBeenReceived: true,
            responseHead: TransportResponse(status: status, headers: headers)
        )
    }
}
