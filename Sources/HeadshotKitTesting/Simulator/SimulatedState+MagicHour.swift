import Foundation
import HeadshotKit

// Magic Hour's key check, uploads, projects, face detections and account. The create operations are in a separate file.
extension SimulatedState {
    mutating func magicHour(_ request: IncomingRequest) throws -> CannedResponse {
        guard request.headers["Authorization"] == "Bearer \(configuration.magicHourKey)" else {
            throw Rejection.magicHour(401, "unauthorized", "Unauthorized")
        }
        do {
            switch request.route {
            case .createUploadURLs: return try createUploadURLs(Fields(request.body))
            case .createHeadshot: return try createHeadshot(Fields(request.body))
            case .createImage: return try createImage(Fields(request.body))
            case .createTalkingPhoto: return try createTalkingPhoto(Fields(request.body))
            case .createFaceDetection: return try createFaceDetection(Fields(request.body))
            case .createOtherJob: return try createOtherJob(request)
            case .getImageProject: return try getProject(request, .image)
            case .getVideoProject: return try getProject(request, .video)
            case .getAudioProject: return try getProject(request, .audio)
            case .deleteImageProject: return try deleteProject(request, .image)
            case .deleteVideoProject: return try deleteProject(request, .video)
            case .deleteAudioProject: return try deleteProject(request, .audio)
            case .getFaceDetection: return try getFaceDetection(request)
            case .getAccount: return try .json(account)
            default: throw Rejection.magicHour(404, "not_found", "Not Found")
            }
        } catch let error as FieldError {
            let message = error.field.isEmpty ? error.problem : "'\(error.field)' \(error.problem)"
            throw error.kind == .shape
                ? Rejection.magicHour(400, "invalid_request", message)
                : Rejection.magicHour(422, "unprocessable_entity", message)
        }
    }

    // MARK: Uploads

    private mutating func createUploadURLs(_ body: Fields) throws -> CannedResponse {
        let items = try body.required("items", body.objects)
        let responses = try items.map { item -> JSONValue in
            let kinds = MediaKind.allCases
            let type = try item.required("type") { try item.string($0, oneOf: kinds.map(\.rawValue)) }
            let ending = try item.required("extension", item.string)
            let allowed = kinds.first { $0.rawValue == type }?.extensions ?? []
            guard allowed.contains(ending) else {
                let list = allowed.joined(separator: ", ")
                throw Rejection.magicHour(
                    422,
                    "unprocessable_entity",
                    "'\(ending)' is an invalid \(type) extension. Possible extensions are '\(list)'"
                )
            }
            let filePath = "api-assets/\(Self.token(24))/\(type).\(ending)"
            files[filePath] = StoredFile()
            let lifetime = configuration.uploadLinkLifetime
            return [
                "upload_url": .string(sign("/upload/\(filePath)", .upload(filePath: filePath), for: lifetime)),
                "expires_at": timestamp(now + lifetime),
                "file_path": .string(filePath),
            ]
        }
        return try .json(["items": .array(responses)])
    }

    // MARK: Projects

    private func project(_ request: IncomingRequest, _ kind: SimulatedOperation.Kind) throws -> SimulatedJob {
        guard let job = jobs[request.id], !job.isModelsLab, job.operation != .createFaceDetection,
            job.kind == kind
        else { throw Rejection.magicHour(404, "not_found", "Not Found") }
        return job
    }

    private mutating func getProject(
        _ request: IncomingRequest,
        _ kind: SimulatedOperation.Kind
    ) throws -> CannedResponse {
        let job = try project(request, kind)
        return try .json(.object(document(of: job, at: now)))
    }

    /// Returns the JSON of a project, as it was at a time that is not in the future.
    mutating func document(of job: SimulatedJob, at time: Duration) -> [String: JSONValue] {
        let phase = job.phase(at: time)
        let cost = phase == .error ? 0 : job.cost
        let downloads = phase == .complete && !job.isDeleted ? downloads(of: job) : []
        var document: [String: JSONValue] = [
            "id": .string(job.id),
            "name": job.name.map { .string($0) } ?? .null,
            "status": .string(phase.rawValue),
            "created_at": timestamp(job.createdAt),
            "enabled": .bool(!job.isDeleted),
            "credits_charged": .number(Double(cost)),
            "total_frame_cost": .number(Double(cost)),
            "downloads": .array(downloads),
            "error": nil,
        ]
        if phase == .error, let failure = job.failure {
            document["error"] = ["code": .string(failure.code), "message": .string(failure.message)]
        }
        document["type"] = .string(job.type)
        switch job.kind {
        case .video:
            document["download"] = downloads.first ?? .null
            document["start_seconds"] = .number(job.clip.lowerBound)
            document["end_seconds"] = .number(job.clip.upperBound)
            document["fps"] = 30
            document["width"] = .number(Double(job.width))
            document["height"] = .number(Double(job.height))
        case .image: document["image_count"] = .number(Double(job.outputCount))
        case .audio: document["total_frame_cost"] = nil
        }
        return document
    }

    private mutating func downloads(of job: SimulatedJob) -> [JSONValue] {
        let lifetime = configuration.outputLinkLifetime
        let ending =
            switch job.kind {
            case .image: "png"
            case .video: "mp4"
            case .audio: "wav"
            }
        return (0..<job.outputCount).map { index in
            let name = job.outputCount == 1 ? "output" : "output-\(index)"
            let path = "/outputs/\(job.id)/\(name).\(ending)"
            let url = sign(path, .output(jobID: job.id, index: index), for: lifetime)
            return ["url": .string(url), "expires_at": timestamp(now + lifetime)]
        }
    }

    private mutating func deleteProject(
        _ request: IncomingRequest,
        _ kind: SimulatedOperation.Kind
    ) throws -> CannedResponse {
        let job = try project(request, kind)
        jobs[job.id]?.isDeleted = true
        return CannedResponse(status: 204)
    }

    // MARK: Face detection

    private mutating func getFaceDetection(_ request: IncomingRequest) throws -> CannedResponse {
        guard let job = jobs[request.id], job.operation == .createFaceDetection else {
            throw Rejection.magicHour(404, "not_found", "Not Found")
        }
        let phase = job.phase(at: now)
        let hasNoFace = job.failure?.code == JobFailure.noFace.code
        var faces: [JSONValue] = []
        if phase == .complete {
            let filePath = "api-assets/\(job.id)/0-0.png"
            files[filePath] = StoredFile(made: SampleMedia.portraitPNG(width: 64, height: 64))
            let path = "/outputs/\(job.id)/0-0.png"
            let url = sign(path, .file(filePath: filePath), for: configuration.outputLinkLifetime)
            faces = [["path": .string(filePath), "url": .string(url)]]
        }
        return try .json([
            "id": .string(job.id),
            "credits_charged": 0,
            // A face detection that finds no face is a success with an empty result.
            "status": .string(phase == .error && hasNoFace ? "complete" : phase.rawValue),
            "faces": .array(faces),
        ])
    }

    // MARK: Account

    private var account: JSONValue {
        [
            "id": "account-simulated",
            "email": "simulated@example.com",
            "credits": .number(Double(credits)),
            "tier": "pro",
            "subscription": [
                "name": "Pro",
                "status": "active",
                "billing_interval": "month",
                "price": ["amount": 4_900, "currency": "usd"],
                "discount": nil,
                "current_period_end": timestamp(.seconds(30 * 24 * 3_600)),
                "cancel_at_period_end": false,
            ],
        ]
    }
}
