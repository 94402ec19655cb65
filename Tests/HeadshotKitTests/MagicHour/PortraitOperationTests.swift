import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// The typed operations of Magic Hour's portrait family, from their photos to their files.
final class PortraitOperationTests: MockTestCase {
    /// Returns the photo with a name.
    private typealias Photos = (String) -> MediaSource

    /// An operation with a request, and the literal body of the request whose photos have the paths `api-assets/NAME.png`.
    private struct Row {
        let name: String
        let files: [String]
        let cost: CreditEstimate?
        let body: String
        let generate: (MagicHour, Photos, GenerationOptions) async throws -> [URL]
        let submit: (MagicHour, Photos) async throws -> JobHandle

        /// - Parameter files: The names of the outputs of a job with the id `a`.
        init<Request: Codable & Sendable, Project: Decodable & Sendable>(
            _ name: String,
            _ operation: @escaping (MagicHour) -> GenerationOperation<Request, MagicHour.CreatedProject, Project>,
            files: [String],
            cost: CreditEstimate?,
            body: String,
            request: @escaping (Photos) -> Request
        ) {
            self.name = name
            self.files = files
            self.cost = cost
            self.body = body
            generate = { magicHour, photos, options in
                let operation = operation(magicHour)
                let request = request(photos)
                XCTAssertEqual(operation.validationIssues(for: request), [], name)
                XCTAssertEqual(operation.estimatedCost(of: request), cost, name)
                return try await operation.generate(request, options: options).files
            }
            submit = { magicHour, photos in try await operation(magicHour).submit(request(photos)) }
        }

        /// The number of photos in the request.
        var photoCount: Int { body.components(separatedBy: "api-assets/").count - 1 }
    }

    private let rows = [
        Row(
            "image-background-remover",
            { $0.backgroundRemovals },
            files: ["cutout-a-1.png"],
            cost: .exactly(5),
            body: #"{"assets":{"background_image_file_path":"api-assets/b.png","image_file_path":"api-assets/a.png"},"#
                + #""name":"n"}"#
        ) { .init(photo: $0("a"), background: $0("b"), name: "n") },
        Row(
            "ai-image-upscaler",
            { $0.imageUpscales },
            files: ["upscaled-a-1.png"],
            cost: .exactly(25),
            body: #"{"assets":{"image_file_path":"api-assets/a.png"},"scale_factor":2,"#
                + #""style":{"mode":"preserve","prompt":"p"}}"#
        ) { .init(photo: $0("a"), mode: .preserve, prompt: "p") },
        Row(
            "ai-image-editor",
            { $0.imageEdits },
            files: ["edited-a-1.png", "edited-a-2.png", "edited-a-3.png", "edited-a-4.png"],
            cost: .atLeast(20),
            body: #"{"aspect_ratio":"4:5","assets":{"image_file_paths":["api-assets/a.png","api-assets/b.png"]},"#
                + #""image_count":4,"model":"flux-2-klein","style":{"prompt":"p"}}"#
        ) {
            .init(
                photos: [$0("a"), $0("b")],
                prompt: "p",
                imageCount: 4,
                model: .flux2Klein,
                aspectRatio: .portrait4x5
            )
        },
        Row(
            "ai-clothes-changer",
            { $0.clothesChanges },
            files: ["outfit-a-1.png"],
            cost: .exactly(25),
            body: #"{"assets":{"garment_file_path":"api-assets/b.png","garment_type":"upper_body","#
                + #""person_file_path":"api-assets/a.png"},"name":"n"}"#
        ) { .init(person: $0("a"), garment: $0("b"), garmentType: .upperBody, name: "n") },
        Row(
            "face-swap-photo",
            { $0.photoFaceSwaps },
            files: ["face-swap-a-1.png"],
            cost: .exactly(10),
            body:
                #"{"assets":{"source_file_path":"api-assets/b.png","target_file_path":"api-assets/a.png"},"name":"n"}"#
        ) { .init(photo: $0("a"), face: $0("b"), name: "n") },
        Row(
            "face-swap-photo",
            { $0.photoFaceSwaps },
            files: ["face-swap-a-1.png"],
            cost: .exactly(10),
            body: #"{"assets":{"face_mappings":[{"new_face":"api-assets/b.png","original_face":"0-0.png"},"#
                + #"{"new_face":"api-assets/c.png","original_face":"0-1.png"}],"face_swap_mode":"individual-faces","#
                + #""target_file_path":"api-assets/a.png"}}"#
        ) {
            .init(
                photo: $0("a"),
                faceMappings: [
                    .init(originalFace: "0-0.png", newFace: $0("b")), .init(originalFace: "0-1.png", newFace: $0("c")),
                ]
            )
        },
        Row(
            "head-swap",
            { $0.headSwaps },
            files: ["head-swap-a-1.png"],
            cost: .exactly(10),
            body: #"{"assets":{"body_file_path":"api-assets/b.png","head_file_path":"api-assets/a.png"},"#
                + #""max_resolution":1024,"name":"n"}"#
        ) { .init(head: $0("a"), body: $0("b"), maxResolution: 1_024, name: "n") },
        Row(
            "body-swap",
            { $0.bodySwaps },
            files: ["body-swap-a-1.png"],
            cost: .atLeast(50),
            body: #"{"assets":{"person_file_path":"api-assets/a.png","scene_file_path":"api-assets/b.png"},"#
                + #""name":"n","resolution":"1k"}"#
        ) { .init(person: $0("a"), scene: $0("b"), name: "n") },
        Row(
            "ai-face-editor",
            { $0.faceEdits },
            files: ["face-edit-a-1.png"],
            cost: .exactly(1),
            body: #"{"assets":{"image_file_path":"api-assets/a.png"},"name":"n","#
                + #""style":{"enhance_face":true,"head_yaw":-15,"mouth_smile":50}}"#
        ) {
            var style = MagicHour.FaceEditRequest.Style()
            style.enhanceFace = true
            style.headYaw = -15
            style.mouthSmile = 50
            return .init(photo: $0("a"), style: style, name: "n")
        },
        Row(
            "photo-colorizer",
            { $0.photoColorizations },
            files: ["colorized-a-1.png"],
            cost: .exactly(10),
            body: #"{"assets":{"image_file_path":"api-assets/a.png"},"name":"n"}"#
        ) { .init(photo: $0("a"), name: "n") },
        Row(
            "image-to-video",
            { $0.imageToVideo },
            files: ["video-a-1.mp4"],
            cost: nil,
            body: #"{"assets":{"image_file_path":"api-assets/a.png"},"end_seconds":5,"model":"kling-3.0","#
                + #""resolution":"720p","style":{"prompt":"p"}}"#
        ) { .init(photo: $0("a"), prompt: "p", endSeconds: 5, model: .kling30, resolution: .p720) },
        Row(
            "ai-voice-generator",
            { $0.speech },
            files: ["speech-a-1.wav"],
            cost: .atLeast(5),
            body: #"{"name":"n","style":{"prompt":"Welcome to the page of our team in Berlin!","#
                + #""voice_name":"Albert Einstein"}}"#
        ) { _ in .init(text: "Welcome to the page of our team in Berlin!", voice: "Albert Einstein", name: "n") },
    ]

    func testRequestHasTheDocumentedBody() async throws {
        for row in rows {
            mock.on("POST", "/v1/\(row.name)", response: .json(#"{"id":"a","credits_charged":5}"#))
            _ = try await row.submit(clients.magicHour()) { .uploaded("api-assets/\($0).png") }
            XCTAssertEqual(clients.body(mock.bodies.count - 1), row.body)
        }
    }

    func testOperationIsRunFromItsPhotosToItsFiles() async throws {
        let photo = MediaSource.data(SampleMedia.portraitPNG(width: 32, height: 32))
        for row in rows {
            let (service, magicHour) = try simulation()
            let files = try await row.generate(magicHour, { _ in photo }, clients.options)
            let job = try XCTUnwrap(service.jobs.first)
            XCTAssertEqual(files.map(\.lastPathComponent), row.files.map { $0.replacing("-a-", with: "-\(job.id)-") })
            XCTAssertEqual(service.uploads.count, row.photoCount, row.name)
            XCTAssertEqual(job.media.count, row.photoCount, row.name)
            XCTAssertEqual(service.ledger.map(\.amount), [row.cost?.minimum ?? 100], row.name)
        }
        try await assertEqual(await store().records(), [], "No job is left.")
    }

    func testJobIsFinishedFromItsRecord() async throws {
        let photo = MediaSource.data(SampleMedia.portraitPNG(width: 32, height: 32))
        for row in rows {
            let (service, magicHour) = try simulation()
            let job = try await row.submit(magicHour) { _ in photo }
            let outcomes = try await collect(magicHour.jobs.resumeAll(options: clients.options))
            XCTAssertEqual(
                try outcomes.flatMap { try $0.result.get().files.map(\.lastPathComponent) },
                row.files.map { $0.replacing("-a-", with: "-\(job.id)-") }
            )
            XCTAssertEqual(service.ledger.count, 1, "\(row.name) is charged once.")
        }
    }

    func testPriceIsDocumented() throws {
        let prices = try XCTUnwrap(Fixture.json("facts/magic-hour-prices.json")["credits"])
        for row in rows {
            guard let price = prices[row.name]?.number, let cost = row.cost else { continue }
            XCTAssertEqual(cost, .exactly(Int(price)), row.name)
        }
    }

    func testOnlyThePersonMustShowAFace() async throws {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f"}"#))
        let found = #"{"id":"f","status":"complete","faces":[{"path":"api-assets/f.png","url":"https://o.example/f"}]}"#
        mock.on("GET", "/v1/face-detection/f", response: .json(found))
        mock.on("POST", "/v1/ai-clothes-changer", response: .json(#"{"id":"a"}"#))
        var options = clients.options
        options.faceCheck = .exactlyOne
        try await clients.magicHour().clothesChanges.submit(
            .init(person: "api-assets/me.png", garment: "api-assets/suit.png"),
            options: options
        )
        XCTAssertEqual(clients.body(0), #"{"assets":{"target_file_path":"api-assets/me.png"}}"#)
    }

    func testFaceCheckOfAnOperationWithoutPhotoIsRejected() async throws {
        var options = clients.options
        options.faceCheck = .atLeastOne
        let error = try await failure {
            try await clients.magicHour().speech.submit(
                .init(text: "Hello", voice: "Albert Einstein"),
                options: options
            )
        }
        XCTAssertEqual(error.code, .invalidConfiguration)
    }

    private func store() throws -> FileJobStore {
        try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
    }

    private func simulation() throws -> (service: SimulatedService, magicHour: MagicHour) {
        let service = SimulatedService(clock: clients.clock)
        let configuration = ClientConfiguration(transport: service, clock: clients.clock, jobStore: try store())
        return (service, try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration))
    }
}
