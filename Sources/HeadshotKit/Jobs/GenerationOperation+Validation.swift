extension GenerationOperation {
    /// Returns a request for the engine. Rejects one that is known to be wrong or too expensive.
    func prepared(_ request: Request, _ options: GenerationOptions) async throws -> JobRequest {
        let request = try await offPool { try endpoint.completed(request) }
        try validate(request, options)
        var prepared = endpoint.jobRequest(request, at: createPath)
        prepared.countFaces = countFaces
        return prepared
    }

    private func validate(_ request: Request, _ options: GenerationOptions) throws {
        var validator = options.validateRequest ? validator(for: request) : RequestValidator()
        if options.photoMetadata == .remove { requireLocalPhotos(in: request, &validator) }
        try validator.check(endpoint.name)
        if options.faceCheck != .none {
            guard countFaces != nil else {
                throw options.noFaceCheck(endpoint.name, "\(backend.displayName) has no face detection")
            }
            guard endpoint.media.contains(where: \.isFaceChecked) else {
                throw options.noFaceCheck(endpoint.name, "\(endpoint.name) takes no photo")
            }
        }
        if let limit = options.maximumCredits { try endpoint.cost(request).check(against: limit, of: endpoint.name) }
    }

    /// Adds an issue for each remote photo. Its metadata cannot be removed.
    private func requireLocalPhotos(in request: Request, _ validator: inout RequestValidator) {
        for field in endpoint.media where field.kind == .image {
            for photo in field.sources(request) {
                validator.require(
                    photo.isLocal,
                    field.name,
                    photo,
                    "a local photo, because options.photoMetadata is .remove"
                )
            }
        }
    }
}

// These checks do not depend on the type of the request, so they are compiled once.
extension GenerationOptions {
    fileprivate func noFaceCheck(_ operation: String, _ reason: String) -> HeadshotKitError {
        HeadshotKitError(
            .invalidConfiguration,
            "options.faceCheck cannot be used: \(reason). Set it to .none.",
            operation: operation
        )
    }
}

extension CreditEstimate? {
    fileprivate func check(against limit: Int, of operation: String) throws {
        guard let cost = self, cost.minimum <= limit else {
            let amount =
                self.map { "\($0.isExact ? "" : "at least ")\($0.minimum) credits" }
                ?? "an amount that is not known in advance"
            throw HeadshotKitError(
                .tooExpensive,
                "The request for \(operation) was not sent: it costs \(amount), and options.maximumCredits is \(limit).",
                advice: self == nil
                    ? "Remove options.maximumCredits, because no limit allows an unknown price."
                    : "Raise or remove options.maximumCredits, or request less.",
                operation: operation
            )
        }
    }
}
