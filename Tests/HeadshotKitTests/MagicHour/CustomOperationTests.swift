import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Operations that a user of the library describes.
final class CustomOperationTests: MockTestCase {
    private struct SwapRequest: Codable, Sendable {
        struct Mapping: Codable, Sendable {
            var face: MediaSource
        }

        var target: MediaSource
        var background: MediaSource?
        var photos: [MediaSource] = []
    }

    private let swap = Endpoint<SwapRequest>(
        "my-swap",
        filePrefix: "swapped",
        media: [.init("target", \.target), .init("background", \.background), .init("photos", \.photos)]
    )

    private func stubUploads(_ count: Int) {
        let items = (0..<count).map {
            #"{"upload_url":"https://s.example/\#($0)","file_path":"api-assets/\#($0).png"}"#
        }
        mock.on("POST", "/v1/files/upload-urls", response: .json(#"{"items":[\#(items.joined(separator: ","))]}"#))
        for index in 0..<count { mock.on("PUT", "/\(index)", response: .status(200)) }
    }

    private func stubJob(_ operation: String, kind: String = "image", id: String = "a", output: Data = pngBytes) {
        mock.on("POST", "/v1/\(operation)", response: .json(#"{"id":"\#(id)","credits_charged":10}"#))
        mock.on(
            "GET",
            "/v1/\(kind)-projects/\(id)",
            response: .json(#"{"id":"\#(id)","status":"complete","downloads":[{"url":"https://o.example/1"}]}"#)
        )
        mock.on("GET", "/1", response: .data(output))
    }

    /// The body of the request to a path, as text.
    private func body(to path: String) -> String? {
        zip(mock.requests, mock.bodies).first { $0.0.url.path == path }.map { String(decoding: $0.1, as: UTF8.self) }
    }

    // MARK: Types of the user

    func testEveryLocalSourceOfEveryFieldIsUploadedInOneGo() async throws {
        stubUploads(4)
        stubJob("my-swap")
        let result = try await clients.magicHour().operation(swap).generate(
            SwapRequest(
                target: .data(pngBytes),
                background: .data(pngBytes),
                photos: [.data(pngBytes), "https://example.com/remote.png", .data(pngBytes)]
            ),
            options: clients.options
        )
        XCTAssertEqual(
            body(to: "/v1/my-swap"),
            #"{"background":"api-assets/1.png","photos":["api-assets/2.png","https://example.com/remote.png","#
                + #""api-assets/3.png"],"target":"api-assets/0.png"}"#
        )
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["swapped-a-1.png"])
        XCTAssertEqual(result.job.operation, "my-swap")
    }

    func testAbsentSourcesAreNotSent() async throws {
        stubUploads(1)
        stubJob("my-swap")
        _ = try await clients.magicHour().operation(swap).generate(
            SwapRequest(target: .data(pngBytes)),
            options: clients.options
        )
        XCTAssertEqual(body(to: "/v1/my-swap"), #"{"photos":[],"target":"api-assets/0.png"}"#)
    }

    func testSecondPhotoThatIsNotAPhotoIsRejectedBeforeAnUpload() async throws {
        let error = try await failure {
            try await clients.magicHour().operation(swap).generate(
                SwapRequest(target: .data(pngBytes), photos: [.data(Data("Dear diary".utf8))]),
                options: clients.options
            )
        }
        XCTAssertEqual(error.code, .invalidMedia)
        XCTAssertEqual(mock.requests.count, 0)
    }

    func testCostBoundsACustomOperation() async throws {
        let endpoint = Endpoint<JSONValue>("photo-colorizer") { _ in .exactly(10) }
        var options = clients.options
        options.maximumCredits = 9
        let error = try await failure {
            try await clients.magicHour().operation(endpoint).generate([:], options: options)
        }
        XCTAssertEqual(error.code, .tooExpensive)
        options.maximumCredits = 10
        stubJob("photo-colorizer")
        _ = try await clients.magicHour().operation(endpoint).generate([:], options: options)
    }

    // MARK: JSON

    func testStringsAtThePathsOfAJSONRequestAreUploaded() async throws {
        let file = clients.directory.appendingPathComponent("me.png")
        try FileManager.default.createDirectory(at: clients.directory, withIntermediateDirectories: true)
        try pngBytes.write(to: file)
        let path = JSONValue.string(file.path)
        let endpoint = Endpoint<JSONValue>(
            "face-swap-photo",
            media: [.init("assets.target_file_path"), .init("assets.face_mappings.new_face"), .init("assets.photos")]
        )
        stubUploads(4)
        stubJob("face-swap-photo")
        let result = try await clients.magicHour().operation(endpoint).generate(
            [
                "name": path,
                "assets": [
                    "target_file_path": path,
                    "face_mappings": [
                        ["original_face": "api-assets/x.png", "new_face": path],
                        ["original_face": "api-assets/y.png", "new_face": "https://example.com/face.png"],
                    ],
                    "photos": [path, path],
                ],
            ],
            options: clients.options
        )
        XCTAssertEqual(
            body(to: "/v1/face-swap-photo"),
            #"{"assets":{"face_mappings":[{"new_face":"api-assets/1.png","original_face":"api-assets/x.png"},"#
                + #"{"new_face":"https://example.com/face.png","original_face":"api-assets/y.png"}],"#
                + #""photos":["api-assets/2.png","api-assets/3.png"],"target_file_path":"api-assets/0.png"},"#
                + #""name":"\#(file.path)"}"#
        )
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["face-swap-photo-a-1.png"])
    }

    func testRequestWithoutTheMediaFieldIsSentUnchanged() async throws {
        let requests: [JSONValue] = [
            [:], ["assets": nil], ["assets": 1], ["assets": []], ["assets": [[]]], ["assets": ["photo": nil]],
            ["assets": ["photo": 3]], ["assets": ["photo": [1, nil, true, [:]]]], ["assets": ["photo": ["photo": "x"]]],
            "assets", nil, 7,
        ]
        for request in requests {
            for path in ["assets.photo", "assets..photo", "assets.photo.", ".assets.photo"] {
                stubJob("odd")
                let endpoint = Endpoint<JSONValue>("odd", media: [.init(path)])
                try? FileManager.default.removeItem(at: clients.directory)
                _ = try await clients.magicHour().operation(endpoint).generate(request, options: clients.options)
                XCTAssertEqual(
                    mock.bodies[mock.bodies.count - 3],
                    try JSONEncoder().encode(request),
                    "\(request) \(path)"
                )
            }
        }
    }

    func testRequestThatIsNoObjectIsRejectedIfATagMustBeAdded() async throws {
        var options = clients.options
        options.correlation = .name
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        for request in [JSONValue.array(["a"]), "a", 1, nil, true] {
            let error = try await failure {
                try await magicHour.operation(Endpoint<JSONValue>("odd")).generate(request, options: options)
            }
            XCTAssertEqual(error.code, .invalidRequest, "\(request)")
            XCTAssertTrue(error.message.contains("not a JSON object"), error.message)
        }
        XCTAssertEqual(mock.requests.count, 0)
    }

    func testFilePrefixCannotLeaveTheDirectory() async throws {
        let prefixes = ["../../up", "a/b", "", ".hidden", String(repeating: "é", count: 4_000)]
        for prefix in prefixes {
            stubJob("odd")
            let endpoint = Endpoint<JSONValue>("odd", filePrefix: prefix)
            _ = try await clients.magicHour().operation(endpoint).generate([:], options: clients.options)
        }
        XCTAssertEqual(
            try clients.filesInDirectory(),
            [
                "------up-a-1.png", "-hidden-a-1.png", String(repeating: "-", count: 80) + "-a-1.png", "a-b-a-1.png",
                "output-a-1.png",
            ].sorted()
        )
    }

    // MARK: Kinds of projects

    func testRecordingIsSavedFromAnAudioProject() async throws {
        let endpoint = Endpoint<JSONValue>("ai-voice-generator", filePrefix: "voice")
        stubJob("ai-voice-generator", kind: "audio", output: SampleMedia.speechWAV(seconds: 0.1))
        let result = try await clients.magicHour().operation(endpoint, as: MagicHour.AudioProject.self).generate(
            ["style": ["prompt": "Hello", "voice_name": "Elon Musk"]],
            options: clients.options
        )
        XCTAssertEqual(body(to: "/v1/ai-voice-generator"), #"{"style":{"prompt":"Hello","voice_name":"Elon Musk"}}"#)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["voice-a-1.wav"])
        XCTAssertEqual(result.project.status, .complete)
    }

    func testJobOfEveryKindIsResumedWithoutTheEndpoint() async throws {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        let request: JSONValue = ["style": ["prompt": "Hello"]]
        let endpoint = Endpoint<JSONValue>("operation-43", filePrefix: "new")
        for kind in ["image", "video", "audio"] {
            let output =
                switch kind {
                case "image": pngBytes
                case "video": try await simulatedVideo()
                default: SampleMedia.speechWAV(seconds: 0.1)
                }
            stubJob("operation-43", kind: kind, id: kind, output: output)
            switch kind {
            case "image": try await magicHour.operation(endpoint).submit(request, options: clients.options)
            case "video":
                try await magicHour.operation(endpoint, as: MagicHour.VideoProject.self)
                    .submit(request, options: clients.options)
            default:
                try await magicHour.operation(endpoint, as: MagicHour.AudioProject.self)
                    .submit(request, options: clients.options)
            }
            let outcomes = try await collect(magicHour.jobs.resumeAll(options: clients.options))
            XCTAssertEqual(try outcomes.map { try $0.result.get().files.count }, [1], kind)
        }
        XCTAssertEqual(
            try clients.filesInDirectory().filter { $0 != "jobs" },
            ["new-audio-1.wav", "new-image-1.png", "new-video-1.mp4"]
        )
    }

    /// Returns a video that the simulated service makes.
    private func simulatedVideo() async throws -> Data {
        let service = SimulatedService(clock: clients.clock)
        let configuration = ClientConfiguration(transport: service, clock: clients.clock)
        let magicHour = try MagicHour(apiKey: "mhk_live_simulated", configuration: configuration)
        let result = try await magicHour.operation(
            Endpoint<JSONValue>("text-to-video"),
            as: MagicHour.VideoProject.self
        ).generate(
            ["end_seconds": 5, "style": ["prompt": "A walk"]],
            options: GenerationOptions(downloadDirectory: clients.directory.appendingPathComponent("jobs"))
        )
        let file = try XCTUnwrap(result.files.first)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Data(contentsOf: file)
    }
}
