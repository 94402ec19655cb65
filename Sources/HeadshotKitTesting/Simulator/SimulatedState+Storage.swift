import Foundation
import HeadshotKit

/// A file in the simulated storage.
struct StoredFile {
    /// The file that a client uploaded. `nil` if no client has used the upload URL yet.
    var upload: SimulatedService.Upload?
    /// The contents that the service created. `nil` if the file is for a client's upload.
    var made: Data?
    /// Whether the file contains the marker for a photo without a face.
    var hasNoFace = false

    var exists: Bool { upload != nil || made != nil }
    var head: Data { upload?.head ?? made ?? Data() }
}

/// A URL in the simulated storage that expires.
struct Link {
    enum Target {
        case upload(filePath: String)
        case file(filePath: String)
        case output(jobID: String, index: Int)
    }

    let path: String
    let target: Target
    let expiresAt: Duration
}

extension SimulatedState {
    /// Returns the URL of a path on this service.
    func url(forPath path: String) -> String {
        var base = publicURL?.absoluteString ?? "https://simulator.invalid"
        if base.hasSuffix("/") { base.removeLast() }
        return base + path
    }

    /// Creates a signed URL that expires after `lifetime`.
    mutating func sign(_ path: String, _ target: Link.Target, for lifetime: Duration) -> String {
        let signature = Self.token(32)
        links[signature] = Link(path: path, target: target, expiresAt: now + lifetime)
        let expires = Int(date(now + lifetime).timeIntervalSince1970)
        return url(forPath: path) + "?expires=\(expires)&signature=\(signature)"
    }

    mutating func putUpload(_ request: IncomingRequest) throws -> CannedResponse {
        let link = try link(for: request)
        guard case .upload(let filePath) = link.target else { throw Self.signatureDoesNotMatch }
        guard request.headers["Transfer-Encoding"] == nil else {
            throw Rejection.storage(501, "NotImplemented", "Transfer-Encoding is not implemented")
        }
        guard let file = request.upload else {
            throw Rejection.storage(411, "MissingContentLength", "A Content-Length is required")
        }
        if let length = request.headers["Content-Length"], Int(length) != file.byteCount {
            throw Rejection.storage(400, "IncompleteBody", "The body is not as long as declared")
        }
        if files[filePath]?.upload == nil { uploadOrder.append(filePath) }
        files[filePath] = StoredFile(
            upload: SimulatedService.Upload(
                filePath: filePath,
                byteCount: file.byteCount,
                digest: file.digest,
                head: file.head,
                contents: file.contents,
                headers: request.headers.fields
            ),
            hasNoFace: file.contains(configuration.noFaceMarker)
        )
        return CannedResponse(status: 200, headers: ["ETag": Self.entityTag(file.digest)])
    }

    mutating func getOutput(_ request: IncomingRequest) throws -> CannedResponse {
        let link = try link(for: request)
        switch link.target {
        case .upload: throw Self.signatureDoesNotMatch
        case .file(let filePath):
            guard let data = files[filePath]?.made else { throw Self.noSuchFile }
            let type = data.first == 0x89 ? "image/png" : "application/octet-stream"
            return Self.serve(PaddedBytes(data), type: type, tag: Digest.of(data), request)
        case .output(let jobID, let index):
            guard let job = jobs[jobID], job.phase(at: now) == .complete, !job.isDeleted else {
                throw Self.noSuchFile
            }
            let seed = Digest.of(Data("\(jobID) \(index)".utf8))
            let type =
                switch job.kind {
                case .image: job.isBase64 ? "text/plain" : "image/png"
                case .video: "video/mp4"
                case .audio: "audio/wav"
                }
            return Self.serve(drawing(of: job, index: index, seed: seed), type: type, tag: seed, request)
        }
    }

    private func link(for request: IncomingRequest) throws -> Link {
        // A signed URL contains its credentials, and storage rejects a request with additional ones.
        guard request.headers["Authorization"] == nil else {
            throw Rejection.storage(400, "InvalidArgument", "A signed link must be used without Authorization")
        }
        guard let link = links[request.query["signature"] ?? request.path], link.path == request.path else {
            throw Self.signatureDoesNotMatch
        }
        guard now < link.expiresAt else {
            throw Rejection.storage(403, "AccessDenied", "Request has expired")
        }
        return link
    }

    private static var signatureDoesNotMatch: Rejection {
        .storage(403, "SignatureDoesNotMatch", "The signature does not match")
    }

    private static var noSuchFile: Rejection { .storage(404, "NoSuchKey", "There is no such file") }

    private mutating func drawing(of job: SimulatedJob, index: Int, seed: UInt64) -> PaddedBytes {
        let name = "\(job.id)/\(index)"
        if let drawing = drawings[name] { return drawing }
        let bytes = configuration.outputBytes
        let drawing: PaddedBytes
        switch job.kind {
        case .video:
            drawing = MP4.file(seconds: job.clip.upperBound - job.clip.lowerBound, seed: seed, paddedTo: bytes)
        case .audio:
            drawing = PaddedBytes(SampleMedia.speechWAV(seconds: 1))
        case .image:
            let pixels = configuration.outputPixels * job.rendering.scale
            let isCutout = job.rendering.isCutout
            let image =
                (look(of: job).map { look in
                    Portrait.headshot(width: pixels, height: pixels, look: look, seed: seed, isCutout: isCutout)
                } ?? Portrait.person(width: pixels, height: pixels, seed: seed, isCutout: isCutout)).data
            drawing = job.isBase64 ? PaddedBytes(image.base64EncodedData()) : PNG.padded(image, to: bytes)
        }
        // The limit bounds memory use in a long-running server. Removed drawings are drawn again.
        if drawings.count >= 32 { drawings.removeAll() }
        drawings[name] = drawing
        return drawing
    }

    /// Returns the look of the person in the first uploaded photo of a job, which its outputs show. `nil` if there is none.
    private func look(of job: SimulatedJob) -> Portrait.Look? {
        for reference in job.media {
            var path = reference
            if let url = URL(string: reference), case .file(let filePath)? = links[url.path]?.target { path = filePath }
            if let look = Portrait.Look(inPhoto: files[path]?.head ?? Data()) { return look }
        }
        return nil
    }

    private static func entityTag(_ digest: UInt64) -> String { "\"\(String(digest, radix: 16))\"" }

    private static func serve(
        _ body: PaddedBytes,
        type: String,
        tag digest: UInt64,
        _ request: IncomingRequest
    ) -> CannedResponse {
        let tag = entityTag(digest)
        var response = CannedResponse(
            status: 200,
            headers: [
                "Content-Type": type, "Content-Length": String(body.count), "Accept-Ranges": "bytes", "ETag": tag,
            ],
            body: body
        )
        guard let field = request.headers["Range"], [nil, tag].contains(request.headers["If-Range"]),
            let asked = ByteRange(field)
        else { return response }
        guard let range = asked.resolved(in: body.count) else {
            response.status = 416
            response.headers["Content-Range"] = "bytes */\(body.count)"
            response.headers["Content-Length"] = "0"
            response.range = 0..<0
            return response
        }
        response.status = 206
        response.headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(body.count)"
        response.headers["Content-Length"] = String(range.count)
        response.range = range
        return response
    }
}

/// The range in a `Range` field. A field with multiple ranges is not supported and is ignored.
private enum ByteRange {
    case from(Int, through: Int?)
    case last(Int)

    init?(_ field: String) {
        guard field.hasPrefix("bytes=") else { return nil }
        let parts = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }) else { return nil }
        switch (Int(parts[0]), Int(parts[1])) {
        case (let first?, let last): self = .from(first, through: last)
        case (nil, let count?): self = .last(count)
        case (nil, nil): return nil
        }
    }

    /// Returns the range within a file of `count` bytes. `nil` if the range contains no bytes of the file.
    func resolved(in count: Int) -> Range<Int>? {
        let range =
            switch self {
            case .from(let first, let last):
                first..<max(first, last.map { $0 < count ? $0 + 1 : count } ?? count)
            case .last(let length): max(0, count - length)..<count
            }
        return range.lowerBound < count && !range.isEmpty ? range : nil
    }
}
