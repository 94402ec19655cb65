public import HTTPTypes
public import Hummingbird
import NIOCore

/// An error that a caller of the API receives as JSON, such as `{"error": {"code": "not_found", "message": "..."}}`.
public struct StudioError: Error, Sendable {
    /// The status of the response.
    public var status: HTTPResponse.Status
    /// The kind of error, for programs.
    public var code: String
    /// A description of the failure and of the next step, for people. The message contains no secret.
    public var message: String
    /// Additional header fields of the response.
    public var headers: HTTPFields = [:]

    /// Creates an error.
    public init(_ status: HTTPResponse.Status, _ code: String, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }
}

extension StudioError {
    static func notFound(_ what: String) -> StudioError {
        StudioError(.notFound, "not_found", "There is no \(what) with this id. It may belong to another caller.")
    }

    static func invalid(_ message: String) -> StudioError { StudioError(.badRequest, "invalid_request", message) }

    static func budgetExceeded(_ message: String) -> StudioError {
        StudioError(.paymentRequired, "budget_exceeded", "\(message) Ask the administrator of this studio for credits.")
    }

    static func tooManyHeadshots(stored: Int, limit: Int) -> StudioError {
        StudioError(
            .conflict,
            "too_many_headshots",
            """
            The limit of stored headshots is \(limit), and you have \(stored). Delete some with DELETE /api/headshots/ID, and send the photos \
            again.
            """
        )
    }

    static func tooLarge(_ message: String) -> StudioError { StudioError(.contentTooLarge, "too_large", message) }
}

extension StudioError: HTTPResponseError {
    private struct Body: Encodable {
        struct Content: Encodable {
            let code: String
            let message: String
        }

        let error: Content
    }

    /// Returns the response.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try Response.json(Body(error: .init(code: code, message: message)), status: status)
        for field in headers { response.headers.append(field) }
        return response
    }
}

extension HTTPResponse.Status {
    static let paymentRequired = HTTPResponse.Status(code: 402, reasonPhrase: "Payment Required")
}
