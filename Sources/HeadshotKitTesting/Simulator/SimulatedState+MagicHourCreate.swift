import Foundation
import HeadshotKit

extension JobFailure {
    static let noFace = JobFailure(code: "no_source_face", message: "No face was found in the photo.")
    static let invalidFormat = JobFailure(code: "invalid_file_format", message: "The file's format is not supported.")
}

// Magic Hour's create operations, with their validation, prices and job failures.
extension SimulatedState {
    mutating func createHeadshot(_ body: Fields) throws -> CannedResponse {
        let name = try body.string("name")
        let assets = try body.required("assets", body.object)
        let prompt = try body.object("style")?.string("prompt")
        let photo = try media(assets, "image_file_path", [.image])
        let job = try start(
            .createHeadshot,
            cost: configuration.headshotCredits,
            failure: failure(of: [photo], prompt: prompt)
        ) {
            $0.name = name
            $0.prompt = prompt
            $0.media = [photo.reference]
        }
        return try created(job, costField: "frame_cost")
    }

    mutating func createImage(_ body: Fields) throws -> CannedResponse {
        let name = try body.string("name")
        let count = try body.required("image_count") { try body.integer($0) }
        let style = try body.required("style", body.object)
        let prompt = try style.required("prompt", style.string)
        _ = try style.string("quality_mode", oneOf: ["standard", "pro"])
        _ = try style.string("tool", oneOf: ImageModel.tools)
        _ = try body.string("aspect_ratio", oneOf: ["1:1", "16:9", "9:16"])
        _ = try body.string("orientation", oneOf: ["square", "landscape", "portrait"])
        let resolution = try body.string("resolution", oneOf: ["auto", "640px", "1k", "2k", "4k"]) ?? "auto"
        let modelName = try body.string("model", oneOf: ImageModel.all.keys.sorted()) ?? "default"
        let model = ImageModel.all[modelName] ?? ImageModel.byDefault
        guard resolution == "auto" || model.resolutions.contains(resolution) else {
            let resolutions = model.resolutions.joined(separator: ", ")
            throw body.error("resolution", "must be one of \(resolutions) for \(modelName)")
        }
        guard model.counts.contains(count) else {
            let counts = model.counts.map(String.init).joined(separator: ", ")
            throw body.error("image_count", "must be one of \(counts) for \(modelName)")
        }
        let job = try start(
            .createImage,
            cost: model.credits * count,
            failure: failure(of: [], prompt: prompt)
        ) {
            $0.name = name
            $0.prompt = prompt
            $0.outputCount = count
        }
        return try created(job, costField: "frame_cost")
    }

    mutating func createTalkingPhoto(_ body: Fields) throws -> CannedResponse {
        let name = try body.string("name")
        let assets = try body.required("assets", body.object)
        let start = try body.required("start_seconds") { try body.number($0) }
        let end = try body.required("end_seconds") { try body.number($0) }
        let modes = ["realistic", "prompted", "pro", "stable", "standard", "expressive"]
        let style = try body.object("style")
        let mode = try style?.string("generation_mode", oneOf: modes) ?? "realistic"
        let prompt = try style?.string("prompt")
        _ = try style?.number("intensity")
        let resolution = try body.string("resolution", oneOf: ["480p", "720p"])
        let maximum = try body.integer("max_resolution")
        guard start >= 0 else { throw body.error("start_seconds", "must be at least 0") }
        guard end >= 0.1, end > start else {
            throw body.error("end_seconds", "must be at least 0.1 and greater than start_seconds")
        }
        let isRealistic = ["realistic", "pro", "stable"].contains(mode)
        let longest: Double = isRealistic ? 300 : 45
        guard end - start <= longest else {
            throw body.error("end_seconds", "must be at most \(Int(longest)) seconds after start_seconds for \(mode)")
        }
        let photo = try media(assets, "image_file_path", [.image])
        let speech = try media(assets, "audio_file_path", [.audio])
        let seconds = Int((end - start).rounded(.up))
        let isLarge = resolution.map { $0 == "720p" } ?? maximum.map { $0 >= 1_280 } ?? isRealistic
        let job = try self.start(
            .createTalkingPhoto,
            cost: (isRealistic ? 48 : 24) * seconds,
            failure: failure(of: [photo, speech], prompt: prompt)
        ) {
            $0.name = name
            $0.prompt = prompt
            $0.media = [photo.reference, speech.reference]
            $0.clip = start...end
            ($0.width, $0.height) = isLarge ? (720, 960) : (480, 640)
        }
        return try created(job, costField: "estimated_frame_cost")
    }

    mutating func createFaceDetection(_ body: Fields) throws -> CannedResponse {
        let assets = try body.required("assets", body.object)
        _ = try body.number("confidence_score", in: 0...1)
        let target = try media(assets, "target_file_path", [.image, .video])
        let job = try start(.createFaceDetection, cost: 0, failure: failure(of: [target], prompt: nil)) {
            $0.media = [target.reference]
        }
        return try created(job, costField: nil)
    }

    // MARK: Shared steps

    mutating func start(
        _ operation: SimulatedService.Route,
        cost: Int,
        failure: JobFailure?,
        _ fill: (inout SimulatedJob) -> Void
    ) throws -> SimulatedJob {
        guard credits >= cost else {
            throw Rejection.magicHour(402, "insufficient_credits", "Payment required")
        }
        let times = schedule(operation)
        var job = SimulatedJob(
            id: "c" + Self.token(24),
            operation: operation,
            createdAt: now,
            beginsAt: times.begins,
            finishesAt: times.ends,
            cost: cost,
            failure: failure
        )
        fill(&job)
        start(job)
        return job
    }

    func created(_ job: SimulatedJob, costField: String?) throws -> CannedResponse {
        let cost = JSONValue.number(Double(job.cost))
        var response: [String: JSONValue] = ["id": .string(job.id), "credits_charged": cost]
        if let costField { response[costField] = cost }
        return try .json(.object(response))
    }

    private struct Media {
        let reference: String
        let kinds: [MediaKind]
    }

    /// Returns the media in a field, which holds the path of an uploaded file or a web URL.
    private func media(_ assets: Fields, _ field: String, _ kinds: [MediaKind]) throws -> Media {
        let reference = try assets.required(field, assets.string)
        let names = kinds.map(\.rawValue).joined(separator: " or ")
        if reference.hasPrefix("api-assets/") {
            guard let file = files[reference], file.exists else {
                throw assets.error(field, "names no uploaded file: \(reference)")
            }
        } else {
            guard let url = URL(string: reference), Self.isPublic(url) else {
                throw assets.error(field, "must be an uploaded file's path or an https URL")
            }
            if Self.isInLibrary(url) { return Media(reference: reference, kinds: kinds) }
        }
        // The other parts of a URL can contain dots that do not start a file extension.
        let path = URL(string: reference)?.path ?? reference
        let ending = (path as NSString).pathExtension.lowercased()
        guard kinds.contains(where: { $0.extensions.contains(ending) }) else {
            throw assets.error(field, "must have the extension of an \(names) file")
        }
        return Media(reference: reference, kinds: kinds)
    }

    private static func isPublic(_ url: URL) -> Bool {
        guard let host = url.host, !host.isEmpty else { return false }
        return url.scheme == "https" || url.scheme == "http" && isLoopback(host)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]" || host.hasPrefix("127.")
    }

    private static func isInLibrary(_ url: URL) -> Bool {
        let items = URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems ?? []
        return url.host == "magichour.ai" && url.path == "/my-library" && items.contains { $0.name == "imageId" }
    }

    private func failure(of media: [Media], prompt: String?) -> JobFailure? {
        let marker = configuration.noFaceMarker
        for item in media {
            guard let file = files[item.reference] else {
                if !marker.isEmpty, item.reference.contains(marker) { return .noFace }
                continue
            }
            guard item.kinds.contains(where: { $0.accepts(file.head) }) else { return .invalidFormat }
            if file.hasNoFace { return .noFace }
        }
        guard let prompt, !marker.isEmpty, prompt.contains(marker) else { return nil }
        return .noFace
    }
}
