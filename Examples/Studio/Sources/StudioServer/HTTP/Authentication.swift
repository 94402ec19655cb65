import HTTPTypes
public import Hummingbird

/// Admits requests with the token of a caller: `Authorization: Bearer TOKEN`.
public struct Authentication: RouterMiddleware {
    private let callers: Callers

    /// Creates the middleware.
    public init(_ callers: Callers) { self.callers = callers }

    static var unauthorized: StudioError {
        var error = StudioError(
            .unauthorized,
            "unauthorized",
            "The token is missing or unknown. Send the token in the header field Authorization, after the word Bearer."
        )
        error.headers[.wwwAuthenticate] = "Bearer"
        return error
    }

    /// Calls the next responder with the caller in the context.
    public func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        guard let field = request.headers[.authorization], field.lowercased().hasPrefix("bearer "),
            let caller = callers.caller(withToken: String(field.dropFirst(7)))
        else { throw Self.unauthorized }
        return try await next(request, context.authenticated(caller))
    }
}
