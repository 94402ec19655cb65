import HTTPTypes
import HeadshotKit
import Hummingbird
import Logging
import StudioStores

/// Turns errors into JSON, and adds the header fields that protect a browser.
struct ResponsePolicy: RouterMiddleware {
    let metrics: StudioMetrics

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        let clock = ContinuousClock()
        let start = clock.now
        var response: Response
        do { response = try await next(request, context) } catch {
            response = try StudioError(of: error, context.logger).response(from: request, context: context)
        }
        if request.mayHaveBody, response.status.code >= 400 || request.method != .post {
            // The rest of the body is not read.
            response.headers[.connection] = "close"
            context.closeConnectionSoon()
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'; sandbox"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        metrics.count(response.status.code)
        // The route is logged and not the path, which may contain a secret.
        context.logger.info(
            "response",
            metadata: [
                "method": "\(request.method)", "route": "\(context.endpointPath ?? "none")",
                "status": "\(response.status.code)", "duration": "\(clock.now - start)",
            ]
        )
        return response
    }
}

extension StudioError {
    /// Creates the error that a caller receives for any error. What a caller must not see is logged.
    init(of error: any Error, _ logger: Logger) {
        switch error {
        case let error as StudioError: self = error
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            self =
                switch error.status {
                case .notFound: StudioError(.notFound, "not_found", "There is nothing at this path.")
                case .contentTooLarge: .tooLarge("The body is larger than this path accepts.")
                default: StudioError(error.status, "invalid_request", error.status.reasonPhrase)
                }
        case is SQLError, is HeadshotKitError:
            logger.error("The database failed.", metadata: ["error": "\(error)"])
            self.init(
                .serviceUnavailable,
                "unavailable",
                "The studio cannot use its database now. Try again in a minute."
            )
        default:
            logger.error("A request failed.", metadata: ["error": "\(error)"])
            self.init(
                .internalServerError,
                "internal",
                "An internal error occurred. Try again, or contact the administrator of this studio."
            )
        }
    }
}

extension Request {
    fileprivate var mayHaveBody: Bool {
        headers[.transferEncoding] != nil || headers[.contentLength].map { $0 != "0" } ?? false
    }
}

extension HTTPField.Name {
    static let referrerPolicy = literal("Referrer-Policy")
    static let crossOriginResourcePolicy = literal("Cross-Origin-Resource-Policy")
    static let idempotencyKey = literal("Idempotency-Key")
    static let accelBuffering = literal("X-Accel-Buffering")

    /// Returns a name from a literal, which is known to be valid.
    private static func literal(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .contentDisposition }
}
