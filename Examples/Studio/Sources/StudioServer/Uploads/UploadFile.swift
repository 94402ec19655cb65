import Foundation
import NIOCore

/// A file that an upload is written to.
struct UploadFile: Sendable {
    private let descriptor: CInt

    /// Creates a new file that only its owner can read.
    init(_ url: URL) async throws {
        descriptor = try await offPool {
            let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw Self.error }
            return descriptor
        }
    }

    /// Appends bytes.
    func write(_ bytes: ByteBuffer) async throws {
        guard bytes.readableBytes > 0 else { return }
        try await offPool { [descriptor] in
            try bytes.withUnsafeReadableBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = Foundation.write(
                        descriptor,
                        UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                        rest.count
                    )
                    guard count >= 0 || errno == EINTR else { throw Self.error }
                    rest = rest.dropFirst(max(0, count))
                }
            }
        }
    }

    /// Closes the file.
    func close() async throws {
        try await offPool { [descriptor] in
            guard Foundation.close(descriptor) == 0 else { throw Self.error }
        }
    }

    private static var error: POSIXError { POSIXError(POSIXError.Code(rawValue: errno) ?? .EIO) }
}
