import Foundation
import HeadshotKit
import HeadshotKitTesting

/// The sequence of requests on one client's connection.
struct SimulatorConversation {
    let connection: LoopbackConnection
    let service: SimulatedService

    /// The duration of an injected silence, unless the client gives up earlier.
    private static let maximumSilence: Duration = .seconds(120)

    func run() async throws {
        do {
            while let head = try await connection.readHead() {
                let body = try await SpooledBody(head, on: connection)
                // A thrown error closes the connection without a response.
                let keepsAlive = try await body.removedAfter { try await respond(to: head, body.content) }
                guard keepsAlive else { return }
            }
        } catch let error as BadRequest {
            try await reject(error.message)
        }
    }

    /// Sends the response to a request. Returns `false` if the connection cannot be reused.
    private func respond(to head: RequestHead, _ body: TransportRequest.Body) async throws -> Bool {
        guard head.target.hasPrefix("/"), let url = URL(string: "http://127.0.0.1" + head.target) else {
            throw BadRequest("\(head.target) is not a path.")
        }
        let request = TransportRequest(
            method: head.method,
            url: url,
            headers: TransportHeaders(head.headers),
            body: body,
            timeout: .total(Self.maximumSilence)
        )
        if let download = SimulatorDownload(request, service) {
            return try await download.run(on: connection, keepsAlive: head.keepsAlive)
        }
        let response = try await service.send(request)
        var fields = response.headers
        if fields["Content-Length"] == nil, response.status != 204 {
            fields["Content-Length"] = String(response.body.count)
        }
        // A deliberately truncated response ends with the connection.
        let isWhole = fields["Content-Length"].map { $0 == String(response.body.count) } ?? true
        let keepsAlive = head.keepsAlive && isWhole
        let lines = ResponseHead(status: response.status, headers: fields, keepsAlive: keepsAlive)
        try await connection.write(lines.data + response.body)
        return keepsAlive
    }

    private func reject(_ message: String) async throws {
        let body = Data(message.utf8)
        let lines = ResponseHead(
            status: 400,
            headers: ["Content-Type": "text/plain", "Content-Length": String(body.count)],
            keepsAlive: false
        )
        try await connection.write(lines.data + body)
    }
}
