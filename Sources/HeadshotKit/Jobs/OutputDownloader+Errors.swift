import Foundation

extension OutputDownloader {
    /// Returns the error for an output that could not be downloaded.
    ///
    /// - Parameter expiry: The time at which the output's URL expires, or `nil` if it is unknown.
    func downloadError(for index: Int, _ cause: any Error, until expiry: Timestamp?) -> HeadshotKitError {
        let what = "Output \(index + 1) of job \(job.shownID) could not be downloaded"
        switch cause {
        case RangedDownload.Problem.linkExpired(let status):
            var error = error(.linkExpired, "\(what): its download URL has expired (\(status)).")
            if let expiry = expiry?.date, expiry > Date() {
                let time = Timestamp(expiry).rawValue
                error.message =
                    "\(what): the host rejected its download URL (\(status)), which should be valid until \(time)."
            }
            error.advice =
                waiter.backend.refreshesDownloadURLs
                ? "Resume the job to request a new URL."
                : """
                \(waiter.backend.displayName) does not renew its URLs. Look for the output in the account's library before you create a new \
                job, which is charged again.
                """
            return error
        case RangedDownload.Problem.transient(let status, let retryAfter):
            let reason = status == 429 ? "is limiting requests" : "failed"
            var error = error(
                status == 429 ? .rateLimited : .serverError,
                "\(what): the host of the outputs \(reason) (\(status))."
            )
            error.status = status
            error.retryAfter = retryAfter
            return error
        case let unusable as Unusable:
            let reason =
                switch unusable.content {
                case .cutOff: "the file is truncated"
                case .text: "the response is empty or text, such as a web page"
                default: "the response has an unknown format"
                }
            return error(.invalidResponse, "\(what): \(reason).")
        case RangedDownload.Problem.rejected(let status):
            return error(.invalidResponse, "\(what): the host of the outputs responded with status \(status).")
        case RangedDownload.Problem.changed:
            return error(.invalidResponse, "\(what): the file changes during the download.")
        case let failure as TransportError:
            return error(.network, "\(what): \(failure.message)", failure)
        default:
            return error(.network, "\(what).", cause)
        }
    }

    func error(
        _ code: HeadshotKitError.Code,
        _ message: String,
        _ cause: (any Error)? = nil
    ) -> HeadshotKitError {
        HeadshotKitError(
            code,
            message,
            operation: job.operation,
            job: job,
            underlyingError: cause
        )
    }
}

extension [Int: URL] {
    /// The files in the order of their outputs.
    var inOrder: [URL] { keys.sorted().compactMap { self[$0] } }
}
