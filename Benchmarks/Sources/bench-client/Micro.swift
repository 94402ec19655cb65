import Foundation
import HeadshotKit

/// The steps that run repeatedly, without a network, for counting their instructions and allocations.
enum Micro {
    struct Report: Encodable {
        var operation: String
        var count: Int
        var nanosecondsEach: Double
    }

    static let operations = ["decode", "encode", "create", "poll", "delay"]

    static func run(_ operation: String, _ count: Int) async throws -> Report {
        let client = try MagicHour(
            apiKey: "key",
            baseURL: URL(string: "https://api.example.com"),
            configuration: ClientConfiguration(transport: CannedTransport())
        )
        let request = MagicHour.HeadshotRequest(
            assets: .init(imageFilePath: "api-assets/id/1234.png"),
            name: "Team page",
            style: .init(prompt: "navy suit, soft light")
        )
        let step: () async throws -> Void =
            switch operation {
            case "decode":
                { _ = try JSONDecoder().decode(MagicHour.ImageProject.self, from: CannedTransport.project) }
            case "encode":
                { _ = try JSONEncoder().encode(request) }
            case "create":
                { _ = try await client.headshots.create(request) }
            case "poll":
                { _ = try await client.imageProjects.get("cuid-example") }
            case "delay":
                { _ = PollingPolicy.headshots.delay(after: .seconds(12), poll: 4, random: 0.5) }
            default: throw Arguments.Missing(what: "an operation among \(operations)")
            }
        let timing = try await Timing.of {
            for _ in 0..<count { try await step() }
        }
        return Report(operation: operation, count: count, nanosecondsEach: timing.seconds * 1e9 / Double(max(1, count)))
    }
}

/// A transport that responds to every request immediately.
struct CannedTransport: Transport {
    static let project = Data(
        """
        {"id":"cuid-example","name":"Example Name","status":"complete","type":"AI_HEADSHOT","image_count":1,\
        "created_at":"2026-01-01T00:00:00.000Z","enabled":true,"total_frame_cost":50,"credits_charged":50,\
        "downloads":[{"url":"https://videos.example.com/id/output.png?signature=0123456789abcdef",\
        "expires_at":"2026-01-02T05:16:19.027Z"}],"error":null}
        """.utf8
    )
    private static let created = Data(#"{"id":"cuid-example","frame_cost":50,"credits_charged":50}"#.utf8)

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        TransportResponse(
            status: 200,
            headers: ["Content-Type": "application/json"],
            body: request.method == "POST" ? Self.created : Self.project
        )
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        TransportResponse(status: 404)
    }
}
