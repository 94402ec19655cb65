import Foundation
import HeadshotKit
import HeadshotKitTesting

/// A transport that returns an untrusted response to every request.
struct UntrustedTransport: Transport {
    typealias Responder = @Sendable (TransportRequest) -> TransportResponse
    /// The virtual duration of a request, so that the deadline ends a download that never completes.
    static let duration: Duration = .seconds(10)
    let clock: ManualClock
    let respond: Responder

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        clock.advance(by: Self.duration)
        return respond(request)
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        clock.advance(by: Self.duration)
        let response = respond(request)
        guard response.status == 200 || response.status == 206 else { return response }
        if response.status == 206, FileManager.default.fileExists(atPath: file.path) {
            let handle = try FileHandle(forWritingTo: file)
            try handle.seekToEnd()
            try handle.write(contentsOf: response.body)
            try handle.close()
        } else {
            try response.body.write(to: file)
        }
        return TransportResponse(status: response.status, headers: response.headers)
    }
}

/// Clients with an untrusted network and a clock that advances immediately.
struct Clients {
    static let key = "mhk_live_the-secret-of-this-run"
    let magicHour: MagicHour
    let modelsLab: ModelsLab

    init(store: (any JobStore)? = nil, _ respond: @escaping UntrustedTransport.Responder) throws {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        let configuration = ClientConfiguration(
            transport: UntrustedTransport(clock: clock, respond: respond),
            clock: clock,
            jobStore: store
        )
        magicHour = try MagicHour(apiKey: Self.key, configuration: configuration)
        modelsLab = try ModelsLab(apiKey: Self.key, configuration: configuration)
    }
}

/// A directory that is emptied before each input.
enum Scratch {
    static let directory = URL(
        fileURLWithPath: ProcessInfo.processInfo.environment["FUZZ_SCRATCH"] ?? NSTemporaryDirectory() + "fuzz",
        isDirectory: true
    )

    static func empty() throws -> URL {
        if FileManager.default.fileExists(atPath: directory.path) { try FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return directory
    }
}
