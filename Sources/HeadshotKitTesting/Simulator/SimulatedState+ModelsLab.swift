import Foundation
import HeadshotKit

// Every ModelsLab response has status 200, except for a full queue. The `status` field in the body holds the outcome.
extension SimulatedState {
    mutating func modelsLab(_ request: IncomingRequest) throws -> CannedResponse {
        do {
            let body = try Fields(request.body, isLenient: true)
            guard try body.string("key") == configuration.modelsLabKey else { throw Self.error("Invalid API key") }
            switch request.route {
            case .createModelsLabHeadshot, .createModelsLabFluxHeadshot, .createOtherModelsLabJob:
                return try createModelsLab(body, request)
            case .fetchModelsLab:
                let collection = request.path.split(separator: "/").dropLast(2).last.map(String.init)
                guard let job = jobs[request.id], job.isModelsLab, job.collection == collection else {
                    throw Self.error("Request not found")
                }
                return try fetch(job)
            case .uploadModelsLabImage: return try uploadImage(body)
            case .listModelsLabAssets: return try listAssets(body)
            case .countModelsLabRequests:
                let count = JSONValue.number(Double(modelsLabQueue))
                return try .json(["status": "success", "processing_count": count, "message": "Requests in the queue"])
            default:
                let balance = JSONValue.number(Double(walletCents) / 100)
                return try .json(["status": "success", "data": ["balance": balance, "currency": "USD"]])
            }
        } catch let error as FieldError {
            guard !error.field.isEmpty else { throw Self.error(error.problem) }
            let text = "The \(error.field) field \(error.problem)."
            throw Rejection(200, ["status": "error", "message": [error.field: [.string(text)]]])
        }
    }

    static func error(_ message: String) -> Rejection {
        Rejection(200, ["status": "error", "message": .string(message)])
    }

    // MARK: Job creation

    /// The number of jobs that have not finished.
    var modelsLabQueue: Int { unfinished.compactMap { jobs[$0] }.filter(\.isModelsLab).count }

    func created(_ job: SimulatedJob, path: String) throws -> CannedResponse {
        let links = outputLinks(of: job)
        if job.phase(at: now) == .error { return try fetch(job) }
        if job.phase(at: now) == .complete {
            return try .json([
                "status": "success",
                "generationTime": .number((job.finishesAt - job.beginsAt) / .seconds(1)),
                "id": Self.number(job.id),
                "output": links,
                "proxy_links": links,
                "meta": job.meta,
            ])
        }
        // An enterprise account fetches from the base path of its create request.
        let fetch = (path as NSString).deletingLastPathComponent + "/fetch/\(job.id)"
        return try .json([
            "status": "processing",
            "tip": "Your image is processing in background, you can get this image using fetch API",
            "eta": .number(((job.finishesAt - now) / .seconds(1)).rounded(.up)),
            "message": "Try to fetch request after seconds estimated",
            "fetch_result": .string(url(forPath: fetch)),
            "id": Self.number(job.id),
            "output": [],
            "future_links": links,
            "proxy_links": links,
            "meta": job.meta,
        ])
    }

    struct Photo {
        var url: String?
        var hasNoFace: Bool
    }

    /// Returns the photo in a field, which is a web URL or a Base64 image. The image can be plain text or a data URL.
    func photo(_ text: String, in body: Fields, named field: String) throws -> Photo {
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            guard let url = URL(string: text), url.host?.isEmpty == false else {
                throw body.error(field, "must be a valid URL")
            }
            let stored = links[url.path].flatMap { link -> StoredFile? in
                guard case .file(let filePath) = link.target else { return nil }
                return files[filePath]
            }
            let marker = configuration.noFaceMarker
            return Photo(
                url: text,
                hasNoFace: stored?.hasNoFace == true || !marker.isEmpty && text.contains(marker)
            )
        }
        guard let data = Self.image(fromBase64: text) else {
            throw body.error(field, "must be a URL or an image in base64")
        }
        return Photo(hasNoFace: hasNoFace(data))
    }

    private func hasNoFace(_ image: Data) -> Bool {
        let marker = configuration.noFaceMarker
        return !marker.isEmpty && image.range(of: Data(marker.utf8)) != nil
    }

    private static func image(fromBase64 text: String) -> Data? {
        var base64 = Substring(text)
        if base64.hasPrefix("data:") {
            guard let comma = base64.range(of: ";base64,") else { return nil }
            base64 = base64[comma.upperBound...]
        }
        guard let data = Data(base64Encoded: String(base64)), MediaKind.image.accepts(data) else { return nil }
        return data
    }

    // MARK: Fetching and uploading

    private func fetch(_ job: SimulatedJob) throws -> CannedResponse {
        switch job.phase(at: now) {
        case .queued, .rendering:
            return try .json([
                "status": "processing",
                "message": "Your request is still processing, try again later",
                "output": "",
                "tip": "Get 20x faster image generation using enterprise plan",
            ])
        case .complete:
            return try .json(["status": "success", "id": Self.number(job.id), "output": outputLinks(of: job)])
        case .error:
            return try .json([
                "status": "failed", "id": Self.number(job.id), "message": .string(job.failure?.message ?? ""),
                "output": "",
            ])
        }
    }

    private mutating func uploadImage(_ body: Fields) throws -> CannedResponse {
        let text = try body.required("init_image", body.string)
        guard let data = Self.image(fromBase64: text) else {
            throw body.error("init_image", "must be an image in base64")
        }
        let path = "/outputs/\(Self.token(32)).png"
        files[path] = StoredFile(made: data, hasNoFace: hasNoFace(data))
        links[path] = Link(
            path: path,
            target: .file(filePath: path),
            expiresAt: now + configuration.outputLinkLifetime
        )
        return try .json([
            "status": "success", "id": .number(Double(200_000_000 + files.count)),
            "output": [.string(url(forPath: path))],
        ])
    }

    // MARK: Listing

    /// Returns a page of the completed jobs, newest first. A job is listed even if its output URLs have expired.
    private func listAssets(_ body: Fields) throws -> CannedResponse {
        let type = try body.required("type") { try body.string($0, oneOf: ["image", "video", "voice", "3d"]) }
        let page = try body.integer("page", in: 1...1_000_000) ?? 1
        let perPage = try body.integer("per_page", in: 1...30) ?? 10
        // The simulator makes only images for ModelsLab.
        let complete = (type == "image" ? jobOrder.reversed() : []).compactMap { jobs[$0] }
            .filter { $0.isModelsLab && $0.phase(at: now) == .complete }
        let skipped = (page - 1) * perPage
        let listed = complete.dropFirst(skipped).prefix(perPage)
        let last = max(1, (complete.count + perPage - 1) / perPage)
        return try .json([
            "status": "success",
            "type": .string(type),
            "data": .array(listed.map { ["id": Self.number($0.id), "output": outputLinks(of: $0)] }),
            "pagination": [
                "current_page": .number(Double(page)),
                "per_page": .number(Double(perPage)),
                "total": .number(Double(complete.count)),
                "last_page": .number(Double(last)),
                "from": listed.isEmpty ? .null : .number(Double(skipped + 1)),
                "to": listed.isEmpty ? .null : .number(Double(skipped + listed.count)),
            ],
        ])
    }

    func outputPath(of job: SimulatedJob, _ index: Int) -> String {
        "/outputs/\(job.outputToken)-\(index).\(job.isBase64 ? "base64" : "png")"
    }

    func outputLinks(of job: SimulatedJob) -> JSONValue {
        .array((0..<job.outputCount).map { .string(url(forPath: outputPath(of: job, $0))) })
    }

    // The API uses numbers for IDs. The simulator stores them as strings to share a dictionary with Magic Hour's IDs.
    static func number(_ id: String) -> JSONValue { Double(id).map { .number($0) } ?? .string(id) }
}
