import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOConcurrencyHelpers
import NIOCore
import NIOFoundationCompat
import SimulatorServer
import XCTest

@testable import StudioServer

extension TestEnvironment {
    /// Creates a studio whose relay is on. Retries of its client take no real time, and deadlines do not pass.
    func relayingStudio(
        transport: (any Transport)? = nil,
        clientClock: ManualClock = ManualClock(autoAdvancingSleepsUpTo: .seconds(10)),
        configure: (inout StudioConfiguration) throws -> Void = { _ in }
    ) async throws -> Studio {
        try await studio(transport: transport, clientClock: clientClock) {
            $0.relayedOperations = RelayedOperation.headshots
            try configure(&$0)
        }
    }

    /// Runs a studio whose relay is on, and a server for the uploads and downloads of apps.
    func runRelay<Value: Sendable>(
        transport: (any Transport)? = nil,
        configure: (inout StudioConfiguration) throws -> Void = { _ in },
        _ body: @Sendable (API, Studio) async throws -> Value
    ) async throws -> Value {
        let studio = try await relayingStudio(transport: transport, configure: configure)
        let server = try await SimulatorServer.start(service)
        do {
            let value = try await run(studio) { try await body($0, studio) }
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Creates an app, which is a client of HeadshotKit with a job store of its own.
    func app(_ api: API, token: @escaping TokenProvider = { teamB }) throws -> App {
        let directory = directory.appendingPathComponent("app-\(UUID().uuidString)")
        let store = try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        let configuration = ClientConfiguration(clock: clock, durations: DurationHistory(), jobStore: store)
        let studio = try XCTUnwrap(URL(string: "http://127.0.0.1:\(try api.port)"))
        let magicHour = try MagicHour(credential: token, baseURL: studio, configuration: configuration)
        return App(magicHour: magicHour, directory: directory)
    }
}

/// An app that uses HeadshotKit with the studio in place of the service.
struct App: Sendable {
    let magicHour: MagicHour
    let directory: URL

    func options(
        faceCheck: GenerationOptions.FaceCheck = .none,
        correlation: GenerationOptions.Correlation = .none
    ) -> GenerationOptions {
        GenerationOptions(downloadDirectory: directory, faceCheck: faceCheck, correlation: correlation)
    }

    func generate(_ options: GenerationOptions? = nil) async throws -> GenerationResult<MagicHour.ImageProject> {
        let photo = MediaSource(SampleMedia.portraitPNG(width: 16, height: 16))
        let request = MagicHour.HeadshotRequest(photo: photo, prompt: "navy suit", name: "Portrait")
        return try await magicHour.headshots.generate(request, options: options ?? self.options())
    }

    /// Returns the error of a headshot that cannot be made.
    func failure(_ options: GenerationOptions? = nil) async throws -> HeadshotKitError {
        do { _ = try await generate(options) } catch let error as HeadshotKitError { return error }
        struct Unexpected: Error {}
        throw Unexpected()
    }
}

extension API {
    static let headshot = Data(#"{"assets":{"image_file_path":"https://example.com/me.png"},"name":"Portrait"}"#.utf8)

    /// Sends the create request of a headshot.
    func create(_ body: Data = headshot) async throws -> TestResponse {
        try await request(.post, "/v1/ai-headshot-generator", headers: [.contentType: "application/json"], body: body)
    }

    /// Creates a headshot, and returns the id of its project.
    func project() async throws -> String {
        let response = try await create()
        XCTAssertEqual(response.status, .ok, response.text)
        return try XCTUnwrap(response.json["id"]?.string)
    }

    /// Returns the list of the caller's relayed jobs.
    func relayedJobs() async throws -> [JSONValue] {
        guard case .array(let jobs)? = try await get("/api/relayed-jobs").json["jobs"] else { return [] }
        return jobs
    }
}
