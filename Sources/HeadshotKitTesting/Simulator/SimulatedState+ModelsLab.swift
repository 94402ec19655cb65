import Foundation
import HeadshotKit

// Every ModelsLab response has status 200, except for a full queue. The `status` field in the body holds the outcome.
extension SimulatedState {
    mutating func modelsLab(_ request: IncomingRequest) throws -> CannedResponse {
        do {
            let body = try Fields(request.body, isLenient: true)
            guard try body.string("key") == configuration.modelsLabKey else { throw Self.error("Invalid API key") }
            switch request.route {
            case .createModelsLabHeadshot: return try createHeadshot(body, limits: .headshot, request)
            case .createModelsLabFluxHeadshot: return try createHeadshot(body, limits: .flux, request)
            case .fetchModelsLab: return try fetch(request.id)
            case .uploadModelsLabImage: return try uploadImage(body)
            case .listModelsLabAssets: return try listAssets(body)
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

    private static func error(_ message: String) -> Rejection {
        Rejection(200, ["status": "error", "message": .string(message)])
    }

    // MARK: Job creation

    private struct Limits {
        let width: Double
        let height: Double
        let steps: [Int]
        let needsSeed: Bool

        static let headshot = Limits(width: 512, height: 768, steps: [21, 31, 41], needsSeed: false)
        static let flux = Limits(width: 1_024, height: 1_024, steps: Array(1...26), needsSeed: true)
    }

    private mutating func createHeadshot(
        _ body: Fields,
        limits: Limits,
        _ request: IncomingRequest
    ) throws -> CannedResponse {
        let prompt = try body.required("prompt", body.string)
        let photo = try photo(body)
        let width = try side(body, "width", limits.width)
        let height = try side(body, "height", limits.height)
        if let steps = try body.integer("num_inference_steps"), !limits.steps.contains(steps) {
            let list = limits.steps.map(String.init).joined(separator: ", ")
            throw body.refuse("num_inference_steps", "must be one of \(list)")
        }
        _ = try body.number("guidance_scale", in: 1...10)
        _ = try body.number("s_scale", in: 0...2)
        _ = try body.string("negative_prompt")
        let webhook = try body.url("webhook")
        let trackID = try body.identifier("track_id")
        _ = try body.bool("safety_checker")
        _ = try body.string("safety_checker_type", oneOf: ["black", "blur", "sensitive_content_text", "pixelate"])
        let seed = try body.integer("seed")
        if limits.needsSeed, seed == nil { _ = try body.required("seed") { try body.integer($0) } }
        let samples = try body.integer("samples", in: 1...2) ?? 1
        let isBase64 = try body.bool("base64") ?? false

        let queued = unfinished.compactMap { jobs[$0] }.filter(\.isModelsLab).count
        guard queued < configuration.queueLimit else {
            let message = "Your queue of \(configuration.queueLimit) requests is full, try again later"
            throw Rejection(429, ["status": "error", "message": .string(message), "retry_after": 5])
        }
        let cost = configuration.modelsLabImageCents * samples
        guard walletCents >= cost else { throw Self.error("Your wallet balance is too low") }

        let times = schedule(request.route)
        let marker = configuration.noFaceMarker
        let hasNoFace = photo.hasNoFace || !marker.isEmpty && prompt.contains(marker)
        let meta: JSONValue = [
            "prompt": .string(prompt), "width": .number(Double(width)), "height": .number(Double(height)),
            "samples": .number(Double(samples)), "seed": .number(Double(seed ?? 1_234_567)),
        ]
        let job = SimulatedJob(
            id: String(100_000_001 + jobs.count),
            operation: request.route,
            prompt: prompt,
            createdAt: now,
            beginsAt: times.begins,
            finishesAt: times.ends,
            cost: cost,
            failure: hasNoFace ? .noFace : nil,
            media: photo.url.map { [$0] } ?? [],
            outputCount: samples,
            outputToken: Self.token(32),
            isBase64: isBase64,
            webhook: webhook,
            trackID: trackID,
            meta: meta
        )
        start(job)
        for index in 0..<samples {
            let path = outputPath(of: job, index)
            let expiry = job.finishesAt + configuration.outputLinkLifetime
            links[path] = Link(path: path, target: .output(jobID: job.id, index: index), expiresAt: expiry)
        }
        return try created(job, path: request.path)
    }

    private func created(_ job: SimulatedJob, path: String) throws -> CannedResponse {
        let links = outputLinks(of: job)
        if job.phase(at: now) == .error { return try fetch(job.id) }
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

    private func side(_ body: Fields, _ field: String, _ maximum: Double) throws -> Int {
        let pixels = try body.integer(field, in: 8...maximum) ?? 512
        guard pixels % 8 == 0 else { throw body.refuse(field, "must be divisible by 8") }
        return pixels
    }

    private struct Photo {
        var url: String?
        var hasNoFace: Bool
    }

    /// Returns the photo in the body, which is a web URL or a Base64 image. The image can be plain text or a data URL.
    private func photo(_ body: Fields) throws -> Photo {
        let text = try body.required("face_image", body.string)
        if text.hasPrefix("http://") || text.hasPrefix("https://") {
            guard let url = URL(string: text), url.host?.isEmpty == false else {
                throw body.refuse("face_image", "must be a valid URL")
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
            throw body.refuse("face_image", "must be a URL or an image in base64")
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

    private func fetch(_ id: String) throws -> CannedResponse {
        guard let job = jobs[id], job.isModelsLab else { throw Self.error("Request not found") }
        switch job.phase(at: now) {
        case .queued, .rendering:
            return try .json([
                "status": "processing",
                "message": "Your request is still processing, try again later",
                "output": "",
                "tip": "Get 20x faster image generation using enterprise plan",
            ])
        case .complete:
            return try .json(["status": "success", "id": Self.number(id), "output": outputLinks(of: job)])
        case .error:
            return try .json([
                "status": "failed", "id": Self.number(id), "message": .string(job.failure?.message ?? ""), "output": "",
            ])
        }
    }

    private mutating func uploadImage(_ body: Fields) throws -> CannedResponse {
        let text = try body.required("init_image", body.string)
        guard let data = Self.image(fromBase64: text) else {
            throw body.refuse("init_image", "must be an image in base64")
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

    private func outputPath(of job: SimulatedJob, _ index: Int) -> String {
        "/outputs/\(job.outputToken)-\(index).\(job.isBase64 ? "base64" : "png")"
    }

    func outputLinks(of job: SimulatedJob) -> JSONValue {
        .array((0..<job.outputCount).map { .string(url(forPath: outputPath(of: job, $0))) })
    }

    // The API uses numbers for IDs. The simulator stores them as strings to share a dictionary with Magic Hour's IDs.
    static func number(_ id: String) -> JSONValue { Double(id).map { .number($0) } ?? .string(id) }
}
