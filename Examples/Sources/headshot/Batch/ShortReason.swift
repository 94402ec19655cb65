import HeadshotKit

extension HeadshotKitError.Code {
    /// The reason of a failure in a few words, for the outcome of a photo in a line. `nil` for rare failures, whose message says enough.
    var shortReason: String? { Self.shortReasons[self] }

    private static let shortReasons: [Self: String] = [
        .missingAPIKey: "the API key is missing",
        .unauthorized: "the service rejected the API key",
        .insufficientCredits: "not enough credits",
        .planRequired: "the plan is too small",
        .invalidRequest: "the service rejected the request",
        .notFound: "the service does not know the job",
        .rateLimited: "too many requests",
        .serverError: "the service failed",
        .invalidResponse: "the service sent an unknown response",
        .network: "the service could not be reached",
        .submissionUnconfirmed: "the job may have been created and charged",
        .deadlineExceeded: "the deadline passed",
        .jobFailed: "the service could not complete the job",
        .jobCanceled: "the job was canceled",
        .jobDeleted: "the job was deleted",
        .linkExpired: "the download URL expired",
        .noFaceDetected: "no face was detected",
        .multipleFacesDetected: "several faces were detected",
        .invalidMedia: "the photo cannot be used",
        .jobInUse: "another headshot process is making this photo",
        .fileSystem: "a file could not be read or written",
    ]
}
