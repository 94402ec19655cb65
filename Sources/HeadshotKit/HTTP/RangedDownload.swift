import Foundation

/// Downloads a file piece by piece, so that neither memory nor a cancelled transfer ever holds more than one piece, and a broken
/// one goes on where it stopped.
struct RangedDownload: Sendable {
    let transfer: KeylessTransfer
    /// The size of a piece, in bytes.
    var window: Int64 = 8 << 20

    /// What came instead of the file.
    enum Problem: Error {
        /// The link no longer works (403, 404, 410).
        case linkExpired(status: Int)
        /// The host failed or is busy: worth another try.
        case passing(status: Int, retryAfter: Duration?)
        /// Any other status.
        case refused(status: Int)
        /// The file changed at the host while it was being downloaded; what had come is gone.
        case changed
    }

    /// What has come.
    struct Received: Sendable {
        /// The size of the whole file.
        var size: Int64
        /// What the host calls it; `nil` if it did not say, or nothing was asked for.
        var contentType: String?
    }

    /// Whether a host takes requests for a part of a file. Some refuse them, with all kinds of statuses, and send the whole.
    struct RangeSupport: Sendable {
        private var refusals = 0

        /// Whether to ask for the whole, after a part was refused by a status that may mean anything: at every other attempt, for
        /// which of the two the host dislikes is not known. What is there already would be wasted, and gives it one more chance.
        ///
        /// - Parameter start: How many bytes are there already.
        fileprivate func isWholeWanted(at start: Int64) -> Bool {
            let patience = start > 0 ? 2 : 1
            return refusals >= patience && (refusals - patience) % 2 == 0
        }

        fileprivate mutating func refuse() { refusals = min(refusals + 1, 1 << 20) }
    }

    /// What tells one state of the file at the host from another.
    struct Validator: Codable, Hashable, Sendable {
        var entityTag: String?
        var lastModified: String?
        var size: Int64?

        /// Whether a later part is of the same state of the file. It need not repeat its date (RFC 9110), and a strong tag says enough.
        func isContinued(by next: Validator) -> Bool {
            guard entityTag == next.entityTag, size == next.size else { return false }
            if let entityTag, !entityTag.hasPrefix("W/") { return true }
            return lastModified == nil || next.lastModified == nil || lastModified == next.lastModified
        }
    }

    /// Downloads `url` into `file`, behind what `file` holds of it already.
    ///
    /// - Parameters:
    ///   - validator: What the host said of the file when it sent the bytes that `file` holds; updated as responses come in.
    ///   - onPiece: Told after each piece but the last how many bytes `file` holds, and what the host said of it.
    ///   - support: What is known of the host's willingness to send parts; updated as responses come in.
    func run(
        _ url: URL,
        into file: URL,
        validator: inout Validator,
        support: inout RangeSupport,
        onPiece: (Int64, Validator) async throws -> Void = { _, _ in },
        onProgress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> Received {
        // Whether to ask for the whole in one: a host that says nothing of its file cannot be asked for the rest of one.
        var isWhole = try support.isWholeWanted(at: Self.size(of: file))
        while true {
            // A host may send a file without an end in parts without number.
            try Task.checkCancellation()
            // Without a validator, nobody can say of which file this is the beginning.
            if validator == Validator() { try Self.empty(file) }
            let start = try Self.size(of: file)
            if let size = validator.size, start == size, size > 0 { return Received(size: size) }
            var request = TransportRequest(url: url, timeout: .idle(.seconds(60)))
            if !isWhole { request.headers["Range"] = "bytes=\(start)-\(start + window - 1)" }
            // A weak tag does not promise the same bytes, and must not be used here.
            if !isWhole, start > 0, let tag = validator.entityTag, !tag.hasPrefix("W/") {
                request.headers["If-Range"] = tag
            }
            let known = validator.size
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
                // A part in a form that cannot be used, or another one than was asked for.
                isWhole = true
                continue
            } catch let error as TransportError {
                if let head = error.responseHead, start == 0 || head.status == 200 {
                    // What has come is the beginning of this response, which may be another than before, and can be continued.
                    validator = Validator(head)
                } else if error.responseHead == nil, try Self.size(of: file) < start {
                    // Something took the place of what was here, and nobody knows what.
                    validator = Validator()
                }
                throw error
            }
            switch response.status {
            case 200:
                let size = try Self.size(of: file)
                if let expected = response.contentLength, size != expected { throw Self.isNotWhole(size, of: expected) }
                return Received(size: size, contentType: response.headers["Content-Type"])
            case 206 where isWhole:
                throw Problem.refused(status: 206)
            case 206:
                let next = Validator(response)
                if start > 0, !validator.isContinued(by: next) {
                    try Self.empty(file)
                    throw Problem.changed
                }
                validator = Validator(
                    entityTag: next.entityTag,
                    lastModified: next.lastModified ?? validator.lastModified,
                    size: next.size
                )
                let end = try Self.size(of: file)
                // Of a file of unknown size the end is where nothing more comes (416): a host may send less than it was asked for.
                if let size = next.size, end >= size {
                    // Of a compressed one, against our wish, the sizes say nothing.
                    guard end == size || response.headers["Content-Encoding"] != nil else {
                        throw Self.isNotWhole(end, of: size)
                    }
                    return Received(size: end, contentType: response.headers["Content-Type"])
                }
                // A part without a byte: asked again at once, it would be asked for ever.
                if end == start {
                    throw TransportError(
                        .connectionLost,
                        "A part came without a byte in it.",
                        mayHaveBeenReceived: true
                    )
                }
                isWhole = next == Validator()
                if !isWhole { try await onPiece(end, validator) }
            case 416 where start > 0:
                // Nothing lies behind what is here: it was all of the file, or the file has become another one.
                let size = response.headers["Content-Range"]
                if size == "bytes */\(start)" || size == nil && validator.size == nil {
                    return Received(size: start)
                }
                try Self.empty(file)
                throw Problem.changed
            case 400..<500 where [403, 404, 410].contains(response.status) && !isWhole && start > 0:
                // A host that has sent what is here is more likely to mean the link.
                support.refuse()
                throw Problem.linkExpired(status: response.status)
            case 400..<500 where !isWhole && ![408, 429].contains(response.status), 501 where !isWhole,
                505 where !isWhole:
                // It may be the range that it refuses.
                isWhole = true
                continue
            case 403, 404, 410:
                throw Problem.linkExpired(status: response.status)
            case 408, 429, 500...:
                // A busy host is not asked again at once, but the next time without a range.
                support.refuse()
                throw Problem.passing(status: response.status, retryAfter: response.retryAfter())
            default:
                throw Problem.refused(status: response.status)
            }
        }
    }

    private static func size(of file: URL) throws -> Int64 { try OutputFile.size(of: file) }

    /// Something else has written to the file, or taken its place.
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
