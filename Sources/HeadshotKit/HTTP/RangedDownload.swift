import Foundation

/// A download of a file in pieces. Neither memory nor a canceled transfer ever holds more than one piece, and a broken download
/// continues from the bytes already received.
struct RangedDownload: Sendable {
    let transfer: KeylessTransfer
    /// The size of a piece, in bytes. Defaults to 8 MiB.
    var window: Int64 = 8 << 20

    /// The reason why the host did not send the file.
    enum Problem: Error {
        /// The URL has expired (403, 404, or 410).
        case linkExpired(status: Int)
        /// The host failed or is busy. A later attempt may succeed.
        case transient(status: Int, retryAfter: Duration?)
        /// The host responded with any other status.
        case rejected(status: Int)
        /// The file changed on the host during the download. The received bytes were discarded.
        case changed
    }

    /// The result of a download.
    struct Received: Sendable {
        /// The size of the whole file, in bytes.
        var size: Int64
        /// The content type that the host reported. `nil` if it reported none or if no request was necessary.
        var contentType: String?
    }

    /// A record of whether a host accepts range requests. Some hosts reject them, with various statuses, and send only whole
    /// files.
    struct RangeSupport: Sendable {
        private var rejections = 0

        /// Returns whether to request the whole file because range requests were rejected with ambiguous statuses.
        ///
        /// It is unknown whether the host rejects ranges or whole files, so every other attempt requests the whole file. A whole
        /// file would replace existing bytes. If there are any, one more range request is made first.
        ///
        /// - Parameter start: The number of existing bytes.
        fileprivate func isWholeWanted(at start: Int64) -> Bool {
            let patience = start > 0 ? 2 : 1
            return rejections >= patience && (rejections - patience) % 2 == 0
        }

        fileprivate mutating func recordRejection() { rejections = min(rejections + 1, 1 << 20) }
    }

    /// What earlier responses say about a host and its file.
    struct Host: Sendable {
        /// The validator that the host sent with the bytes that are already saved.
        var validator = Validator()
        var support = RangeSupport()
    }

    /// The properties that distinguish one version of the host's file from another.
    struct Validator: Codable, Equatable, Sendable {
        var entityTag: String?
        var lastModified: String?
        var size: Int64?

        /// Returns whether a later part belongs to the same version of the file. The part need not repeat the date (RFC 9110),
        /// and a strong entity tag is sufficient.
        func isContinued(by next: Validator) -> Bool {
            guard entityTag == next.entityTag, size == next.size else { return false }
            if let entityTag, !entityTag.hasPrefix("W/") { return true }
            return lastModified == nil || next.lastModified == nil || lastModified == next.lastModified
        }
    }

    /// Downloads `url` to `file`, after the bytes that `file` already contains.
    ///
    /// - Parameters:
    ///   - host: What is known about the host and its file. Responses update it.
    ///   - onPiece: A closure that is called after each piece except the last. It receives the size of `file` in bytes and the
    ///     current validator.
    func run(
        _ url: URL,
        into file: URL,
        host: inout Host,
        onPiece: (Int64, Validator) async throws -> Void = { _, _ in },
        onProgress: @escaping ProgressHandler
    ) async throws -> Received {
        // Whether to request the whole file. A host that sends no validator cannot be asked for the rest of a file.
        var isWhole = try host.support.isWholeWanted(at: Self.size(of: file))
        while true {
            // A host may send an endless file in an endless number of parts.
            try Task.checkCancellation()
            // Without a validator, the existing bytes cannot be attributed to a file.
            if host.validator == Validator() { try Self.empty(file) }
            let start = try Self.size(of: file)
            if let size = host.validator.size, start == size, size > 0 { return Received(size: size) }
            var request = TransportRequest(url: url, timeout: .idle(.seconds(60)))
            if !isWhole { request.headers["Range"] = "bytes=\(start)-\(start + window - 1)" }
            // A weak entity tag does not guarantee the same bytes and must not be used here.
            if !isWhole, start > 0, let tag = host.validator.entityTag, !tag.hasPrefix("W/") {
                request.headers["If-Range"] = tag
            }
            let known = host.validator.size
            let response: TransportResponse
            do {
                response = try await transfer.run(request) { request in
                    try await transfer.transport.download(request, to: file) { progress in
                        onProgress(
                            TransferProgress(completed: start + progress.completed, total: known ?? progress.total)
                        )
                    }
                }
            } catch let error as TransportError where error.kind == .invalidResponse && !isWhole {
                // The part is unusable or is not the requested part.
                isWhole = true
                continue
            } catch let error as TransportError {
                if let head = error.responseHead, start == 0 || head.status == 200 {
                    // The received bytes belong to this response, which may differ from earlier ones and can be continued.
                    host.validator = Validator(head)
                } else if error.responseHead == nil, try Self.size(of: file) < start {
                    // Unknown content replaced the existing bytes.
                    host.validator = Validator()
                }
                throw error
            }
            switch response.status {
            case 200:
                let size = try Self.size(of: file)
                if let expected = response.contentLength, size != expected { throw Self.isNotWhole(size, of: expected) }
                return Received(size: size, contentType: response.headers["Content-Type"])
            case 206 where isWhole:
                throw Problem.rejected(status: 206)
            case 206:
                let next = Validator(response)
                if start > 0, !host.validator.isContinued(by: next) {
                    try Self.empty(file)
                    throw Problem.changed
                }
                host.validator = Validator(
                    entityTag: next.entityTag,
                    lastModified: next.lastModified ?? host.validator.lastModified,
                    size: next.size
                )
                let end = try Self.size(of: file)
                // A host may send less than the requested range, so a file of unknown size ends only with a 416.
                if let size = next.size, end >= size {
                    // If the response is compressed despite the request, the sizes are not comparable.
                    guard end == size || response.headers["Content-Encoding"] != nil else {
                        throw Self.isNotWhole(end, of: size)
                    }
                    return Received(size: end, contentType: response.headers["Content-Type"])
                }
                // An immediate retry of an empty part could repeat forever.
                if end == start {
                    throw TransportError(
                        .connectionLost,
                        "A part came without a byte in it.",
                        mayHaveBeenReceived: true
                    )
                }
                isWhole = next == Validator()
                if !isWhole { try await onPiece(end, host.validator) }
            case 416 where start > 0:
                // No bytes follow the existing ones. Either the file is complete, or it has changed.
                let size = response.headers["Content-Range"]
                if size == "bytes */\(start)" || size == nil && host.validator.size == nil {
                    return Received(size: start)
                }
                try Self.empty(file)
                throw Problem.changed
            case 400..<500 where [403, 404, 410].contains(response.status) && !isWhole && start > 0:
                // The host already sent the existing bytes, so the status more likely concerns the URL.
                host.support.recordRejection()
                throw Problem.linkExpired(status: response.status)
            case 400..<500 where !isWhole && ![408, 429].contains(response.status), 501 where !isWhole,
                505 where !isWhole:
                // The host may be rejecting only the range.
                isWhole = true
                continue
            default:
                let problem = FailureClassifier.download(status: response.status, retryAfter: response.retryAfter())
                // A busy host gets no immediate second request. The next attempt may omit the range.
                if case .transient = problem { host.support.recordRejection() }
                throw problem
            }
        }
    }

    private static func size(of file: URL) throws -> Int64 { try OutputFile.size(of: file) }

    /// Returns the error for a file whose size is wrong because it was modified or replaced during the download.
    private static func isNotWhole(_ size: Int64, of expected: Int64) -> TransportError {
        TransportError(
            .connectionLost,
            "There are \(size) of \(expected) bytes.",
            mayHaveBeenReceived: true
        )
    }

    private static func empty(_ file: URL) throws {
        guard try size(of: file) > 0 else { return }
        try OutputFile.write(Data(), to: file)
    }
}

extension RangedDownload.Validator {
    init(_ response: TransportResponse) {
        entityTag = response.headers["ETag"]
        lastModified = response.headers["Last-Modified"]
        size = response.status == 206 ? response.contentRange?.size : response.contentLength
    }
}
