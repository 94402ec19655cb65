public import Foundation

extension MagicHour {
    /// Uploads: `POST /v1/files/upload-urls`, then a PUT to the address that it answers. Free of charge.
    public var files: Files { Files(api: api) }

    /// A place for a file.
    public struct UploadURL: Codable, Hashable, Sendable {
        /// Where to PUT the file, without a key. A secret: whoever has the address can write there.
        public let uploadURL: URL
        /// When that address stops working.
        public let expiresAt: Timestamp?
        /// What stands for the file in requests: `api-assets/...`.
        public let filePath: String

        enum CodingKeys: String, CodingKey {
            case uploadURL = "upload_url"
            case expiresAt = "expires_at"
            case filePath = "file_path"
        }

        /// Reads a place; its date is not indispensable.
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

    /// A file to ask a place for.
    public struct UploadItem: Codable, Hashable, Sendable {
        /// What the file is.
        public var type: MediaKind
        /// Its format, such as `png`: lower case, without a dot, one of those that ``MediaKind`` names.
        public var `extension`: String

        /// A file to ask a place for.
        public init(type: MediaKind, extension: String) {
            self.type = type
            self.extension = `extension`
        }
    }

    /// Uploads.
    public struct Files: Sendable {
        let api: APIClient

        /// How many files are sent at the same time.
        private static let maximumConcurrency = 4

        /// Asks for places for files: `POST /v1/files/upload-urls`.
        ///
        /// - Returns: The places, in the order of the files.
        /// - Throws: ``HeadshotKitError``.
        public func uploadURLs(_ items: [UploadItem]) async throws -> [UploadURL] {
            try await uploadURLs(items, onRetry: nil)
        }

        private func uploadURLs(
            _ items: [UploadItem],
            onRetry: CallContext.RetryObserver?
        ) async throws -> [UploadURL] {
            let context = CallContext(operation: "upload-urls", onRetry: onRetry)
            let places = try await RequestBody.with(["items": items]) { body in
                let call = APICall(in: context, method: "POST", path: "/v1/files/upload-urls", body: body)
                return try await api.send(call, as: UploadURLs.self).items
            }
            guard places.count == items.count else {
                throw HeadshotKitError(
                    .invalidResponse,
                    "Magic Hour was asked for \(items.count) upload addresses and answered \(places.count).",
                    operation: "upload-urls"
                )
            }
            return places
        }

        /// Uploads a file, streamed from disk. One that is remote already is returned as it is.
        ///
        /// - Parameters:
        ///   - source: The file.
        ///   - kind: What it is.
        ///   - deadline: How long the upload may take, with its retries. Defaults to one hour.
        ///   - onProgress: Told how much has been sent.
        /// - Returns: What stands for it in requests.
        /// - Throws: ``HeadshotKitError``, with ``HeadshotKitError/Code/invalidMedia`` before anything is sent, and
        ///   ``HeadshotKitError/Code/deadlineExceeded``.
        public func upload(
            _ source: MediaSource,
            as kind: MediaKind,
            deadline: Duration = .seconds(3_600),
            onProgress: (@Sendable (TransferProgress) -> Void)? = nil
        ) async throws -> MediaSource {
            guard let media = try LocalMedia(source, as: kind) else { return source }
            let tooLate = HeadshotKitError(
                .deadlineExceeded,
                "\(media.source) was not uploaded within \(deadline.seconds.formatted()) s.",
                operation: "upload"
            )
            return try await Deadline(in: deadline, clock: api.clock).run(orThrow: { tooLate }) {
                try await upload([media], onRetry: nil) { onProgress?($0) }[0]
            }
        }

        /// Uploads files by one request for places, several at the same time.
        func upload(
            _ media: [LocalMedia],
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping @Sendable (TransferProgress) -> Void
        ) async throws -> [MediaSource] {
            let paths = Locked([String](repeating: "", count: media.count))
            let places = try await uploadURLs(media.map(\.uploadItem), onRetry: onRetry)
            let total = media.reduce(0) { $0 + $1.size }
            let sent = Locked([Int64](repeating: 0, count: media.count))
            onProgress(TransferProgress(completed: 0, total: total))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, (file, place)) in zip(media, places).enumerated() {
                    if index >= Self.maximumConcurrency { try await group.next() }
                    group.addTask {
                        let path = try await put(file, to: place, onRetry: onRetry) { progress in
                            // Told under the lock, so that the sums come in their order.
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

        /// Sends a file to its place, or to another one where the address of that has expired.
        private func put(
            _ media: LocalMedia,
            to place: UploadURL,
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping @Sendable (TransferProgress) -> Void
        ) async throws -> String {
            do {
                try await put(media, to: place.uploadURL, onRetry: onRetry, onProgress: onProgress)
                return place.filePath
            } catch let error as HeadshotKitError where error.code == .linkExpired {
                let place = try await uploadURLs([media.uploadItem], onRetry: onRetry)[0]
                try await put(media, to: place.uploadURL, onRetry: onRetry, onProgress: onProgress)
                return place.filePath
            }
        }

        private func put(
            _ media: LocalMedia,
            to url: URL,
            onRetry: CallContext.RetryObserver?,
            onProgress: @escaping @Sendable (TransferProgress) -> Void
        ) async throws {
            let body: TransportRequest.Body =
                switch media.source.storage {
                case .file(let file): .file(file)
                case .data(let data, _): .data(data)
                case .remote: .none
                }
            // Not the API's host: no key.
            let request = TransportRequest(method: "PUT", url: url, body: body, timeout: .idle(.seconds(60)))
            let context = CallContext(operation: "upload", onRetry: onRetry)
            let call = APICall(in: context, path: media.source.description)
            try await api.retrier.run(in: context) {
                do {
                    try media.checkUnchanged()
                    let response = try await sending(media) {
                        try await api.keyless.run(request) { request in
                            try await api.transport.send(request) { progress in
                                let completed = min(progress.completed, media.size)
                                onProgress(TransferProgress(completed: completed, total: media.size))
                            }
                        }
                    }
                    try media.checkUnchanged()
                    if (200..<300).contains(response.status) { return .success(()) }
                    return .failure(StorageRefusal(response, api.key).failure(of: media))
                } catch let error as TransportError {
                    // A failure of the transport may be no more than the trace of it.
                    try media.checkUnchanged()
                    return .failure(api.classify(error, of: call))
                }
            }
            onProgress(TransferProgress(completed: media.size, total: media.size))
        }

        /// Sends a file, and ends that as soon as the file changes: another size was announced than would be sent.
        private func sending(
            _ media: LocalMedia,
            _ send: @escaping @Sendable () async throws -> TransportResponse
        ) async throws -> TransportResponse {
            guard media.version != nil else { return try await send() }
            let response = try await result(of: send) {
                // By the time of the file system, whatever clock the client works with.
                while media.isUnchanged { try await Task.sleep(for: .milliseconds(200)) }
            }
            if let response { return response }
            try Task.checkCancellation()
            throw media.changed
        }
    }
}

extension LocalMedia {
    fileprivate var uploadItem: MagicHour.UploadItem { .init(type: kind, extension: fileExtension) }
}
