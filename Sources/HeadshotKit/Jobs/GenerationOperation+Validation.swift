extension GenerationOperation {
    /// Rejects a request that is known to be wrong or too expensive.
    func validate(_ request: Request, _ options: GenerationOptions) throws {
        let issues = options.validateRequest ? validationIssues(for: request) : []
        guard issues.isEmpty else {
            throw HeadshotKitError(
                .invalidRequest,
                "The request for \(endpoint.name) was not sent: \(issues.map(\.description).joined(separator: "; ")).",
                operation: endpoint.name,
                validationIssues: issues
            )
        }
        if options.faceCheck != .none, !backend.detectsFaces || !endpoint.media.contains(where: { $0.kind == .image }) {
            let reason =
                backend.detectsFaces
                ? "\(endpoint.name) takes no photo" : "\(backend.displayName) has no face detection"
            throw HeadshotKitError(
                .invalidConfiguration,
                "options.faceCheck cannot be used: \(reason). Set it to .none.",
                operation: endpoint.name
            )
        }
        guard let limit = options.maximumCredits else { return }
        let cost = estimatedCost(of: request)
        guard let cost, cost.minimum <= limit else {
            let amount =
                cost.map { "\($0.isExact ? "" : "at least ")\($0.minimum) credits" }
                ?? "an amount that is not known beforehand"
            throw HeadshotKitError(
                .tooExpensive,
                "The request for \(endpoint.name) was not sent: it costs \(amount), and options.maximumCredits is \(limit).",
                operation: endpoint.name
            )
        }
    }
}
