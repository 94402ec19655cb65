import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import TLSProxy
import XCTest

/// Both services over HTTP with short delays, clients of both, and a directory with a photo.
struct TestEnvironment: Sendable {
    let service: SimulatedService
    let server: SimulatorServer
    /// The route of the clients to the server.
    let route: Network.Route
    let directory: URL
    let magicHour: MagicHour
    let modelsLab: ModelsLab

    var photo: URL { directory.appendingPathComponent("me.png") }
    var outputs: URL { directory.appendingPathComponent("outputs") }

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

    /// Runs a test in an environment that is removed afterwards.
    ///
    /// - Parameter clock: The clock of the service. The clients have the system's.
    static func open(
        _ network: Network = .plain,
        clock: any Clock<Duration> = ContinuousClock(),
        configure: (inout SimulatedService.Configuration) -> Void = { _ in },
        photo: Data = SampleMedia.portraitPNG(),
        _ test: (TestEnvironment) async throws -> Void
    ) async throws {
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .milliseconds(5)
        configuration.jobDuration = .milliseconds(20)
        configure(&configuration)
        let server = try await SimulatorServer.start(SimulatedService(configuration: configuration, clock: clock))
        do {
            let route = try await network.open(to: server.baseURL)
            server.service.publicURL = route.baseURL
            do {
                try await withTemporaryDirectory { directory in
                    let environment = try TestEnvironment(server, route, directory)
                    try photo.write(to: environment.photo)
                    try await test(environment)
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

    private init(_ server: SimulatorServer, _ route: Network.Route, _ directory: URL) throws {
        let configuration = ClientConfiguration(
            transport: transportUnderTest,
            retry: RetryPolicy(initialDelay: .milliseconds(5), maximumDelay: .milliseconds(20))
        )
        self.server = server
        self.route = route
        self.directory = directory
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

    /// The amounts in the ledger, with negative amounts for refunds.
    var amounts: [Int] { service.ledger.map { $0.kind == .charge ? $0.amount : -$0.amount } }

    /// Returns the number of requests for an operation.
    func requests(_ route: SimulatedService.Route) -> Int { service.requestCounts[route] ?? 0 }

    /// Returns the names of the files in the output directory.
    func outputNames() throws -> [String] {
        guard FileManager.default.fileExists(atPath: outputs.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: outputs.path).sorted()
    }

    /// Returns the bytes of an output from the service itself.
    func original(_ url: URL) async throws -> Data {
        try await service.send(TransportRequest(url: url, maximumResponseBytes: 256 << 20)).body
    }
}

/// Fails unless a file begins and ends like a PNG file.
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
