import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

// This is the example of CONTRIBUTING.md. In Sources, it would be the file MagicHour/MagicHour+PhotoColorizer.swift.

extension MagicHour {
    /// The operation that colors a black and white photo: `POST /v1/photo-colorizer`.
    var photoColorizer: GenerationOperation<PhotoColorizerRequest, CreatedProject, ImageProject> {
        operation(
            Endpoint(
                "photo-colorizer",
                filePrefix: "colorized",
                media: [.init("assets.image_file_path", \.assets.imageFilePath)]
            )
        )
    }

    /// A request for colors.
    struct PhotoColorizerRequest: Codable, Hashable, Sendable {
        /// The files of the request.
        struct Assets: Codable, Hashable, Sendable {
            /// The photo.
            var imageFilePath: MediaSource

            enum CodingKeys: String, CodingKey {
                case imageFilePath = "image_file_path"
            }
        }

        /// The files of the request.
        var assets: Assets
        /// A name for the project, for your own use.
        var name: String?
    }
}

final class AddingAnOperationTests: MockTestCase {
    func testNewOperationHasCompleteWorkflow() async throws {
        let clients = makeClients()
        defer { try? FileManager.default.removeItem(at: clients.directory) }
        let mock = clients.mock
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(#"{"items":[{"upload_url":"https://s.example/u","file_path":"api-assets/u.png"}]}"#)
        )
        mock.on("PUT", "/u", response: .status(200))
        mock.on("POST", "/v1/photo-colorizer", response: .json(#"{"id":"c","credits_charged":10}"#))
        mock.on(
            "GET",
            "/v1/image-projects/c",
            response: .json(#"{"id":"c","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))

        let result = try await clients.magicHour().photoColorizer.generate(
            .init(assets: .init(imageFilePath: .data(pngBytes))),
            options: clients.options
        )

        XCTAssertEqual(clients.body(2), #"{"assets":{"image_file_path":"api-assets/u.png"}}"#)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["colorized-c-1.png"])
    }

    func testJobOfNewOperationIsResumedFromRecord() async throws {
        let clients = makeClients()
        defer { try? FileManager.default.removeItem(at: clients.directory) }
        let mock = clients.mock
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        mock.on("POST", "/v1/photo-colorizer", response: .json(#"{"id":"c","credits_charged":10}"#))
        try await magicHour.photoColorizer.submit(.init(assets: .init(imageFilePath: "api-assets/u.png")))

        mock.on(
            "GET",
            "/v1/image-projects/c",
            response: .json(#"{"id":"c","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let outcomes = try await collect(magicHour.jobs.resumeAll(options: clients.options))
        XCTAssertEqual(
            try outcomes.map { try $0.result.get().files.map(\.lastPathComponent) },
            [["colorized-c-1.png"]]
        )
    }
}
