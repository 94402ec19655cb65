import HeadshotKit
import HeadshotKitTesting
import XCTest

final class ModelsLabSettingsTests: MockTestCase {

    func testFluxRequestEncodesNegativePromptNullSeedAndStringTrackID() async throws {
        clients.mock.on(
            "POST",
            "/api/v6/image_editing/flux_headshot",
            response: .json(#"{"status":"processing","id":1}"#)
        )
        _ = try await clients.modelsLab().fluxHeadshots.submit(
            .init(prompt: "p", faceImage: "https://a.example/f.png", negativePrompt: "hats", trackID: "order_12345")
        )
        XCTAssertEqual(
            try JSONDecoder().decode(JSONValue.self, from: clients.mock.bodies[0]),
            [
                "prompt": "p", "face_image": "https://a.example/f.png", "negative_prompt": "hats", "seed": nil,
                "track_id": "order_12345", "key": "ml-secret",
            ]
        )
        XCTAssertTrue(clients.body(0).contains(#""seed":null"#))
    }

    func testEnterprisePathOfFluxIsConfigurable() async throws {
        let modelsLab = try ModelsLab(
            apiKey: "k",
            baseURL: URL(string: "https://modelslab.com/api/v1/enterprise"),
            fluxHeadshotPath: "/flux_headshot/make_gen",
            configuration: clients.configuration
        )
        let path = "/api/v1/enterprise/flux_headshot/make_gen"
        clients.mock.on("POST", path, response: .json(#"{"status":"processing","id":1}"#))
        let request = ModelsLab.FluxHeadshotRequest(prompt: "p", faceImage: "https://a.example/f.png", seed: 1)
        let job = try await modelsLab.fluxHeadshots.submit(request)
        XCTAssertEqual(job.id, "1")
    }

    func testPhotoTooLargeForBase64ToURLIsRejectedBeforeRequest() async throws {
        let photo = MediaSource.data(SampleMedia.portraitPNG(width: 32, height: 32) + Data(count: 5 << 20))
        let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: photo)
        let error = try await failure { try await clients.modelsLab().headshots.submit(request) }
        XCTAssertEqual(error.code, .invalidMedia)
        XCTAssertEqual(error.submission, .notSent)
        let upload = try await failure { try await clients.modelsLab().images.base64ToURL(photo) }
        XCTAssertEqual(upload.code, .invalidMedia)
        XCTAssertEqual(clients.mock.requests, [])
        clients.mock.on("POST", "/api/v6/image_editing/head_shot", response: .json(#"{"status":"processing","id":1}"#))
        let job = try await clients.modelsLab(imageTransfer: .base64).headshots.submit(request)
        XCTAssertEqual(job.id, "1")
    }

    func testHEICIsRejectedWithAdviceBeforeRequest() async throws {
        let photo = MediaSource.data(WholeFiles["heic"])
        for transfer in [ModelsLab.ImageTransfer.base64ToURL, .base64] {
            let headshots = try clients.modelsLab(imageTransfer: transfer).headshots
            let error = try await failure { try await headshots.submit(.init(prompt: "p", faceImage: photo)) }
            XCTAssertEqual(error.code, .invalidMedia)
            XCTAssertEqual(error.submission, .notSent)
            XCTAssertTrue(
                error.message.contains("is HEIC, which ModelsLab does not read. Export the photo as JPEG"),
                error.message
            )
        }
        let upload = try await failure { try await clients.modelsLab().images.base64ToURL(photo) }
        XCTAssertEqual(upload.code, .invalidMedia)
        XCTAssertEqual(clients.mock.requests, [])
    }

    func testWebhookTrackIDIsNumberOrString() throws {
        for (text, trackID) in [("7", ModelsLab.TrackID.number(7)), (#""7""#, .text("7")), (#""order""#, "order")] {
            let read = try JSONDecoder().decode(ModelsLab.TrackID.self, from: Data(text.utf8))
            XCTAssertEqual(read, trackID)
            XCTAssertEqual(String(decoding: try JSONEncoder().encode(read), as: UTF8.self), text)
        }
    }
}
