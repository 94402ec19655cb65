import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Unusual responses that once lost a job, leaked a secret or caused an unclear error.
final class OddResponseTests: MockTestCase {
    private let head = "/api/v6/image_editing/head_shot"
    private let request = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/f.png")

    private func generate() async throws -> GenerationResult<ModelsLab.ImageResult> {
        try await clients.modelsLab().headshots.generate(request, options: clients.options)
    }

    func testIDAboveDoublePrecisionIsDecodedExactly() async throws {
        mock.on("POST", head, response: .json(#"{"status":"processing","id":9007199254740993,"eta":5,"output":[]}"#))
        let first = try await clients.modelsLab().headshots.submit(request)
        XCTAssertEqual(first.id, "9007199254740993")
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":1234567890123456789}"#))
        let second = try await clients.magicHour().headshots.submit(
            .init(assets: .init(imageFilePath: "https://a.example/me.png"))
        )
        XCTAssertEqual(second.id, "1234567890123456789")
    }

    func testUnconfirmedSubmissionErrorQuotesStatusAndServerMessage() async throws {
        mock.on("POST", head, response: .json(#"{"message":"database is down"}"#, status: 500))
        let error = try await failure { try await generate() }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        XCTAssertTrue(error.message.hasSuffix("ModelsLab failed (500): “database is down”."), error.message)
    }

    func testUploadURLsAreDecodedBesideUnknownFields() async throws {
        let response = String(
            decoding: try Fixture.data("responses/magic-hour/upload-urls-other-types.json"),
            as: UTF8.self
        )
        mock.on("POST", "/v1/files/upload-urls", response: .json(response))
        let uploadURLs = try await clients.magicHour().files.uploadURLs([.init(type: .image, extension: "png")])
        XCTAssertEqual(uploadURLs.map(\.filePath), ["api-assets/id/photo.png"])
        XCTAssertEqual(uploadURLs.first?.expiresAt?.rawValue, "1721926581")
    }

    func testOutputsAreSavedWithoutJobID() async throws {
        mock.on("POST", head, response: .json(#"{"status":"success","output":["https://o.example/1.png"]}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let result = try await generate()
        XCTAssertEqual(result.files.count, 1)
    }

    func testSignedURLWithEscapedSlashesIsRedacted() async throws {
        mock.on("POST", head, response: .json(#"{"output":["https:\/\/o.example\/1.png?sig=SIGNED"#))
        let error = try await failure { try await generate() }
        XCTAssertFalse(error.description.contains("SIGNED"), error.description)
    }

    func testKeyAtTruncationBoundaryIsRedacted() async throws {
        let response = "https://o.example/1.png?" + String(repeating: "x", count: 1_970) + " ml-secret and more"
        mock.on("POST", head, response: .data(Data(response.utf8)))
        let error = try await failure { try await generate() }
        XCTAssertFalse(error.description.contains("ml-"), error.description)
    }

    func testRejectedPollIsNotReportedAsFailedJob() async throws {
        let cases: [(String, HeadshotKitError.Code?)] = [
            ("Invalid API key", .unauthorized), ("Rate limit exceeded", nil), ("Too many requests", nil),
        ]
        for (message, code) in cases {
            let clients = makeClients()
            let fetch = "/api/v6/image_editing/fetch/123"
            clients.mock.on("POST", head, response: .json(#"{"status":"processing","id":123}"#))
            clients.mock.on("POST", fetch, response: .json(#"{"status":"error","message":"\#(message)"}"#))
            clients.mock.on(
                "POST",
                fetch,
                times: 0...1,
                response: .json(#"{"status":"success","output":"https://o.example/1.png"}"#)
            )
            clients.mock.on("GET", "/1.png", times: 0...1, response: .data(pngBytes))
            do {
                let options = clients.options
                let result = try await clients.modelsLab().headshots.generate(request, options: options)
                XCTAssertNil(code, message)
                XCTAssertEqual(result.files.count, 1, message)
            } catch let error as HeadshotKitError {
                XCTAssertEqual(error.code, code, "\(message): \(error)")
                XCTAssertEqual(error.job?.id, "123")
            }
            try FileManager.default.removeItem(at: clients.directory)
        }
    }

    func testProxyURLsReplaceMissingOutputs() async throws {
        mock.on(
            "POST",
            head,
            response: .json(#"{"status":"success","id":1,"output":[],"proxy_links":["https://o.example/1.png"]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let result = try await generate()
        XCTAssertEqual(result.files.count, 1)
    }

    func testUnreadableOutputIsNotIgnored() async throws {
        let unreadable = #"{"id":"a","status":"complete","downloads":["soon",{"url":"https://o.example/2.png"}]}"#
        mock.on("GET", "/v1/image-projects/a", times: 1...3_000, response: .json(unreadable))
        let job = JobHandle(service: .magicHour, operation: "ai-image-generator", id: "a")
        let error = try await failure { try await clients.magicHour().images.resume(job, options: clients.options) }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertEqual((error.underlyingError as? HeadshotKitError)?.code, .invalidResponse)
        XCTAssertEqual(error.job, job)
    }

    func testFaceWithoutCropURLIsCounted() async throws {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f"}"#))
        mock.on(
            "GET",
            "/v1/face-detection/f",
            response: .json(#"{"id":"f","status":"complete","faces":[{"path":"api-assets/id/0-0.png"}]}"#)
        )
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x"}"#))
        var options = clients.options
        options.faceCheck = .atLeastOne
        let job = try await clients.magicHour().headshots.submit(
            .init(assets: .init(imageFilePath: "api-assets/a.png")),
            options: options
        )
        XCTAssertEqual(job.id, "x")
    }
}
