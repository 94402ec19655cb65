import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import Hummingbird
import NIOCore
import NIOFoundationEssentialsCompat
import StudioServer

/// The storage of the simulated service over HTTP, to which apps upload photos and from which they download headshots.
struct SimulatedStorage {
    let service: SimulatedService

    private static let maximumUploadBytes = 32 << 20

    /// The URL of the storage, which only apps on this machine can reach, because HeadshotKit accepts no other host without TLS.
    static func url(port: Int) -> URL? { URL(string: "http://127.0.0.1:\(port)") }

    func addRoutes(to router: Router<StudioContext>) {
        router.put("upload/**") { request, _ in
            try await respond(
                to: request,
                .data(Data(buffer: try await request.body.collect(upTo: Self.maximumUploadBytes)))
            )
        }
        router.get("outputs/**") { request, _ in try await respond(to: request, .none) }
    }

    private func respond(to request: Request, _ body: TransportRequest.Body) async throws -> Response {
        guard let url = URL(string: "http://localhost\(request.uri)") else { throw HTTPError(.badRequest) }
        let fields = request.headers.map { ($0.name.canonicalName, $0.value) }
        let response = try await service.send(
            TransportRequest(
                method: request.method.rawValue,
                url: url,
                headers: TransportHeaders(Dictionary(fields) { first, _ in first }),
                body: body,
                timeout: .total(.seconds(60))
            )
        )
        var headers = HTTPFields()
        for (name, value) in response.headers.fields {
            if let name = HTTPField.Name(name), name != .contentLength { headers[name] = value }
        }
        let status = HTTPResponse.Status(code: response.status)
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: response.body))
        )
    }
}
