import Foundation

/// The job backend of ModelsLab.
struct ModelsLabBackend: JobBackend {
    let api: APIClient
    let configuration: ClientConfiguration
    let imageTransfer: ModelsLab.ImageTransfer
    let queue: AsyncSemaphore?
    let name = JobHandle.Service.modelsLab
    let refreshesDownloadURLs = false

    var displayName: String { api.serviceName }
    var transfer: KeylessTransfer { api.keyless }
    var bodyFields: [String: String] { api.keyField }
    var correlation: GenerationOptions.Correlation { .trackID }

    func createPath(of operation: String) -> String { "/\(ModelsLab.Images.collection)/\(operation)" }

    func fields(of tag: CorrelationTag, in request: JSONValue) throws -> [String: String] {
        if let trackID = request["track_id"], trackID != .null {
            throw HeadshotKitError(
                .invalidRequest,
                "The request has the track id \(trackID), so options.correlation cannot set one.",
                advice: "Leave out the track id, or set options.correlation to .none.",
                submission: .notSent
            )
        }
        return ["track_id": tag.description]
    }

    func redact(_ text: String, limit: Int) -> String { api.key.redact(text, limit: limit) }

    func upload(
        _ media: [LocalMedia],
        in context: CallContext,
        onProgress: @escaping ProgressHandler
    ) async throws -> [MediaSource] {
        for file in media where file.kind != .image {
            throw HeadshotKitError(
                .invalidMedia,
                "\(file.name) is not a photo, and HeadshotKit uploads only photos to ModelsLab.",
                advice: "Use an https URL.",
                operation: context.operation
            )
        }
        let images = ModelsLab.Images(api: api)
        // All files are checked before the first one is sent.
        for file in media { try images.checkFormat(of: file) }
        switch imageTransfer {
        case .base64:
            return media.map(\.inline)
        case .base64ToURL:
            for file in media { try images.checkSize(of: file) }
            var remote: [MediaSource] = []
            for file in media {
                remote.append(try await images.base64ToURL(file, onRetry: context.onRetry, onProgress: onProgress))
            }
            return remote
        }
    }

    func create(
        _ request: EncodedRequest,
        at path: String,
        isFree: Bool,
        in context: CallContext
    ) async throws -> CreatedJob {
        let call = APICall.create(at: path, request, isFree: isFree, in: context)
        let (result, response) = try await api.send(call) {
            (try api.decode(ModelsLab.ImageResult.self, from: $0, of: call), $0)
        }
        var id = result.jobID
        let category = result.errorCategory(isCreate: true)
        switch category {
        case nil: break
        // A job with an id exists regardless of the message, and polling it returns more.
        case _? where id != nil: break
        // A service that has a problem, or that is running a job without an id, may have accepted the request.
        case .unfinished, .service: throw api.unreadable(response, of: call, because: MissingID())
        case let subject?: throw api.rejection(result, about: subject, of: call)
        }
        // Outputs in the response can be saved without a poll, so a local id is enough.
        if id == nil, !result.outputs.isEmpty { id = JobHandle.unnamedPrefix + UUID().uuidString }
        guard let id else { throw api.unreadable(response, of: call, because: MissingID()) }
        var job = JobHandle(service: name, operation: context.operation, id: id)
        job.pollPath = pollPath(result.fetchResult)
        let snapshot = category == nil ? Self.snapshot(of: result, of: job, in: response) : nil
        return CreatedJob(job: job, response: response, snapshot: snapshot)
    }

    private struct MissingID: Error {}

    func poll(_ job: JobHandle, as traits: JobTraits, in context: CallContext) async throws -> JobSnapshot {
        guard !job.isUnnamed else {
            throw HeadshotKitError(
                .notFound,
                "ModelsLab returned no id for this job, so its state cannot be requested again.",
                advice: "Check the account's library.",
                operation: job.operation,
                job: job
            )
        }
        let (result, response) = try await ModelsLab.Images(api: api).fetch(
            at: job.pollPath ?? ModelsLab.Images.fetchPath(of: job.id, in: traits.kind, context),
            in: context,
            retrySafety: .callerManaged
        )
        let snapshot = Self.snapshot(of: result, of: job, in: response)
        // An error about another job says nothing about this one.
        guard !snapshot.isOfAnotherJob else { return snapshot }
        switch result.errorCategory(isCreate: false) {
        case .unfinished, .job, nil: return snapshot
        case let subject?:
            throw api.rejection(result, about: subject, of: APICall(context: context, path: ""))
        }
    }

    private static func snapshot(
        of result: ModelsLab.ImageResult,
        of job: JobHandle,
        in response: TransportResponse
    ) -> JobSnapshot {
        var isOfAnotherJob = false
        if let id = result.id, id != "0" { isOfAnotherJob = id != job.id && job.pollPath?.hasSuffix("/\(id)") != true }
        return JobSnapshot(
            response: response,
            state: state(of: result),
            missingOutputs: max(0, result.missingOutputs ?? 0),
            isOfAnotherJob: isOfAnotherJob
        )
    }

    static func state(of result: ModelsLab.ImageResult) -> JobState {
        switch result.status {
        case .success:
            return .complete(result.outputs.map(output))
        case .failed, .error:
            guard result.errorCategory(isCreate: false) == .job else {
                return .pending(status: ModelsLab.JobStatus.processing.rawValue)
            }
            return .failed(code: nil, message: result.message)
        default:
            return .pending(
                status: result.status.rawValue,
                eta: result.etaSeconds.flatMap { Duration(serverSeconds: $0) }
            )
        }
    }

    func failureAdvice(for code: String?) -> (advice: String, cause: HeadshotKitError.Code?) {
        ("Check in the account whether the job was refunded, then create a new job.", nil)
    }

    func traits(of job: JobHandle) -> JobTraits? {
        // Handles of the headshot operations may be older than the collection in a handle.
        guard job.kind != nil || job.pollPath != nil || ["head_shot", "flux_headshot"].contains(job.operation) else {
            return nil
        }
        return JobTraits(
            kind: job.kind,
            polling: .images,
            deadline: .imageDeadline,
            filePrefix: job.filePrefix ?? "headshot"
        )
    }

    private static func output(_ text: String) -> JobOutput {
        guard let url = URL(serverText: text) else {
            return JobOutput(content: .base64(text))
        }
        return JobOutput(content: url.pathExtension.lowercased() == "base64" ? .base64Link(url) : .link(url))
    }

    /// Returns the path of a `fetch_result` URL. Returns `nil` if the URL is not below the base URL, because the key is sent
    /// nowhere else.
    private func pollPath(_ fetchResult: URL?) -> String? {
        var base = api.baseURL.absoluteString
        while base.hasSuffix("/") { base.removeLast() }
        guard let url = fetchResult, url.absoluteString.hasPrefix(base + "/"), url.query == nil,
            !url.pathComponents.contains(where: { $0 == "." || $0 == ".." })
        else { return nil }
        return String(url.absoluteString.dropFirst(base.count))
    }
}

extension APIClient {
    /// Encodes a request with the API key in its body, as ModelsLab requires.
    func authenticated(_ request: any Encodable) throws -> EncodedRequest {
        try EncodedRequest(request, adding: keyField)
    }

    fileprivate var keyField: [String: String] { ["key": key.secret] }

    /// Returns the error of a response that reports a failure with HTTP status 200.
    func rejection(
        _ result: ModelsLab.ImageResult,
        about subject: ModelsLab.ErrorCategory,
        of call: APICall
    ) -> HeadshotKitError {
        let reason = result.message.map { key.redact($0) } ?? "no reason given"
        let code: HeadshotKitError.Code =
            switch subject {
            case .key: .unauthorized
            case .credits: .insufficientCredits
            case .plan: .planRequired
            case .rate: .rateLimited
            case .service: .serverError
            case .missing: .notFound
            case .unfinished, .job: .invalidRequest
            }
        let subject = call.job.map { "reported about job \($0.shownID)" } ?? "rejected \(call.operation)"
        var error = error(.init(code, "ModelsLab \(subject): \(reason.asQuotation)"), of: call)
        error.status = 200
        error.serverMessage = reason
        return error
    }
}
