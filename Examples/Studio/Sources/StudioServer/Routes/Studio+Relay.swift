import Foundation
import HTTPTypes
import HeadshotKit
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat

extension Studio {
    private static let maximumBodyBytes = 1 << 16
    private static let maximumUploads = 20

    private struct Uploads: Decodable {
        let items: [MagicHour.UploadItem]
    }

    private struct Created: Encodable {
        let id: String
        let creditsCharged: Int

        private enum CodingKeys: String, CodingKey {
            case id
            case creditsCharged = "credits_charged"
        }
    }

    /// Adds the paths of Magic Hour that apps may use through the studio. All others below `/v1` are refused.
    func addRelay(_ relay: Relay, to router: Router<StudioContext>) {
        let v1 = router.group("v1").add(middleware: RelayErrors()).add(middleware: Authentication(callers))
        let slots = CallerSlots(limit: configuration.relayedRequests)
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete] {
            v1.on("**", method: method) { request, context in
                try await slots.withSlot(of: try context.caller) {
                    try await respond(to: request, context, with: relay)
                }
            }
        }
    }

    private func respond(to request: Request, _ context: StudioContext, with relay: Relay) async throws -> Response {
        let path = context.parameters.getCatchAll().map { $0.removingPercentEncoding ?? String($0) }
        switch request.method {
        case .post where path == ["files", "upload-urls"]:
            let items = try await relayedBody(of: request, as: Uploads.self).items
            guard (1...Self.maximumUploads).contains(items.count) else {
                throw StudioError.invalid("Request 1 to \(Self.maximumUploads) upload URLs at once.")
            }
            return try Response.json(["items": try await relay.uploadURLs(items)])
        case .post:
            guard path.count == 1, let operation = relay.operations.first(where: { $0.name == path[0] }) else { break }
            let body = try await relayedBody(of: request, as: JSONValue.self)
            guard case .object = body else { throw StudioError.invalid("The body is not a JSON object.") }
            let job = try await relay.create(operation, body, for: try context.caller)
            return try Response.json(Created(id: job.id, creditsCharged: job.creditsCharged ?? operation.credits))
        case .get:
            guard path.count == 2, relay.operations.contains(where: { $0.collection == path[0] }) else { break }
            return try Response.json(try await relay.fetch(path[1], in: path[0], for: try context.caller))
        default: break
        }
        let names = relay.operations.map(\.name).joined(separator: ", ")
        throw StudioError(
            .forbidden,
            "not_relayed",
            "The studio does not allow \(request.method) requests to this path. It relays uploads and the operations \(names)."
        )
    }

    /// Adds the list of a caller's relayed jobs, in which an app finds a job whose response it lost.
    func addRelayedJobs(of relay: Relay, to api: RouterGroup<StudioContext>) {
        api.get("relayed-jobs") { request, context in
            let tag = request.uri.queryParameters["tag"].map { String($0) }
            return try Response.json(["jobs": try await relay.table.jobs(of: try context.caller, tag: tag)])
        }
    }

    private func relayedBody<Body: Decodable & Sendable>(of request: Request, as type: Body.Type) async throws -> Body {
        // With the status 408, the app would assume that the service may have received the request.
        let tooSlow = StudioError.invalid("The body did not arrive in time. Send the request again.")
        let data = try await withTimeout(.seconds(30), configuration.clock, tooSlow) {
            Data(buffer: try await request.body.collect(upTo: Self.maximumBodyBytes))
        }
        do { return try JSONDecoder().decode(type, from: data) } catch {
            throw StudioError.invalid("The body cannot be read. Send JSON as the service expects it.")
        }
    }
}

/// Sends errors as Magic Hour does: `{"code": "...", "message": "..."}`.
private struct RelayErrors: RouterMiddleware {
    private struct Body: Encodable {
        let code: String
        let message: String
    }

    func handle(
        _ request: Request,
        context: StudioContext,
        next: (Request, StudioContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            var error = StudioError(of: error, context.logger)
            // The database failed before a create request was sent.
            if error.status == .serviceUnavailable, error.headers[.retryAfter] == nil {
                error = .unavailable(isPoll: request.method == .get)
            }
            var response = try Response.json(Body(code: error.code, message: error.message), status: error.status)
            for field in error.headers { response.headers.append(field) }
            return response
        }
    }
}
