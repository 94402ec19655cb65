import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Sends and decodes every operation, field and enumeration value that Magic Hour documents.
final class MagicHourFactsTests: XCTestCase {
    private static let calls: [String: DocumentedOperation.Call] = [
        "account.list": { clients, _ in
            .init(response: try await clients.magicHour().account.get())
        },
        "ai_clothes_changer.create": create { $0.clothesChanges },
        "ai_face_editor.create": create { $0.faceEdits },
        "ai_headshot_generator.create": create { $0.headshots },
        "ai_image_editor.create": create { $0.imageEdits },
        "ai_image_generator.create": create { $0.images },
        "ai_image_upscaler.create": create { $0.imageUpscales },
        "ai_talking_photo.create": create { $0.talkingPhotos },
        "ai_voice_generator.create": create { $0.speech },
        "body_swap.create": create { $0.bodySwaps },
        "face_detection.create": create { $0.faceDetection },
        "face_swap_photo.create": create { $0.photoFaceSwaps },
        "head_swap.create": create { $0.headSwaps },
        "image_background_remover.create": create { $0.backgroundRemovals },
        "image_to_video.create": create { $0.imageToVideo },
        "photo_colorizer.create": create { $0.photoColorizations },
        "face_detection.get": { clients, _ in
            .init(response: try await clients.magicHour().faceDetection.get("an-id"))
        },
        "files.upload_urls.create": { clients, body in
            let items = try body.read(as: [String: [MagicHour.UploadItem]].self)["items"] ?? []
            let uploadURLs = try await clients.magicHour().files.uploadURLs(items)
            return .init(request: ["items": items], response: ["items": uploadURLs])
        },
        "saved_items.list": { clients, _ in
            .init(response: try await clients.magicHour().savedItems.list())
        },
        "audio_projects.get": get { $0.audioProjects },
        "audio_projects.delete": delete { $0.audioProjects },
        "image_projects.get": get { $0.imageProjects },
        "image_projects.delete": delete { $0.imageProjects },
        "video_projects.get": get { $0.videoProjects },
        "video_projects.delete": delete { $0.videoProjects },
    ]

    /// The operations without a type. `SimulatedOperationTests` runs the ones that create jobs through an `Endpoint`.
    static let untyped: Set<String> = [
        "ai_gif_generator.create", "ai_meme_generator.create", "ai_music_generator.create",
        "ai_qr_code_generator.create", "ai_ugc_ad.create", "ai_video_editor.create", "ai_video_translator.create",
        "ai_video_upscaler.create", "ai_voice_cloner.create", "animation.create", "audio_to_video.create",
        "auto_subtitle_generator.create", "character_replace.create", "face_swap.create", "lip_sync.create",
        "text_to_video.create", "video_to_video.create",
    ]

    /// Returns a call of an operation that creates jobs.
    private static func create<Request: Codable & Sendable, Project>(
        _ operation: @escaping @Sendable (MagicHour) -> GenerationOperation<Request, MagicHour.CreatedProject, Project>
    ) -> DocumentedOperation.Call {
        { clients, body in
            let request = try body.read(as: Request.self)
            return .init(request: request, response: try await operation(clients.magicHour()).create(request))
        }
    }

    private static func get<Project: MagicHourProject & Encodable>(
        _ projects: @escaping @Sendable (MagicHour) -> MagicHour.Projects<Project>
    ) -> DocumentedOperation.Call {
        { clients, _ in .init(response: try await projects(clients.magicHour()).get("an-id")) }
    }

    private static func delete<Project>(
        _ projects: @escaping @Sendable (MagicHour) -> MagicHour.Projects<Project>
    ) -> DocumentedOperation.Call {
        { clients, _ in
            try await projects(clients.magicHour()).delete("an-id")
            return .init()
        }
    }

    private static let intended = [
        // A response must have as many upload URLs as were requested.
        "files.upload_urls.create: body.items[] was not sent",
        "files.upload_urls.create: response.items[] was not read",
        // An older response may have the only output of a video in `download`.
        "video_projects.get: response.downloads has 1 of 0 elements",
        "video_projects.get: property of response.downloads has 1 of 0 elements",
        // The library adds this field if there are fewer downloads than images.
        "image_projects.get: response.missing_downloads was added",
        "image_projects.get: property of response.missing_downloads was added",
    ]

    private func operations() throws -> [DocumentedOperation] {
        let facts = try Fixture.json("facts/magic-hour-0.90.0.json")
        return try (facts["operations"]?.elements ?? []).compactMap { operation in
            let name = try XCTUnwrap(operation["operation"]?.string)
            guard !Self.untyped.contains(name) else { return nil }
            let response = operation["response_200"].map { Schema($0) }
            return DocumentedOperation(
                name: name,
                method: try XCTUnwrap(operation["method"]?.string),
                path: try XCTUnwrap(operation["path"]?.string).replacingOccurrences(of: "{id}", with: "an-id"),
                // The numbers of images are whole in spite of their type, `number`.
                request: operation["body"].map { Schema($0, samples: ["image_count": .number(9)]) },
                response: response,
                goodResponse: response?.minimal ?? .object([:]),
                call: try XCTUnwrap(Self.calls[name], "\(name) is documented, and the library does not call it.")
            )
        }
    }

    func testEveryOperationIsTested() throws {
        XCTAssertEqual(Set(try operations().map(\.name)), Set(Self.calls.keys))
        let facts = try Fixture.json("facts/magic-hour-0.90.0.json")["operations"]?.elements ?? []
        let others = Set(facts.compactMap { $0["operation"]?.string }).subtracting(Self.calls.keys)
        XCTAssertEqual(others, Self.untyped)
    }

    func testEveryFieldAndValueIsSentAndDecoded() async throws {
        for operation in try operations() {
            let faults = await operation.faults().filter { fault in !Self.intended.contains { fault.hasPrefix($0) } }
            XCTAssertTrue(faults.isEmpty, faults.joined(separator: "\n"))
        }
    }

    func testEveryFieldOfARequestIsDocumented() async throws {
        for operation in try operations() {
            let fields = try await operation.undocumentedFields()
            XCTAssertEqual(fields, [], operation.name)
        }
    }

    func testSchemaBodiesCoverEveryFieldAndValue() throws {
        let operations = try Dictionary(uniqueKeysWithValues: operations().map { ($0.name, $0) })
        XCTAssertEqual(
            operations["ai_headshot_generator.create"]?.request?.bodies.map(\.path),
            ["", ".assets", ".assets.image_file_path", ".name", ".style", ".style.prompt", " in full"]
        )
        let images = try XCTUnwrap(operations["ai_image_generator.create"]?.request?.bodies.map(\.path))
        XCTAssertEqual(images.count, 70)
        XCTAssertTrue(images.contains(".style.tool = thumbnail-maker"))
        XCTAssertTrue(images.contains(".resolution = auto"))
        let account = try XCTUnwrap(operations["account.list"]?.response?.bodies.map(\.path))
        XCTAssertTrue(account.contains(".subscription = null"))
        XCTAssertTrue(account.contains(".subscription.discount.percent_off = 3"))
    }

    func testLostFieldIsReported() {
        let sent = JSONValue.object(["style": .object(["tool": .string("general"), "prompt": .string("p")])])
        let kept = JSONValue.object(["style": .object(["prompt": .string("q")]), "more": .number(1)])
        XCTAssertEqual(
            sent.differences(to: kept),
            [
                "body.style.prompt is \"p\" and became \"q\"", "body.style.tool is lost",
                "body.more was added",
            ]
        )
        let request = JSONValue.object(["style": .object(["tool": .null]), "list": .array([.object(["more": .null])])])
        XCTAssertEqual(request.nullPaths, ["request.list[0].more", "request.style.tool"])
    }
}
