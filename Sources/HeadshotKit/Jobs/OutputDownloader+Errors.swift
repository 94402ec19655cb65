import Foundation

extension OutputDownloader {
    /// Returns the error for an output that could not be downloaded.
    ///
    /// - Parameter expiry: The time at which the output's URL expires, or `nil` if it is unknown.
    func downloadError(for index: Int, _ cause: any Error, until expiry: Timestamp?) -> HeadshotKitError {
        let what = "Output \(index + 1) of job \(job.id) could not be downloaded"
        switch cause {
        case RangedDownload.Problem.linkExpired(let status):
            var error = error(.linkExpired, "\(what): its link has expired (\(status)).")
            if let expiry = expiry?.date, expiry > Date() {
                let time = Timestamp(expiry).rawValue
                error.message = "\(what): the host refused its link (\(status)), which should be valid until \(time)."
            }
            error.advice =
                "Download URLs expire after 24 hours. Resume the job to request new ones. If that fails, create a new job."
            return error
        case RangedDownload.Problem.transient(let status, let retryAfter):
            let reason = status == 429 ? "takes no more requests for the moment" : "failed"
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
                case .cutOff: "the file ends before its format says that it does"
                case .text: "what came is empty or text, such as a web page"
                default: "what came is of no known format"
                }
            return error(.invalidResponse, "\(what): \(reason).")
        case RangedDownload.Problem.refused(let status):
            return error(.invalidResponse, "\(what): the host of the outputs answered \(status).")
        case RangedDownload.Problem.changed:
            return error(.invalidResponse, "\(what): it changes while it is being downloaded.")
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
