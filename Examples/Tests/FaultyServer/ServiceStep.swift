/// A step of a workflow, derived from its request.
public enum ServiceStep: String, Sendable, Hashable, CaseIterable {
    /// The request for upload URLs of Magic Hour.
    case uploadURLs = "upload-urls"
    /// The upload to such a URL.
    case put = "put"
    /// The create request of Magic Hour, which is charged.
    case create = "create"
    /// The poll of a Magic Hour job.
    case poll = "poll"
    /// The upload of ModelsLab.
    case base64ToURL = "base64_to_url"
    /// The create request of ModelsLab, which is charged.
    case modelsLabCreate = "head_shot"
    /// The poll of a ModelsLab job.
    case fetch = "fetch"
    /// The download of an output of either service.
    case download = "download"
    /// Any other request.
    case other

    /// Whether the requests of the step create a job, which is charged.
    var createsJob: Bool { self == .create || self == .modelsLabCreate }

    /// Creates the step of a request.
    ///
    /// - Parameter path: The path, with or without a query.
    public init(method: String, path: String) {
        let path = path.prefix { $0 != "?" }
        self =
            switch method {
            case "PUT": .put
            case "GET" where path.hasPrefix("/outputs/"): .download
            case "GET": .poll
            case "POST" where path.hasSuffix("/files/upload-urls"): .uploadURLs
            case "POST" where path.hasPrefix("/v1/"): .create
            case "POST" where path.hasSuffix("/base64_to_url"): .base64ToURL
            case "POST" where path.contains("/fetch/"): .fetch
            case "POST" where path.hasSuffix("_shot") || path.hasSuffix("_headshot"): .modelsLabCreate
            default: .other
            }
    }
}
