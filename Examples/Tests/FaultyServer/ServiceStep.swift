/// A step of a workflow, as a server sees it.
package enum ServiceStep: String, Sendable, Hashable, CaseIterable {
    /// Magic Hour's request for places to upload to.
    case uploadURLs = "upload-urls"
    /// The upload to such a place.
    case put = "put"
    /// Magic Hour's request that costs money.
    case create = "create"
    /// Magic Hour's question how a job stands.
    case poll = "poll"
    /// ModelsLab's upload.
    case base64ToURL = "base64_to_url"
    /// ModelsLab's request that costs money.
    case modelsLabCreate = "head_shot"
    /// ModelsLab's question how a job stands.
    case fetch = "fetch"
    /// The download of an output, of either service.
    case download = "download"
    /// Anything else.
    case other

    /// The step that a request belongs to.
    ///
    /// - Parameter path: The path, perhaps with a query behind it.
    package init(method: String, path: String) {
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
