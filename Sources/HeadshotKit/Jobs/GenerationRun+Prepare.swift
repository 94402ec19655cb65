/// The steps before the create request.
extension GenerationRun {
    /// A request that is ready to be sent.
    struct PreparedRequest {
        /// The request as the caller wrote it, with remote media.
        let original: EncodedRequest
        /// The request with the tag of its record. The same as ``original`` without a correlation.
        let tagged: EncodedRequest
    }

    /// Uploads local media, checks for faces, and encodes the request.
    ///
    /// - Parameter copies: A file for each of the request's media, which holds a photo without its metadata. The request may refer to
    ///   the files until it is sent.
    func prepare(
        _ request: JobRequest,
        _ tag: CorrelationTag?,
        _ copies: [TemporaryFile]
    ) async throws -> PreparedRequest {
        let sources = try await remoteSources(of: request, copies)
        let original = try request.encode(sources, backend.bodyFields)
        guard let tag else { return PreparedRequest(original: original, tagged: original) }
        let fields = backend.bodyFields.merging(try backend.fields(of: tag, in: original.value())) { $1 }
        return PreparedRequest(original: original, tagged: try request.encode(sources, fields))
    }

    /// Uploads the local media of a request for a job that is created later, and checks for faces.
    func upload(_ request: JobRequest) async throws -> [MediaSource] {
        let copies = request.photoCopies
        defer { copies.forEach { $0.remove() } }
        return try await beforeDeadline { try await remoteSources(of: request, copies) }
    }

    private func remoteSources(of request: JobRequest, _ copies: [TemporaryFile]) async throws -> [MediaSource] {
        let sources = try await upload(request.media, copies)
        if options.faceCheck != .none, let countFaces = request.countFaces {
            for (media, source) in zip(request.media, sources) where media.isFaceChecked {
                try checkFaces(try await countFaces(source, context()))
            }
        }
        return sources
    }

    private func upload(_ media: [JobRequest.Media], _ copies: [TemporaryFile]) async throws -> [MediaSource] {
        var sources = media.map(\.source)
        // Check every file before the first one is sent.
        let local = try await offPool { [removesMetadata = options.photoMetadata == .remove] in
            try zip(media, copies).enumerated().compactMap { index, pair -> (Int, LocalMedia)? in
                guard let local = try LocalMedia(pair.0.source, as: pair.0.kind) else { return nil }
                return (index, removesMetadata ? try local.removePhotoMetadata(into: pair.1) : local)
            }
        }
        guard !local.isEmpty else { return sources }
        let photos = try await offPool { try local.compactMap { try $0.1.pixelSize() } }
        let remote = try await backend.upload(local.map(\.1), in: context()) { progress in
            var progress = progress
            progress.photos = photos
            events.report(.uploading(progress))
        }
        for ((index, _), source) in zip(local, remote) { sources[index] = source }
        return sources
    }

    private func checkFaces(_ count: Int) throws {
        guard count > 0 else {
            throw HeadshotKitError(
                .noFaceDetected,
                "No face was found in the photo, so no job was created.",
                advice: "Use a photo in which one face is large, frontal and well lit.",
                operation: operation
            )
        }
        guard options.faceCheck != .exactlyOne || count == 1 else {
            throw HeadshotKitError(
                .multipleFacesDetected,
                "\(count) faces were found in the photo, so no job was created.",
                advice: "Use a photo of one person, or crop this one.",
                operation: operation
            )
        }
    }
}
