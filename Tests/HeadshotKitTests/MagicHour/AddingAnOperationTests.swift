import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

// The worked example of CONTRIBUTING.md, kept here so that it compiles and runs. In Sources it would be one new file,
// MagicHour/MagicHour+PhotoColorizer.swift, and `photoColorizer` in the list of `MagicHour.jobs`.

extension MagicHour {
    /// Colors for a black and white photo: `POST /v1/photo-colorizer`.
    var photoColorizer: GenerationOperation<PhotoColorizerRequest, CreatedProject, ImageProject> {
        GenerationOperation(
            endpoint: Endpoint(
                name: "photo-colorizer",
                path: "/v1/photo-colorizer",
                polling: .images,
                deadline: .imageDeadline,
                fileStem: "colorized",
                media: [.init(name: "assets.image_file_path", kind: .image, keyPath: \.assets.imageFilePath)]
            ),
            backend: MagicHourBackend<ImageProject>(api: api, configuration: configuration)
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
    func testANewOperationHasTheWholeWorkflow() async throws {
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
}
