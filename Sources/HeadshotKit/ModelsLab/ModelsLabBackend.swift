import Foundation

/// The job backend of ModelsLab.
struct ModelsLabBackend: JobBackend {
    let api: APIClient
    let configuration: ClientConfiguration
    let imageTransfer: ModelsLab.ImageTransfer
    let queue: AsyncSemaphore?
    let name = JobHandle.Service.modelsLab
    let refreshesDownloadURLs = false
    let detectsFaces = false

    /// A request that contains the API key in its body, as ModelsLab requires.
    struct APIKeyAuthenticated<Request: Encodable>: Encodable {
        let request: Request
        let key: APIKey

        private enum CodingKeys: String, CodingKey {
            case key
        }

        func encode(to encoder: any Encoder) throws {
            try request.encode(to: encoder)
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(key.secret, forKey: .key)
        }
    }

    var displayName: String { api.serviceName }
    var transfer: KeylessTransfer { api.keyless }

    func redact(_ text: String, limit: Int) -> String { api.key.redact(text, limit: limit) }

    func upload(
        _ media: [LocalMedia],
        in context: CallContext,
        onProgress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws -> [MediaSource] {
        switch imageTransfer {
        case .base64:
            return media.map { file in
                var source = file.source
                source.allowsInline = true
                return source
            }
        case .base64ToURL:
            let images = ModelsLab.Images(api: api)
            // All sizes are checked before the first file is sent.
            for file in media { try images.checkSize(of: file) }
            var remote: [MediaSource] = []
            for file in media {
                remote.append(try await images.base64ToURL(file, onRetry: context.onRetry, onProgress: onProgress))
            }
            return remote
        }
    }

    func create<Request: Encodable & Sendable>(
        _ request: Request,
        at endpoint: Endpoint<Request>,
        in context: CallContext
    ) async throws -> (created: ModelsLab.ImageResult, job: JobHandle, project: ModelsLab.ImageResult?) {
        try await RequestBody.with(APIKeyAuthenticated(request: request, key: api.key)) { body in
            let call = endpoint.call(for: request, body, in: context)
            let (response, result) = try await api.send(call) {
                ($0, try api.decode(ModelsLab.ImageResult.self, from: $0, of: call))
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
            var job = JobHandle(service: name, operation: endpoint.name, id: id)
            job.pollPath = pollPath(result.fetchResult)
            return (result, job, category == nil ? result : nil)
        }
    }

    private struct MissingID: Error {}

    func countFaces(of photo: MediaSource, in context: CallContext) async throws -> Int { 0 }

    func poll(_ job: JobHandle, in context: CallContext) async throws -> ModelsLab.ImageResult {
        guard !job.isUnnamed else {
            throw HeadshotKitError(
                .notFound,
                "ModelsLab returned no id for this job, so its state cannot be requested again. Check the account's library.",
                operation: job.operation,
                job: job
            )
        }
        let result = try await ModelsLab.Images(api: api).fetch(
            job.id,
            path: job.pollPath,
            in: context,
            retrySafety: .callerManaged
        )
        // An error about another job says nothing about this one. The waiter rejects the response.
        guard isProject(result, of: job) else { return result }
        switch result.errorCategory(isCreate: false) {
        case .unfinished, .job, nil: return result
        case let subject?:
            throw api.rejection(result, about: subject, of: APICall(context: context, path: ""))
        }
    }

    func isProject(_ result: ModelsLab.ImageResult, of job: JobHandle) -> Bool {
        guard let id = result.id, id != "0" else { return true }
        return id == job.id || job.pollPath?.hasSuffix("/\(id)") == true
    }

    func missingOutputs(of result: ModelsLab.ImageResult) -> Int { max(0, result.missingOutputs ?? 0) }

    func state(of result: ModelsLab.ImageResult) -> JobState {
        switch result.status {
        case .success:
            return .complete(result.outputs.map(Self.output))
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
        guard let url = fetchResult?.absoluteString, url.hasPrefix(base + "/"), fetchResult?.query == nil else {
            return nil
        }
        return String(url.dropFirst(base.count))
    }
}

extension JobHandle {
    /// The prefix of the local id of a job that has no id from the service.
    static let unnamedPrefix = "unnamed-"
    var isUnnamed: Bool { id.hasPrefix(Self.unnamedPrefix) }
}

extension APIClient {
    /// Returns the error of a response that reports a failure with HTTP status 200.
    func rejection(
        _ result: ModelsLab.ImageResult,
        about subject: ModelsLab.ErrorCategory,
        of call: APICall
    ) -> HeadshotKitError {
        let words = result.message.map { key.redact($0) } ?? "no reason given"
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
        return HeadshotKitError(
            code,
            "ModelsLab \(call.job.map { "says of job \($0.id)" } ?? "refused \(call.operation)"): \(words.asQuotation)",
            operation: call.operation,
            status: 200,
            serverMessage: words,
            job: call.job
        )
    }
}
