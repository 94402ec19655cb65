import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking

// Linux. An upload from a file traps when the connection ends, or is cancelled, while a piece is being read. A stream does not, but its
// length is not known to libcurl, which over HTTP/2 ends it by a frame of its own, and at times forgets to (docs/transport.md).
// So what is small goes from memory, and only what is large from a stream.
extension TransportRequest.Body {
    /// Up to how many bytes a file is held in memory while it is sent.
    private static var maximumInMemory: Int64 { 4 << 20 }

    /// The body as it is sent: a small file is read first.
    func prepared() async throws -> Self {
        guard case .file(let file) = self else { return self }
        do {
            return try await offPool {
                if let size = file.fileSize, size > Self.maximumInMemory { return self }
                return .data(try Data(contentsOf: file))
            }
        } catch {
            throw TransportError(reading: file, error)
        }
    }
}

extension URLSession {
    func uploadTask(with request: URLRequest, sending data: Data) -> URLSessionTask {
        var request = request
        request.setValue(" ", forHTTPHeaderField: "Expect")
        return uploadTask(with: request, from: data)
    }

    func uploadTask(with request: URLRequest, sending file: URL) throws -> URLSessionTask {
        do {
            guard FileManager.default.isReadableFile(atPath: file.path) else { throw CocoaError(.fileReadNoPermission) }
            guard let size = file.fileSize, let stream = BoundedFileStream(file, size: size) else {
                throw CocoaError(.fileNoSuchFile)
            }
            return uploadTask(with: request, sending: stream, of: size)
        } catch {
            throw TransportError(reading: file, error)
        }
    }

    /// By itself a stream would be sent chunked, which presigned addresses reject. A blank field is how libcurl is told to leave
    /// one out: it is not sent.
    private func uploadTask(with request: URLRequest, sending stream: InputStream, of size: Int64) -> URLSessionTask {
        var request = request
        request.httpBodyStream = stream
        request.setValue(String(size), forHTTPHeaderField: "Content-Length")
        request.setValue(" ", forHTTPHeaderField: "Transfer-Encoding")
        request.setValue(" ", forHTTPHeaderField: "Expect")
        return dataTask(with: request)
    }
}

/// Reads as much of a file as was announced, and nothing that is appended to it meanwhile.
private final class BoundedFileStream: InputStream {
    private var remaining: Int64

    init?(_ file: URL, size: Int64) {
        remaining = size
        super.init(url: file)
    }

    override var hasBytesAvailable: Bool { remaining > 0 && super.hasBytesAvailable }

    override func read(_ buffer: UnsafeMutablePointer<UInt8>, maxLength: Int) -> Int {
        let count = super.read(buffer, maxLength: Int(min(Int64(maxLength), remaining)))
        if count > 0 { remaining -= Int64(count) }
        return count
    }
}

extension TransportError {
    fileprivate init(reading file: URL, _ error: any Error) {
        self.init(.fileSystem, "Cannot read \(file.path): \(error.systemReason).", mayHaveBeenReceived: false)
    }
}
#else
extension TransportRequest.Body {
    func prepared() async throws -> Self { self }
}

extension URLSession {
    func uploadTask(with request: URLRequest, sending data: Data) -> URLSessionTask {
        uploadTask(with: request, from: data)
    }

    func uploadTask(with request: URLRequest, sending file: URL) throws -> URLSessionTask {
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            throw TransportError(.fileSystem, "Cannot read \(file.path).", mayHaveBeenReceived: false)
        }
        return uploadTask(with: request, fromFile: file)
    }
}
#endif
