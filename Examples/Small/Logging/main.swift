// Logs every request of a client. The description of a request contains no key, no signature, and no body.
import Foundation
import HeadshotKit
import HeadshotKitTesting
import Simulation

/// A transport that logs what another one sends.
struct LoggingTransport: Transport {
    let base: any Transport
    let log: @Sendable (String) -> Void

    func send(_ request: TransportRequest, onProgress: ProgressHandler?) async throws -> TransportResponse {
        try await logged(request) { try await base.send(request, onProgress: onProgress) }
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: ProgressHandler?
    ) async throws -> TransportResponse {
        try await logged(request) { try await base.download(request, to: file, onProgress: onProgress) }
    }

    private func logged(
        _ request: TransportRequest,
        _ body: () async throws -> TransportResponse
    ) async throws -> TransportResponse {
        do {
            let response = try await body()
            log("\(request): \(response.status)")
            return response
        } catch {
            log("\(request): \(error)")
            throw error  // unchanged, because the client decides by it whether to send the request again
        }
    }
}

let simulation = Simulation()
// In your program: ClientConfiguration(transport: LoggingTransport(base: URLSessionTransport.shared) { logger.info("\($0)") })
let transport = LoggingTransport(base: simulation.service) { print($0) }
let magicHour = try simulation.magicHour(through: transport)
_ = try await magicHour.headshots.generate(
    .init(photo: MediaSource(SampleMedia.portraitPNG())),
    options: .init(downloadDirectory: simulation.directory)
)
