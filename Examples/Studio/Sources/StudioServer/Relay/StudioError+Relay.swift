import Foundation
import HTTPTypes
import HeadshotKit
import Hummingbird

/// The errors of the relay. HeadshotKit in the app draws the same conclusion about the charge as HeadshotKit in the studio
/// (`docs/money.md`).
extension StudioError {
    /// The seconds after which a request that the service did not accept is sent again, unless the service sets another time.
    private static let retrySeconds = 5

    /// The response to a create request whose outcome is unknown. The app does not send the request again.
    static var unconfirmed: StudioError {
        StudioError(
            .badGateway,
            "unconfirmed",
            "The job may have been created and charged. If it is found, GET /api/relayed-jobs returns its id."
        )
    }

    /// The response to a request that the service certainly did not accept. The app may send the request again.
    ///
    /// Without `Retry-After`, the app would assume that the service may have accepted the request.
    ///
    /// - Parameter isPoll: Whether the request is about a job that exists and may have been charged.
    static func unavailable(isPoll: Bool = false, retryAfter: Duration? = nil) -> StudioError {
        var error = StudioError(
            .serviceUnavailable,
            "unavailable",
            """
            The studio cannot use the service now. \(isPoll ? "The job continues." : "Nothing was charged.") Try again later, or \
            contact the administrator of the studio.
            """
        )
        error.headers[.retryAfter] = retryAfter?.wholeSeconds ?? "\(retrySeconds)"
        return error
    }

    /// Returns the response to a create request that failed.
    static func relayedCreate(_ error: HeadshotKitError) -> StudioError {
        switch error.submission {
        case .unconfirmed, .accepted: .unconfirmed
        case .notSent: .unavailable(retryAfter: error.retryAfter)
        case .rejected: relayed(error, passing: 400..<500)
        }
    }

    /// Returns the response to a request that is free of charge and failed.
    static func relayed(_ error: HeadshotKitError, isPoll: Bool = false) -> StudioError {
        // A deadline that ends the attempts hides the response of the service.
        let cause = error.code == .deadlineExceeded ? error.underlyingError as? HeadshotKitError : nil
        return relayed(cause ?? error, passing: 400..<600, isPoll: isPoll)
    }

    /// Passes on the status and the message of the service, apart from what concerns the studio alone: its API key, its base URL, and a
    /// firewall in between.
    private static func relayed(
        _ error: HeadshotKitError,
        passing statuses: Range<Int>,
        isPoll: Bool = false
    ) -> StudioError {
        guard let status = error.status, statuses.contains(status), status != 401,
            error.code != .network, error.code != .invalidConfiguration
        else { return .unavailable(isPoll: isPoll, retryAfter: error.retryAfter) }
        var relayed = StudioError(
            HTTPResponse.Status(code: status),
            error.serverCode ?? "service_error",
            error.serverMessage ?? "The service rejected the request."
        )
        if let retryAfter = error.retryAfter { relayed.headers[.retryAfter] = retryAfter.wholeSeconds }
        return relayed
    }
}

extension Duration {
    /// The duration in whole seconds, rounded up, as the value of a header field.
    fileprivate var wholeSeconds: String {
        "\(components.seconds + (components.attoseconds > 0 ? 1 : 0))"
    }
}
