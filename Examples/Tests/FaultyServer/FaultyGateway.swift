public import Foundation
import HeadshotKit
public import HeadshotKitTesting
import SimulatorServer

/// A gateway on this machine that forwards requests to a ``SimulatedService`` and injects faults.
///
/// The faults of the service itself are limited to HTTP. The gateway controls the connection, so it can send truncated or invalid
/// HTTP and close the connection at any time.
public final class FaultyGateway: Sendable {
    /// The base URL of the gateway, which is also the base of the URLs in responses.
    public let baseURL: URL
    /// The base URL for a client of ModelsLab.
    public var modelsLabURL: URL { baseURL.appendingPathComponent("api/v6") }

    private let listener: LoopbackListener

    /// Starts a gateway on a free port.
    ///
    /// - Parameters:
    ///   - service: The service that responds. Its `publicURL` is set to the URL of the gateway.
    ///   - fault: The closure that returns the fault of a request, or `nil` to forward the request. Called once per request.
    public static func start(
        _ service: SimulatedService,
        fault: @escaping @Sendable (ServiceStep) -> InjectedFault?
    ) async throws -> FaultyGateway {
        let listener = try await LoopbackListener.start(port: 0) { connection in
            try await GatewayConversation(connection: connection, service: service, decideFault: fault).run()
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
    public func stop() async { await listener.stop() }
}

/// The requests on one connection of a client.
private struct GatewayConversation {
    let connection: LoopbackConnection
    let service: SimulatedService
    let decideFault: @Sendable (ServiceStep) -> InjectedFault?

    func run() async throws {
        while let head = try await connection.readHead() {
            let fault = decideFault(ServiceStep(method: head.method, path: head.target))
            var reader = BodyReader(head, on: connection)
            var body = Data()
            if case .droppedBeforeProcessing = fault {
                // If none of the body was sent yet, the client would know that the service does not have the request.
                _ = try await reader.next()
                return
            }
            while let piece = try await reader.next() { body.append(piece) }
            var response = TransportResponse(status: 200)
            if fault?.isProcessed ?? true { response = try await forward(head, body) }
            guard try await send(response, to: head, fault), head.keepsAlive else { return }
        }
    }

    private func forward(_ head: RequestHead, _ body: Data) async throws -> TransportResponse {
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

    /// Sends the response as changed by the fault. Returns `false` if the connection must be closed.
    private func send(_ response: TransportResponse, to head: RequestHead, _ fault: InjectedFault?) async throws -> Bool
    {
        var response = response
        switch fault {
        case .droppedBeforeProcessing, .droppedAfterProcessing:
            return false
        case .silence:
            while try await connection.read() != nil { continue }
            return false
        case .raw(let data, _):
            try await connection.write(data)
            return false
        case .response(let status, let headers, let body, _):
            response = TransportResponse(status: status, headers: TransportHeaders(headers), body: Data(body.utf8))
        case .truncated:
            // An empty response is truncated by declaring a body of one byte.
            let half = response.body.prefix(response.body.count / 2)
            try await write(response, declaring: max(1, response.body.count), half)
            return false
        case .halved:
            response.body = Data(response.body.prefix(response.body.count / 2))
        case .slow(let duration):
            try await Task.sleep(for: duration)
        case .fields(let fields):
            let object = try JSONDecoder().decode([String: JSONValue].self, from: response.body)
            response.body = try JSONEncoder().encode(object.merging(fields) { _, new in new })
        case .rangesRejected:
            if TransportHeaders(head.headers)["Range"] != nil { response = TransportResponse(status: 416) }
        case nil:
            break
        }
        try await write(response, declaring: response.body.count, response.body)
        return true
    }

    private func write(_ response: TransportResponse, declaring length: Int, _ body: Data) async throws {
        var headers = response.headers
        headers["Content-Length"] = response.status == 204 ? nil : String(length)
        try await connection.write(ResponseHead(status: response.status, headers: headers).data + body)
    }
}
