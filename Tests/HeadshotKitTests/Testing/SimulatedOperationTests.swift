import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Every create operation for which the simulator has no rules of its own, in JSON, from its media to its files.
final class SimulatedOperationTests: XCTestCase {
    private enum Kind { case image, video, audio }

    /// An operation with a body of its required fields. `PHOTO` and `SPEECH` are the paths of local files.
    private struct Row {
        var name: String
        var kind: Kind
        var body: String
        var media: [(path: String, kind: MediaKind)] = []
        var credits: Int
    }

    private let rows = [
        Row(
            name: "ai-clothes-changer",
            kind: .image,
            body: #"{"assets":{"garment_file_path":"PHOTO","person_file_path":"PHOTO"}}"#,
            media: [("assets.garment_file_path", .image), ("assets.person_file_path", .image)],
            credits: 25
        ),
        Row(
            name: "ai-face-editor",
            kind: .image,
            body: #"{"assets":{"image_file_path":"PHOTO"},"style":{"mouth_smile":50}}"#,
            media: [("assets.image_file_path", .image)],
            credits: 1
        ),
        Row(name: "ai-gif-generator", kind: .image, body: #"{"style":{"prompt":"x"}}"#, credits: 50),
        Row(
            name: "ai-image-editor",
            kind: .image,
            body: #"{"image_count":4,"assets":{"image_file_paths":["PHOTO","PHOTO"]},"style":{"prompt":"x"}}"#,
            media: [("assets.image_file_paths", .image)],
            credits: 20
        ),
        Row(
            name: "ai-image-upscaler",
            kind: .image,
            body: #"{"assets":{"image_file_path":"PHOTO"},"scale_factor":2}"#,
            media: [("assets.image_file_path", .image)],
            credits: 50
        ),
        Row(
            name: "ai-meme-generator",
            kind: .image,
            body: #"{"style":{"template":"0 Days Without","topic":"x"}}"#,
            credits: 10
        ),
        Row(
            name: "ai-qr-code-generator",
            kind: .image,
            body: #"{"content":"https://example.com","style":{"art_style":"x"}}"#,
            credits: 0
        ),
        Row(
            name: "body-swap",
            kind: .image,
            body: #"{"assets":{"person_file_path":"PHOTO","scene_file_path":"PHOTO"},"resolution":"1k"}"#,
            media: [("assets.person_file_path", .image), ("assets.scene_file_path", .image)],
            credits: 50
        ),
        Row(
            name: "face-swap-photo",
            kind: .image,
            body: #"{"assets":{"face_mappings":[{"new_face":"PHOTO","original_face":"https://example.com/0-0.png"}],"#
                + #""face_swap_mode":"individual-faces","target_file_path":"PHOTO"}}"#,
            media: [("assets.target_file_path", .image), ("assets.face_mappings.new_face", .image)],
            credits: 10
        ),
        Row(
            name: "head-swap",
            kind: .image,
            body: #"{"assets":{"body_file_path":"PHOTO","head_file_path":"PHOTO"}}"#,
            media: [("assets.body_file_path", .image), ("assets.head_file_path", .image)],
            credits: 10
        ),
        Row(
            name: "image-background-remover",
            kind: .image,
            body: #"{"assets":{"image_file_path":"PHOTO"}}"#,
            media: [("assets.image_file_path", .image), ("assets.background_image_file_path", .image)],
            credits: 5
        ),
        Row(
            name: "photo-colorizer",
            kind: .image,
            body: #"{"assets":{"image_file_path":"PHOTO"}}"#,
            media: [("assets.image_file_path", .image)],
            credits: 10
        ),
        Row(
            name: "ai-ugc-ad",
            kind: .video,
            body: #"{"assets":{"image_file_path":"PHOTO"},"end_seconds":8,"script":"x"}"#,
            media: [("assets.image_file_path", .image)],
            credits: 100
        ),
        Row(
            name: "ai-video-editor",
            kind: .video,
            body: #"{"assets":{"video_file_path":"https://example.com/v.mp4"},"end_seconds":5,"style":{"prompt":"x"}}"#,
            credits: 100
        ),
        Row(
            name: "ai-video-translator",
            kind: .video,
            body:
                #"{"assets":{"video_file_path":"https://example.com/v.mp4"},"end_seconds":5,"target_language":"Afrikaans"}"#,
            credits: 100
        ),
        Row(
            name: "ai-video-upscaler",
            kind: .video,
            body: #"{"assets":{"video_file_path":"https://example.com/v.mp4"},"end_seconds":5,"resolution":"1080p"}"#,
            credits: 100
        ),
        Row(
            name: "animation",
            kind: .video,
            body:
                #"{"assets":{"audio_file_path":"SPEECH","audio_source":"file"},"end_seconds":5,"fps":12,"height":512,"#
                + #""style":{"art_style":"3D Render","camera_effect":"Accelerate","prompt_type":"ai_choose","#
                + #""transition_speed":1},"width":512}"#,
            media: [("assets.audio_file_path", .audio), ("assets.image_file_path", .image)],
            credits: 100
        ),
        Row(
            name: "audio-to-video",
            kind: .video,
            body: #"{"assets":{"audio_file_path":"SPEECH"},"end_seconds":5}"#,
            media: [("assets.audio_file_path", .audio)],
            credits: 100
        ),
        Row(
            name: "auto-subtitle-generator",
            kind: .video,
            body:
                #"{"assets":{"video_file_path":"https://example.com/v.mp4"},"end_seconds":5,"start_seconds":0,"style":{}}"#,
            credits: 100
        ),
        Row(
            name: "character-replace",
            kind: .video,
            body:
                #"{"assets":{"image_file_path":"PHOTO","video_file_path":"https://example.com/v.mp4"},"end_seconds":5}"#,
            media: [("assets.image_file_path", .image)],
            credits: 100
        ),
        Row(
            name: "face-swap",
            kind: .video,
            body: #"{"assets":{"image_file_path":"PHOTO","video_file_path":"https://example.com/v.mp4","#
                + #""video_source":"file"},"end_seconds":5,"start_seconds":0}"#,
            media: [("assets.image_file_path", .image)],
            credits: 120
        ),
        Row(
            name: "image-to-video",
            kind: .video,
            body: #"{"assets":{"image_file_path":"PHOTO"},"end_seconds":5}"#,
            media: [("assets.image_file_path", .image), ("assets.end_image_file_path", .image)],
            credits: 100
        ),
        Row(
            name: "lip-sync",
            kind: .video,
            body: #"{"assets":{"audio_file_path":"SPEECH","video_file_path":"https://example.com/v.mp4","#
                + #""video_source":"file"},"end_seconds":5,"start_seconds":0}"#,
            media: [("assets.audio_file_path", .audio)],
            credits: 120
        ),
        Row(name: "text-to-video", kind: .video, body: #"{"end_seconds":5,"style":{"prompt":"x"}}"#, credits: 100),
        Row(
            name: "video-to-video",
            kind: .video,
            body: #"{"assets":{"video_file_path":"https://example.com/v.mp4","video_source":"file"},"end_seconds":5,"#
                + #""start_seconds":0,"style":{"art_style":"3D Render"}}"#,
            credits: 100
        ),
        Row(name: "ai-music-generator", kind: .audio, body: #"{"duration":30,"style":{"prompt":"x"}}"#, credits: 30),
        Row(
            name: "ai-voice-cloner",
            kind: .audio,
            body: #"{"assets":{"audio_file_path":"SPEECH"},"style":{"prompt":"x"}}"#,
            media: [("assets.audio_file_path", .audio)],
            credits: 1
        ),
        Row(
            name: "ai-voice-generator",
            kind: .audio,
            body: #"{"style":{"prompt":"x","voice_name":"21 Savage"}}"#,
            credits: 1
        ),
    ]

    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "operations-\(UUID().uuidString)"
    )

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try SampleMedia.portraitPNG(width: 32, height: 32).write(to: directory.appendingPathComponent("me.png"))
        try SampleMedia.landscapePNG(width: 32, height: 32).write(to: directory.appendingPathComponent("hills.png"))
        try SampleMedia.speechWAV(seconds: 0.2).write(to: directory.appendingPathComponent("speech.wav"))
    }

    override func tearDownWithError() throws { try FileManager.default.removeItem(at: directory) }

    private func request(_ row: Row, photo: String = "me.png") throws -> JSONValue {
        let text = row.body.replacingOccurrences(of: "PHOTO", with: directory.appendingPathComponent(photo).path)
            .replacingOccurrences(of: "SPEECH", with: directory.appendingPathComponent("speech.wav").path)
        return try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    private func clients() throws -> (service: SimulatedService, magicHour: MagicHour) {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        let service = SimulatedService(clock: clock)
        let configuration = ClientConfiguration(
            transport: service,
            clock: clock,
            jobStore: try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        )
        return (service, try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration))
    }

    private func generate(_ row: Row, _ magicHour: MagicHour, photo: String = "me.png") async throws -> [URL] {
        let endpoint = Endpoint<JSONValue>(row.name, media: row.media.map { .init($0.path, kind: $0.kind) })
        let request = try request(row, photo: photo)
        let options = GenerationOptions(downloadDirectory: directory.appendingPathComponent("outputs"))
        switch row.kind {
        case .image: return try await magicHour.operation(endpoint).generate(request, options: options).files
        case .video:
            return try await magicHour.operation(endpoint, as: MagicHour.VideoProject.self)
                .generate(request, options: options).files
        case .audio:
            return try await magicHour.operation(endpoint, as: MagicHour.AudioProject.self)
                .generate(request, options: options).files
        }
    }

    func testEveryOperationIsRunFromItsMediaToItsFiles() async throws {
        XCTAssertEqual(Set(rows.map(\.name)).count, 28)
        for row in rows {
            let (service, magicHour) = try clients()
            let files = try await generate(row, magicHour)
            let ending =
                switch row.kind {
                case .image: "png"
                case .video: "mp4"
                case .audio: "wav"
                }
            XCTAssertEqual(files.count, row.name == "ai-image-editor" ? 4 : 1, row.name)
            XCTAssertTrue(files.allSatisfy { $0.lastPathComponent.hasPrefix(row.name) }, row.name)
            XCTAssertTrue(files.allSatisfy { $0.pathExtension == ending }, "\(row.name): \(files)")
            XCTAssertEqual(service.ledger.map(\.amount), row.credits == 0 ? [] : [row.credits], row.name)
            let local =
                row.body.components(separatedBy: "\"PHOTO\"").count
                + row.body.components(separatedBy: "\"SPEECH\"").count - 2
            XCTAssertEqual(service.uploads.count, local, row.name)
            XCTAssertEqual(service.jobs.first?.media.count, local, row.name)
        }
        let store = try FileJobStore(directory: directory.appendingPathComponent("jobs"))
        try await assertEqual(await store.records(), [], "No job is left.")
    }

    func testPriceDependsOnRequest() async throws {
        let photo = #""assets":{"image_file_path":"https://example.com/me.png"}"#
        let people =
            #""assets":{"person_file_path":"https://example.com/me.png","scene_file_path":"https://example.com/office.png"}"#
        let rows: [(operation: String, body: String, credits: Int)] = [
            ("ai-image-upscaler", #"{\#(photo),"scale_factor":2,"style":{"mode":"preserve"}}"#, 25),
            ("ai-image-upscaler", #"{\#(photo),"scale_factor":4,"style":{"mode":"preserve"}}"#, 100),
            ("ai-image-upscaler", #"{\#(photo),"scale_factor":4,"style":{"mode":"creative"}}"#, 200),
            ("ai-image-upscaler", #"{\#(photo),"scale_factor":2,"style":{"enhancement":"Resemblance"}}"#, 25),
            ("ai-image-editor", #"{\#(photo),"model":"qwen-edit","style":{"prompt":"x"}}"#, 10),
            ("ai-image-editor", #"{\#(photo),"image_count":4,"model":"nano-banana-pro","style":{"prompt":"x"}}"#, 600),
            ("body-swap", #"{\#(people),"resolution":"640px"}"#, 50),
            ("body-swap", #"{\#(people),"resolution":"4k"}"#, 100),
            ("ai-voice-generator", #"{"style":{"prompt":"Eleven char","voice_name":"21 Savage"}}"#, 2),
            ("ai-music-generator", #"{"duration":61,"style":{"prompt":"x"}}"#, 61),
        ]
        for row in rows {
            let (service, magicHour) = try clients()
            let request = try JSONDecoder().decode(JSONValue.self, from: Data(row.body.utf8))
            _ = try await magicHour.operation(Endpoint<JSONValue>(row.operation)).create(request)
            XCTAssertEqual(service.ledger.map(\.amount), [row.credits], "\(row.operation) \(row.body)")
        }
    }

    func testOutputShowsItsOperation() async throws {
        let cutout = try XCTUnwrap(rows.first { $0.name == "image-background-remover" })
        let upscale = try XCTUnwrap(rows.first { $0.name == "ai-image-upscaler" })
        let plain = try XCTUnwrap(rows.first { $0.name == "photo-colorizer" })
        // The width is in bytes 16 to 19 of a PNG file, and the color type in byte 25. Type 6 has an alpha channel.
        for (row, width, type) in [(cutout, 256, 6), (upscale, 512, 2), (plain, 256, 2)] {
            let (_, magicHour) = try clients()
            let file = try await generate(row, magicHour)[0]
            let head = try [UInt8](Data(contentsOf: file).prefix(26))
            XCTAssertEqual(Array(head[16..<20]), [0, 0, UInt8(width / 256), 0], row.name)
            XCTAssertEqual(Int(head[25]), type, row.name)
        }
    }

    func testPhotoWithoutAFaceFailsAndIsRefunded() async throws {
        let row = try XCTUnwrap(rows.first { $0.name == "head-swap" })
        let (service, magicHour) = try clients()
        let error = try await failure { try await generate(row, magicHour, photo: "hills.png") }
        XCTAssertEqual(error.code, .jobFailed)
        XCTAssertEqual(error.reason, .noFaceDetected)
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .refund])
    }

    func testJobIsDeletedInItsOwnCollectionOnly() async throws {
        let row = try XCTUnwrap(rows.first { $0.name == "ai-music-generator" })
        let (service, magicHour) = try clients()
        _ = try await generate(row, magicHour)
        let id = try XCTUnwrap(service.jobs.first?.id)
        let error = try await failure { try await magicHour.imageProjects.delete(id) }
        XCTAssertEqual(error.code, .notFound)
        let project = try await magicHour.audioProjects.get(id)
        XCTAssertEqual(project.type, "MUSIC_GENERATOR")
        try await magicHour.audioProjects.delete(id)
        XCTAssertEqual(service.jobs.map(\.isDeleted), [true])
    }

    func testUnknownOperationAndUnknownUploadAreRejectedAndFree() async throws {
        let (service, magicHour) = try clients()
        let unknown = try await failure {
            try await magicHour.operation(Endpoint<JSONValue>("ai-teleporter")).generate([:])
        }
        XCTAssertEqual(unknown.code, .notFound)
        let request: JSONValue = ["assets": ["image_file_path": "api-assets/none.png"]]
        let missing = try await failure {
            try await magicHour.operation(Endpoint<JSONValue>("photo-colorizer")).generate(request)
        }
        XCTAssertEqual(missing.code, .invalidRequest)
        XCTAssertEqual(service.ledger, [])
    }
}
