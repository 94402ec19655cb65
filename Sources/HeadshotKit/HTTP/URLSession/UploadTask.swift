import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking

// On Linux, an upload from a file traps if the connection ends or is canceled while a piece is being read. A stream does not
// trap, but libcurl does not know its length. Over HTTP/2, libcurl ends a stream with a separate frame, which it sometimes fails
// to send (docs/transport.md). Small bodies are therefore sent from memory, and only large files from a stream.
extension TransportRequest.Body {
    /// The maximum size of a file that is held in memory while it is sent, in bytes.
    private static var maximumInMemory: Int64 { 4 << 20 }

    /// Returns the body to send. A small file is read into memory first.
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

    /// Creates an upload task with an exact `Content-Length`. By default, a stream would be sent chunked, which presigned URLs
    /// reject. A blank header field makes libcurl omit the field.
    private func uploadTask(with request: URLRequest, sending stream: InputStream, of size: Int64) -> URLSessionTask {
        var request = request
        request.httpBodyStream = stream
        request.setValue(String(size), forHTTPHeaderField: "Content-Length")
        request.setValue(" ", forHTTPHeaderField: "Transfer-Encoding")
        request.setValue(" ", forHTTPHeaderField: "Expect")
        return dataTask(with: request)
    }
}

/// A stream that reads the announced number of bytes of a file and ignores bytes that are appended meanwhile.
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
