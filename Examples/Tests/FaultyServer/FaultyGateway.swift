package import Foundation
import HeadshotKit
package import HeadshotKitTesting
import SimulatorServer

/// A gateway on this machine before a ``SimulatedService``: it passes requests on, and spoils those that it is told to.
///
/// The service's own faults end at HTTP. A gateway has the connection itself in hand, so it can promise more than it sends, send
/// what is no HTTP, and close the connection at any moment.
package final class FaultyGateway: Sendable {
    /// The gateway's address, which is also where the links in responses lead.
    package let baseURL: URL
    /// The base URL for a client of ModelsLab.
    package var modelsLabURL: URL { baseURL.appendingPathComponent("api/v6") }

    private let listener: LoopbackListener

    /// Starts a gateway on a free port.
    ///
    /// - Parameters:
    ///   - service: What answers. Its `publicURL` becomes the gateway's address.
    ///   - spoil: What to do to a request; nil passes it on. Asked once for each request, in the order of their heads.
    package static func start(
        _ service: SimulatedService,
        spoil: @escaping @Sendable (ServiceStep) -> Spoiling?
    ) async throws -> FaultyGateway {
        let listener = try await LoopbackListener.start(port: 0) { connection in
            try await GatewayConversation(connection: connection, service: service, spoil: spoil).run()
        }
        guard let url = URL(string: "http://127.0.0.1:\(listener.port)") else { throw URLError(.badURL) }
        service.publicURL = url
        return FaultyGateway(listener, url)
    }

    private init(_ listener: LoopbackListener, _ baseURL: URL) {
        self.listener = listener
        self.baseURL = baseURL
    }

    /// Closes every connection and the port.
    package func stop() async { await listener.stop() }
}

/// One client's requests, one after another.
private struct GatewayConversation {
    let connection: LoopbackConnection
    let service: SimulatedService
    let spoil: @Sendable (ServiceStep) -> Spoiling?

    func run() async throws {
        while let head = try await connection.readHead() {
            let spoiling = spoil(ServiceStep(method: head.method, path: head.target))
            if case .droppedBeforeTaking = spoiling { return }
            var reader = BodyReader(head, on: connection)
            var body = Data()
            while let piece = try await reader.next() { body.append(piece) }
            var response = TransportResponse(status: 200)
            if spoiling?.isTaken ?? true { response = try await answer(head, body) }
            guard try await send(response, to: head, spoiling), head.keepsAlive else { return }
        }
    }

    private func answer(_ head: RequestHead, _ body: Data) async throws -> TransportResponse {
        guard let url = URL(string: "http://127.0.0.1" + head.target) else { throw URLError(.badURL) }
        let request = TransportRequest(
            method: head.method,
            url: url,
            headers: TransportHeaders(head.headers),
            body: head.bodyLength == .none ? .none : .data(body),
            maximumResponseBytes: 256 << 20
        )
        return try await service.send(request)
    }

    /// Sends the response, or what is to come in its place; false when the connection is to be closed.
    private func send(_ response: TransportResponse, to head: RequestHead, _ spoiling: Spoiling?) async throws -> Bool {
        var response = response
        switch spoiling {
        case .droppedBeforeTaking, .droppedAfterTaking:
            return false
        case .silence:
            while try await connection.read() != nil { continue }
            return false
        case .raw(let data, _):
            try await connection.write(data)
            return false
        case .response(let status, let headers, let body, _):
            response = TransportResponse(status: status, headers: TransportHeaders(headers), body: Data(body.utf8))
        case .cutShort:
            // A response without a body can be cut short too, once it promises one.
            let half = response.body.prefix(response.body.count / 2)
            try await write(response, promising: max(1, response.body.count), half)
            return false
        case .halved:
            response.body = Data(response.body.prefix(response.body.count / 2))
        case .slow(let duration):
            try await Task.sleep(for: duration)
        case .fields(let fields):
            let object = try JSONDecoder().decode([String: JSONValue].self, from: response.body)
            response.body = try JSONEncoder().encode(object.merging(fields) { _, new in new })
        case .rangesRefused:
            if TransportHeaders(head.headers)["Range"] != nil { response = TransportResponse(status: 416) }
        case nil:
            break
        }
        try await write(response, promising: response.body.count, response.body)
        return true
    }

    private func write(_ response: TransportResponse, promising length: Int, _ body: Data) async throws {
        var headers = response.headers
        headers["Content-Length"] = response.status == 204 ? nil : String(length)
        try await connection.write(ResponseHead(status: response.status, headers: headers).data + body)
    }
}
