public import Foundation

extension MagicHour {
    /// The file uploads. An upload requests a URL with `POST /v1/files/upload-urls` and then sends the file to that URL with PUT.
    /// Uploads are free of charge.
    public var files: Files { Files(api: api) }

    /// An upload URL for a file.
    public struct UploadURL: Codable, Equatable, Sendable {
        /// The URL that accepts the file with PUT and without a key. The URL is a secret, because it grants write access.
        public let uploadURL: URL
        /// The time when the upload URL expires, or `nil` if it is unknown.
        public let expiresAt: Timestamp?
        /// The path that identifies the file in requests, such as `api-assets/...`.
        public let filePath: String

        enum CodingKeys: String, CodingKey {
            case uploadURL = "upload_url"
            case expiresAt = "expires_at"
            case filePath = "file_path"
        }

        /// Creates an upload URL from a decoder. The expiration time is optional.
        public init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            uploadURL = try fields.serverURL(.uploadURL)
            expiresAt = fields.timestamp(.expiresAt)
            filePath = try fields.decode(String.self, forKey: .filePath)
        }
    }

    private struct UploadURLs: Decodable {
        let items: [UploadURL]
    }

    /// A file that needs an upload URL.
    public struct UploadItem: Codable, Equatable, Sendable {
        /// The kind of the file.
        public var type: MediaKind
        /// The format of the file, such as `png`, in lowercase and without a dot. It must be one of the formats that
        /// ``MediaKind`` lists.
        public var `extension`: String

        /// Creates an item that describes a file.
        public init(type: MediaKind, extension: String) {
            self.type = type
            self.extension = `extension`
        }
    }

    /// The API calls for file uploads.
    public struct Files: Sendable {
        let api: APIClient

        /// The maximum number of concurrent uploads.
        private static let maximumConcurrency = 4

        /// Requests upload URLs for files with `POST /v1/files/upload-urls`.
        ///
        /// - Returns: The upload URLs, in the order of the files.
        /// - Throws: ``HeadshotKitError``.
        public func uploadURLs(_ items: [UploadItem]) async throws -> [UploadURL] {
            try await uploadURLs(items, onRetry: nil)
        }

        private func uploadURLs(
            _ items: [UploadItem],
            onRetry: CallContext.RetryObserver?
        ) async throws -> [UploadURL] {
            let context = CallContext(operation: "upload-urls", onRetry: onRetry)
            let request = try EncodedRequest(["items": items])
            let call = APICall(context: context, method: "POST", path: "/v1/files/upload-urls", request: request)
            let targets = try await api.send(call, as: UploadURLs.self).items
            guard targets.count == items.count else {
                throw HeadshotKitError(
                    .invalidResponse,
                    "Magic Hour returned \(targets.count) upload URLs for \(items.count) files.",
                    advice: "Try again. If the error persists, check the base URL.",
                    operation: "upload-urls"
                )
            }
            return targets
        }

        /// Uploads a file, streamed from disk. A remote source is returned unchanged.
        ///
        /// - Parameters:
        ///   - source: The file.
        ///   - kind: The kind of the file.
        ///   - deadline: The time limit for the upload, including retries. Defaults to one hour.
        ///   - onProgress: A closure that receives the progress of the upload.
        /// - Returns: A source that identifies the uploaded file in requests.
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/invalidMedia`` before anything is sent, and with
        ///   ``HeadshotKitError/Code/deadlineExceeded``.
        public func upload(
            _ source: MediaSource,
            as kind: MediaKind,
            deadline: Duration = .seconds(3_600),
            onProgress: ProgressHandler? = nil
        ) async throws -> MediaSource {
            guard let media = try await offPool({ try LocalMedia(source, as: kind) }) else { return source }
            let tooLate = HeadshotKitError(
                .deadlineExceeded,
                "\(media.name) was not uploaded within \(deadline.seconds.plainText) s.",
                advice: "Try again with a longer deadline.",
                operation: "upload"
            )
            return try await Deadline(in: deadline, clock: api.clock).run(orThrow: { tooLate }) {
                try await upload([media], onRetry: nil) { onProgress?($0) }[0]
            }
        }

        /// Uploads files with one request for their upload URLs, several files at the same time.
        func upload(
            _ media: [LocalMedia],
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping ProgressHandler
        ) async throws -> [MediaSource] {
            let paths = Locked([String](repeating: "", count: media.count))
            let targets = try await uploadURLs(media.map(\.uploadItem), onRetry: onRetry)
            let total = media.reduce(0) { $0 + $1.size }
            let sent = Locked([Int64](repeating: 0, count: media.count))
            onProgress(TransferProgress(completed: 0, total: total))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, (file, target)) in zip(media, targets).enumerated() {
                    if index >= Self.maximumConcurrency { try await group.next() }
                    group.addTask {
                        let path = try await put(file, to: target, onRetry: onRetry) { progress in
                            // Reported under the lock, so that the sums arrive in order.
                            sent.withLock { sent in
                                guard sent[index] != progress.completed else { return }
                                sent[index] = progress.completed
                                onProgress(TransferProgress(completed: sent.reduce(0, +), total: total))
                            }
                        }
                        paths.withLock { $0[index] = path }
                    }
                }
                try await group.waitForAll()
            }
            return paths.withLock { $0 }.map { .uploaded($0) }
        }

        /// Sends a file to its upload URL, or to a new one if that URL has expired.
        private func put(
            _ media: LocalMedia,
            to target: UploadURL,
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping ProgressHandler
        ) async throws -> String {
            do {
                try await put(media, to: target.uploadURL, onRetry: onRetry, onProgress: onProgress)
                return target.filePath
            } catch let error as HeadshotKitError where error.code == .linkExpired {
                let target = try await uploadURLs([media.uploadItem], onRetry: onRetry)[0]
                try await put(media, to: target.uploadURL, onRetry: onRetry, onProgress: onProgress)
                return target.filePath
            }
        }

        private func put(
            _ media: LocalMedia,
            to url: URL,
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping ProgressHandler
        ) async throws {
            let body: TransportRequest.Body =
                switch media.source.storage {
                case .file(let file): .file(file)
                case .data(let data, _): .data(data)
                case .remote: .none
                }
            // The host is not the API's host, so the request has no key.
            let request = TransportRequest(method: "PUT", url: url, body: body, timeout: .idle(.seconds(60)))
            let context = CallContext(operation: "upload", onRetry: onRetry)
            let call = APICall(context: context, path: media.name)
            try await api.retrier.run(in: context) {
                do {
                    try media.checkUnchanged()
                    let response = try await sendUnlessChanged(media) {
                        try await api.keyless.run(request) { request in
                            try await api.transport.send(request) { progress in
                                let completed = min(progress.completed, media.size)
                                onProgress(TransferProgress(completed: completed, total: media.size))
                            }
                        }
                    }
                    try media.checkUnchanged()
                    if (200..<300).contains(response.status) { return .success(()) }
                    return .failure(StorageRejection(response, api.key).failure(of: media))
                } catch let error as TransportError {
                    // The transport error may be only a consequence of a changed file.
                    try media.checkUnchanged()
                    return .failure(api.classify(error, of: call))
                }
            }
            onProgress(TransferProgress(completed: media.size, total: media.size))
        }

        /// Sends a file, and stops as soon as the file changes. The announced size would otherwise differ from the size that is
        /// sent.
        private func sendUnlessChanged(
            _ media: LocalMedia,
            _ send: @escaping @Sendable () async throws -> TransportResponse
        ) async throws -> TransportResponse {
            guard media.version != nil else { return try await send() }
            let response = try await result(of: send) {
                // Real time, because file changes do not follow the client's clock.
                while media.isUnchanged { try await Task.sleep(for: .milliseconds(200)) }
            }
            if let response { return response }
            try Task.checkCancellation()
            throw LocalMedia.changed(media.name)
        }
    }
}

extension LocalMedia {
    fileprivate var uploadItem: MagicHour.UploadItem { .init(type: kind, extension: fileExtension) }
}
