import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Checks that stop a request before an upload and before a charge.
final class SpendingGuardTests: MockTestCase {
    private let invalid = MagicHour.ImageRequest(
        imageCount: 2,
        style: .init(prompt: ""),
        model: .krea2,
        resolution: .k4
    )
    private let local = MagicHour.HeadshotRequest(assets: .init(imageFilePath: .data(pngBytes)))
    private let uploaded = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "api-assets/id/photo.png"))

    private func options(_ change: (inout GenerationOptions) -> Void) -> GenerationOptions {
        var options = clients.options
        options.waitForCompletion = false
        change(&options)
        return options
    }

    private func stubFaceDetection(_ faces: String) {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f","credits_charged":0}"#))
        mock.on("GET", "/v1/face-detection/f", response: .json(#"{"id":"f","status":"queued","faces":[]}"#))
        mock.on("GET", "/v1/face-detection/f", response: .json(#"{"id":"f","status":"complete","faces":\#(faces)}"#))
    }

    func testEstimatedCostOfLargestImageCountIsBounded() throws {
        let request = MagicHour.ImageRequest(imageCount: .max, style: .init(prompt: "x"))
        XCTAssertEqual(try clients.magicHour().images.estimatedCost(of: request)?.minimum, 5_000)
    }

    func testInvalidRequestIsNotSentAndErrorHasAllIssues() async throws {
        let images = try clients.magicHour().images
        for attempt in ["generate", "submit"] {
            let error = try await failure {
                if attempt == "submit" {
                    _ = try await images.submit(invalid, options: options { _ in })
                } else {
                    _ = try await images.generate(invalid, options: options { _ in })
                }
            }
            XCTAssertEqual(error.code, .invalidRequest)
            XCTAssertEqual(error.validationIssues, images.validationIssues(for: invalid))
            XCTAssertEqual(error.validationIssues.map(\.field), ["style.prompt", "image_count", "resolution"])
            for issue in error.validationIssues {
                XCTAssertTrue(error.description.contains(issue.description), error.description)
            }
            XCTAssertEqual(mock.requests, [])
        }
    }

    func testRequestIsSentWithoutValidation() async throws {
        mock.on("POST", "/v1/ai-image-generator", response: .json(#"{"id":"x"}"#))
        mock.on("GET", "/v1/image-projects/x", response: .json(#"{"status":"queued"}"#))
        _ = try await clients.magicHour().images.generate(invalid, options: options { $0.validateRequest = false })
        XCTAssertEqual(clients.body(0), #"{"image_count":2,"model":"krea-2","resolution":"4k","style":{"prompt":""}}"#)
    }

    func testCreateWithoutWorkflowIsNotValidated() async throws {
        mock.on("POST", "/v1/ai-image-generator", response: .json(#"{"message":"no"}"#, status: 422))
        let error = try await failure { try await clients.magicHour().images.create(invalid) }
        XCTAssertEqual(error.status, 422)
    }

    func testRequestAboveCreditLimitIsNotSentAndPhotoIsNotUploaded() async throws {
        let magicHour = try clients.magicHour()
        let modelsLab = try clients.modelsLab()
        let talking = MagicHour.TalkingPhotoRequest(
            assets: .init(imageFilePath: .data(pngBytes), audioFilePath: "api-assets/a.mp3"),
            endSeconds: 1
        )
        func rejectionMessage(_ limit: Int, _ body: (GenerationOptions) async throws -> Void) async throws -> String {
            let error = try await failure { try await body(options { $0.maximumCredits = limit }) }
            XCTAssertEqual(error.code, .tooExpensive)
            XCTAssertEqual(mock.requests, [])
            return error.message
        }
        let exact = try await rejectionMessage(49) { _ = try await magicHour.headshots.generate(local, options: $0) }
        XCTAssertTrue(exact.contains("it costs 50 credits, and options.maximumCredits is 49"), exact)
        let submitted = try await rejectionMessage(0) { try await magicHour.headshots.submit(local, options: $0) }
        XCTAssertTrue(submitted.contains("it costs 50 credits"), submitted)
        let atLeast = try await rejectionMessage(19) {
            let request = MagicHour.ImageRequest(imageCount: 4, style: .init(prompt: "p"))
            _ = try await magicHour.images.generate(request, options: $0)
        }
        XCTAssertTrue(atLeast.contains("it costs at least 20 credits, and options.maximumCredits is 19"), atLeast)
        let byTheSecond = try await rejectionMessage(23) {
            _ = try await magicHour.talkingPhotos.generate(talking, options: $0)
        }
        XCTAssertTrue(byTheSecond.contains("it costs at least 24 credits"), byTheSecond)
        let pro = try await rejectionMessage(149) {
            let request = MagicHour.ImageRequest(style: .init(prompt: "p"), model: .nanoBananaPro)
            _ = try await magicHour.images.generate(request, options: $0)
        }
        XCTAssertTrue(pro.contains("it costs at least 150 credits"), pro)
        let unknown = try await rejectionMessage(1_000_000) {
            _ = try await modelsLab.headshots.generate(.init(prompt: "p", faceImage: .data(pngBytes)), options: $0)
        }
        XCTAssertTrue(unknown.contains("an amount that is not known in advance"), unknown)
        _ = try await rejectionMessage(1_000_000) {
            let request = ModelsLab.FluxHeadshotRequest(prompt: "p", faceImage: .data(pngBytes), seed: 1)
            _ = try await modelsLab.fluxHeadshots.generate(request, options: $0)
        }
    }

    func testImagesArePricedByModelAndTalkingPhotosByLength() throws {
        let magicHour = try clients.magicHour()
        let models: [(MagicHour.ImageModel?, Int)] = [
            (nil, 5), (.default, 5), (.flux2Klein, 5), (.fluxSchnell, 5), (.zImageTurbo, 5), (.krea2, 10),
            (.qwenImage21, 10),
            (.seedream, 40), (.seedreamV4, 40), (.gptImage2, 50), (.nanoBanana, 50), (.nanoBanana2Lite, 50),
            (.nanoBanana21, 50), (.seedreamV5Pro, 75), (.gptImage25Flare, 100), (.nanoBanana2, 100),
            (.nanoBananaPro, 150),
            ("one that is new", 5),
        ]
        for (model, credits) in models {
            for count in [1, 4] {
                let request = MagicHour.ImageRequest(imageCount: count, style: .init(prompt: "p"), model: model)
                XCTAssertEqual(
                    magicHour.images.estimatedCost(of: request),
                    .atLeast(credits * count),
                    "\(String(describing: model))"
                )
            }
        }
        let clips: [(Double, Double, MagicHour.TalkingPhotoRequest.GenerationMode?, Int)] = [
            (0, 10, .prompted, 240), (0, 10, .realistic, 480), (5, 10, .stable, 240), (0, 1.5, .pro, 72),
            (0, 1.01, .standard, 25), (0, 3, .expressive, 72), (0, 3, nil, 72), (0, 3, "new", 72),
            (9, 3, .realistic, 0),
            (0, .infinity, .realistic, 4_147_200), (0, .nan, nil, 0), (-1e308, 1e308, nil, 2_073_600),
        ]
        for (start, end, mode, credits) in clips {
            let request = MagicHour.TalkingPhotoRequest(
                assets: .init(imageFilePath: "api-assets/a.png", audioFilePath: "api-assets/a.mp3"),
                startSeconds: start,
                endSeconds: end,
                style: .init(generationMode: mode)
            )
            XCTAssertEqual(magicHour.talkingPhotos.estimatedCost(of: request), .atLeast(credits), "\(start) \(end)")
        }
    }

    func testRequestWithinCreditLimitIsSent() async throws {
        let magicHour = try clients.magicHour()
        for path in ["ai-headshot-generator", "ai-image-generator", "face-detection"] {
            mock.on("POST", "/v1/\(path)", response: .json(#"{"id":"x"}"#))
        }
        let images = MagicHour.ImageRequest(imageCount: 4, style: .init(prompt: "p"))
        let faces = MagicHour.FaceDetectionRequest(assets: .init(targetFilePath: "api-assets/a.png"))
        try await magicHour.headshots.submit(uploaded, options: options { $0.maximumCredits = 50 })
        try await magicHour.images.submit(images, options: options { $0.maximumCredits = 20 })
        try await magicHour.faceDetection.submit(faces, options: options { $0.maximumCredits = 0 })
    }

    func testPhotoWithoutFaceIsNotCharged() async throws {
        stubFaceDetection("[]")
        let error = try await failure {
            try await clients.magicHour().headshots.generate(uploaded, options: options { $0.faceCheck = .atLeastOne })
        }
        XCTAssertEqual(error.code, .noFaceDetected)
        XCTAssertTrue(error.description.contains("Nothing was charged"), error.description)
        XCTAssertEqual(clients.body(0), #"{"assets":{"target_file_path":"api-assets/id/photo.png"}}"#)
        XCTAssertFalse(mock.requests.contains { $0.url.path == "/v1/ai-headshot-generator" })
    }

    func testPhotoWithSeveralFacesIsRejectedIfExactlyOneIsRequired() async throws {
        let face = #"{"path":"api-assets/id/0-0.png","url":"https://videos.magichour.ai/0-0.png"}"#
        stubFaceDetection("[\(face),\(face)]")
        let error = try await failure {
            try await clients.magicHour().headshots.generate(uploaded, options: options { $0.faceCheck = .exactlyOne })
        }
        XCTAssertEqual(error.code, .multipleFacesDetected)
        XCTAssertTrue(error.description.contains("2 faces were found"), error.description)
        XCTAssertTrue(error.description.contains("Nothing was charged"), error.description)
        XCTAssertFalse(mock.requests.contains { $0.url.path == "/v1/ai-headshot-generator" })
    }

    func testPhotoWithFaceIsUploadedOnce() async throws {
        let item = #"{"upload_url":"https://s.example/u","file_path":"api-assets/id/photo.png"}"#
        mock.on("POST", "/v1/files/upload-urls", response: .json(#"{"items":[\#(item)]}"#))
        mock.on("PUT", "/u", response: .status(200))
        stubFaceDetection(#"[{"path":"api-assets/id/0-0.png","url":"https://videos.magichour.ai/0-0.png"}]"#)
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x"}"#))
        let job = try await clients.magicHour().headshots.submit(local, options: options { $0.faceCheck = .atLeastOne })
        XCTAssertEqual(job.id, "x")
        XCTAssertEqual(clients.body(2), #"{"assets":{"target_file_path":"api-assets/id/photo.png"}}"#)
        XCTAssertEqual(clients.body(5), #"{"assets":{"image_file_path":"api-assets/id/photo.png"}}"#)
    }

    func testFailedFaceDetectionStopsRequest() async throws {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f","credits_charged":0}"#))
        mock.on("GET", "/v1/face-detection/f", response: .json(#"{"id":"f","status":"error","faces":[]}"#))
        let error = try await failure {
            try await clients.magicHour().headshots.generate(uploaded, options: options { $0.faceCheck = .atLeastOne })
        }
        XCTAssertEqual(error.code, .serverError)
        XCTAssertNil(error.job, "There is nothing to resume.")
        XCTAssertEqual(error.operation, "face-detection")
    }

    func testFaceCheckIsRejectedByServiceWithoutFaceDetection() async throws {
        let error = try await failure {
            try await clients.modelsLab().headshots.generate(
                .init(prompt: "p", faceImage: .data(pngBytes)),
                options: options { $0.faceCheck = .atLeastOne }
            )
        }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertEqual(mock.requests, [])
    }
}
