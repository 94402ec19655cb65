import Foundation

extension MediaSource {
    /// Returns the SHA-256 hash of a local source's content, as 64 hexadecimal digits.
    ///
    /// The hash identifies a photo whatever its name is, such as in ``GenerationOptions/reference``. The file is read in parts, and
    /// nothing is sent.
    ///
    /// - Throws: ``HeadshotKitError/Code/invalidMedia`` if the source is remote or the file cannot be read.
    public func contentDigest() async throws -> String {
        try await offPool {
            let bytes: MediaBytes
            switch storage {
            case .data(let data, _): bytes = MediaBytes(data)
            case .file(let file): bytes = try LocalMedia.open(file, .image).2
            case .remote:
                throw HeadshotKitError(
                    .invalidMedia,
                    "\(self) is not a local source, so its content is not known.",
                    advice: "Download the file, and use the local copy."
                )
            }
            do { return try Self.digest(of: bytes) } catch {
                throw HeadshotKitError(
                    .invalidMedia,
                    "\(self) cannot be read.",
                    advice: "Check its permissions.",
                    underlyingError: error
                )
            }
        }
    }

    private static let partLength = 1 << 20

    private static func digest(of bytes: MediaBytes) throws -> String {
        var hash = SHA256()
        var offset: Int64 = 0
        while offset < bytes.size {
            let part = try bytes.read(offset, partLength)
            // The file has become shorter.
            guard !part.isEmpty else { break }
            hash.update(part)
            offset += Int64(part.count)
        }
        return hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
