import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// Both services over HTTP, clients of both, and a folder with a photo: what a workflow needs, with short waits.
struct Workshop: Sendable {
    let service: SimulatedService
    let server: SimulatorServer
    /// How the clients reach it.
    let route: Network.Route
    let folder: URL
    let magicHour: MagicHour
    let modelsLab: ModelsLab

    var photo: URL { folder.appendingPathComponent("me.png") }
    var outputs: URL { folder.appendingPathComponent("outputs") }

    var options: GenerationOptions {
        GenerationOptions(
            downloadDirectory: outputs,
            deadline: .seconds(20),
            polling: .backoff(initial: .milliseconds(10), factor: 1, maximum: .milliseconds(10))
        )
    }

    var headshot: MagicHour.HeadshotRequest {
        .init(assets: .init(imageFilePath: .file(photo)), style: .init(prompt: "navy suit, soft light"))
    }

    var portrait: ModelsLab.HeadshotRequest {
        .init(prompt: "navy suit, soft light", faceImage: .file(photo))
    }

    /// Runs a test in a workshop, and clears it away.
    static func open(
        _ network: Network = .plain,
        configure: (inout SimulatedService.Configuration) -> Void = { _ in },
        photo: Data = SampleMedia.portraitPNG(),
        _ test: (Workshop) async throws -> Void
    ) async throws {
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .milliseconds(5)
        configuration.jobDuration = .milliseconds(20)
        configure(&configuration)
        let server = try await SimulatorServer.start(SimulatedService(configuration: configuration))
        do {
            let route = try await network.open(to: server.baseURL)
            server.service.publicURL = route.baseURL
            do {
                try await withFolder { folder in
                    let workshop = try Workshop(server, route, folder)
                    try photo.write(to: workshop.photo)
                    try await test(workshop)
                }
            } catch {
                await route.close()
                throw error
            }
            await route.close()
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private init(_ server: SimulatorServer, _ route: Network.Route, _ folder: URL) throws {
        let configuration = ClientConfiguration(
            retry: RetryPolicy(initialDelay: .milliseconds(5), maximumDelay: .milliseconds(20))
        )
        self.server = server
        self.route = route
        self.folder = folder
        service = server.service
        magicHour = try MagicHour(
            apiKey: service.configuration.magicHourKey,
            baseURL: route.url(server.magicHourURL),
            configuration: configuration
        )
        modelsLab = try ModelsLab(
            apiKey: service.configuration.modelsLabKey,
            baseURL: route.url(server.modelsLabURL),
            configuration: configuration
        )
    }

    /// What the account was charged and given back, in order: a charge above zero, a refund below.
    var money: [Int] { service.ledger.map { $0.kind == .charge ? $0.amount : -$0.amount } }

    /// How many requests came for an operation.
    func requests(_ route: SimulatedService.Route) -> Int { service.requestCounts[route] ?? 0 }

    /// The names of everything in the outputs' folder.
    func outputNames() throws -> [String] {
        guard FileManager.default.fileExists(atPath: outputs.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: outputs.path).sorted()
    }

    /// The bytes of an output, as the service has them.
    func original(_ url: URL) async throws -> Data {
        try await service.send(TransportRequest(url: url, maximumResponseBytes: 256 << 20)).body
    }
}

/// Fails unless a file is a PNG from its signature to its last chunk.
func assertIsPNG(_ url: URL, file: StaticString = #filePath, line: UInt = #line) throws {
    let data = try Data(contentsOf: url)
    XCTAssertEqual(Array(data.prefix(8)), [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file: file, line: line)
    XCTAssertEqual(
        Array(data.suffix(12)),
        [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82],
        file: file,
        line: line
    )
}
