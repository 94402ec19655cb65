import Foundation
import HeadshotKit
import XCTest

/// The dumps of clients and operations in a debugger, a log or a crash report.
final class DumpedSecretsTests: XCTestCase {
    func testDumpsOfClientsAndOperationsRedactKey() throws {
        let configuration = ClientConfiguration(transport: NullTransport())
        let magicHour = try MagicHour(
            apiKey: FaultFixtures.Secret.magicHourKey,
            baseURL: URL(string: "http://127.0.0.1:1"),
            configuration: configuration
        )
        let modelsLab = try ModelsLab(
            apiKey: FaultFixtures.Secret.modelsLabKey,
            baseURL: URL(string: "http://127.0.0.1:1"),
            configuration: configuration
        )
        let values: [any Sendable] = [
            magicHour, magicHour.headshots, magicHour.images, magicHour.talkingPhotos, magicHour.faceDetection,
            magicHour.files, magicHour.imageProjects, magicHour.videoProjects, magicHour.account, magicHour.jobs,
            modelsLab, modelsLab.headshots, modelsLab.fluxHeadshots, modelsLab.images, modelsLab.wallet,
            modelsLab.assets, modelsLab.jobs,
        ]
        for value in values {
            var traces = Traces()
            traces.addAll(of: value)
            XCTAssertEqual(traces.leaks, [], "\(type(of: value))")
        }
    }
}

/// A transport that sends nothing.
private struct NullTransport: Transport {
    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse { TransportResponse(status: 404) }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse { TransportResponse(status: 404) }
}
