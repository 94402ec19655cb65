import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Sends and decodes every operation, field and enumeration value that Magic Hour documents.
final class MagicHourFactsTests: XCTestCase {
    private static let calls: [String: DocumentedOperation.Call] = [
        "account.list": { clients, _ in
            .init(response: try await clients.magicHour().account.get())
        },
        "ai_headshot_generator.create": { clients, body in
            let request = try body.read(as: MagicHour.HeadshotRequest.self)
            return .init(request: request, response: try await clients.magicHour().headshots.create(request))
        },
        "ai_image_generator.create": { clients, body in
            let request = try body.read(as: MagicHour.ImageRequest.self)
            return .init(request: request, response: try await clients.magicHour().images.create(request))
        },
        "ai_talking_photo.create": { clients, body in
            let request = try body.read(as: MagicHour.TalkingPhotoRequest.self)
            return .init(request: request, response: try await clients.magicHour().talkingPhotos.create(request))
        },
        "face_detection.create": { clients, body in
            let request = try body.read(as: MagicHour.FaceDetectionRequest.self)
            return .init(request: request, response: try await clients.magicHour().faceDetection.create(request))
        },
        "face_detection.get": { clients, _ in
            .init(response: try await clients.magicHour().faceDetection.get("an-id"))
        },
        "files.upload_urls.create": { clients, body in
            let items = try body.read(as: [String: [MagicHour.UploadItem]].self)["items"] ?? []
            let uploadURLs = try await clients.magicHour().files.uploadURLs(items)
            return .init(request: ["items": items], response: ["items": uploadURLs])
        },
        "image_projects.get": { clients, _ in
            .init(response: try await clients.magicHour().imageProjects.get("an-id"))
        },
        "image_projects.delete": { clients, _ in
            try await clients.magicHour().imageProjects.delete("an-id")
            return .init()
        },
        "video_projects.get": { clients, _ in
            .init(response: try await clients.magicHour().videoProjects.get("an-id"))
        },
        "video_projects.delete": { clients, _ in
            try await clients.magicHour().videoProjects.delete("an-id")
            return .init()
        },
    ]

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
        return try (facts["operations"]?.elements ?? []).map { operation in
            let name = try XCTUnwrap(operation["operation"]?.string)
            let response = operation["response_200"].map { Schema($0) }
            return DocumentedOperation(
                name: name,
                method: try XCTUnwrap(operation["method"]?.string),
                path: try XCTUnwrap(operation["path"]?.string).replacingOccurrences(of: "{id}", with: "an-id"),
                request: operation["body"].map { Schema($0) },
                response: response,
                goodResponse: response?.minimal ?? .object([:]),
                call: try XCTUnwrap(Self.calls[name], "\(name) is documented, and the library does not call it.")
            )
        }
    }

    func testEveryOperationIsTested() throws {
        XCTAssertEqual(Set(try operations().map(\.name)), Set(Self.calls.keys))
    }

    func testEveryFieldAndValueIsSentAndDecoded() async throws {
        for operation in try operations() {
            let faults = await operation.faults().filter { fault in !Self.intended.contains { fault.hasPrefix($0) } }
            XCTAssertTrue(faults.isEmpty, faults.joined(separator: "\n"))
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
    }
}
