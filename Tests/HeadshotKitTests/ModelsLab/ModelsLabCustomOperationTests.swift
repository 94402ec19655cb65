import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// Operations of ModelsLab that a user of the library describes.
final class ModelsLabCustomOperationTests: MockTestCase {
    private struct MixRequest: Codable, Sendable {
        var target: MediaSource
        var background: MediaSource?
        var photos: [MediaSource] = []
        var webhook: String?
    }

    private let mix = Endpoint<MixRequest>(
        "my_mix",
        path: "/mixer/my_mix",
        filePrefix: "mixed",
        media: [.init("target", \.target), .init("background", \.background), .init("photos", \.photos)]
    )
    private let swap = Endpoint<JSONValue>("video_swap", path: "/faceswap/video_swap", filePrefix: "swapped")
    private let remote: JSONValue = ["init_image": "https://a.example/me.png"]

    private func stubUploads(_ count: Int) {
        for index in 0..<count {
            mock.on(
                "POST",
                "/api/v6/image_editing/base64_to_url",
                response: .json(#"{"status":"success","id":7,"output":["https://assets.example/\#(index).png"]}"#)
            )
        }
    }

    private func stubFinishedJob(_ path: String) {
        mock.on(
            "POST",
            "//modelslab.com\(path)",
            response: .json(#"{"status":"success","id":9,"output":["https://out.example/1.png"]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
    }

    private func modelsLab(_ imageTransfer: ModelsLab.ImageTransfer = .base64ToURL) throws -> ModelsLab {
        var configuration = clients.configuration
        configuration.jobStore = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        return try ModelsLab(apiKey: "ml-secret", imageTransfer: imageTransfer, configuration: configuration)
    }

    private func photo() throws -> JSONValue {
        let file = clients.directory.appendingPathComponent("me.png")
        try FileManager.default.createDirectory(at: clients.directory, withIntermediateDirectories: true)
        try pngBytes.write(to: file)
        return .string(file.path)
    }

    /// The body of the request to a path, as text.
    private func body(to path: String) -> String? {
        zip(mock.requests, mock.bodies).first { $0.0.url.path == path }.map { String(decoding: $0.1, as: UTF8.self) }
    }

    // MARK: Requests

    func testEveryLocalSourceOfEveryFieldIsUploaded() async throws {
        stubUploads(4)
        mock.on("POST", "/api/v6/mixer/my_mix", response: .json(#"{"status":"processing","id":9,"eta":1}"#))
        stubFinishedJob("/api/v6/mixer/fetch/9")
        let result = try await modelsLab().operation(mix).generate(
            MixRequest(
                target: .data(pngBytes),
                background: .data(pngBytes),
                photos: [.data(pngBytes), "https://example.com/remote.png", .data(pngBytes)]
            ),
            options: clients.options
        )
        XCTAssertEqual(
            body(to: "/api/v6/mixer/my_mix"),
            #"{"background":"https://assets.example/1.png","key":"ml-secret","photos":["https://assets.example/2.png","#
                + #""https://example.com/remote.png","https://assets.example/3.png"],"target":"https://assets.example/0.png"}"#
        )
        XCTAssertEqual(body(to: "/api/v6/mixer/fetch/9"), #"{"key":"ml-secret"}"#)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["mixed-9-1.png"])
        XCTAssertEqual(result.job.operation, "my_mix")
    }

    func testPathDefaultsToImageEditing() async throws {
        mock.on("POST", "/api/v6/image_editing/img_mixer", response: .json(#"{"status":"processing","id":9}"#))
        stubFinishedJob("/api/v6/image_editing/fetch/9")
        let mixer = Endpoint<JSONValue>("img_mixer", media: [.init("init_image")])
        let result = try await modelsLab().operation(mixer).generate(remote, options: clients.options)
        XCTAssertEqual(
            body(to: "/api/v6/image_editing/img_mixer"),
            #"{"init_image":"https://a.example/me.png","key":"ml-secret"}"#
        )
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["img_mixer-9-1.png"])
    }

    func testStringsAtThePathsOfAJSONRequestAreUploaded() async throws {
        stubUploads(3)
        mock.on("POST", "/api/v6/image_editing/odd", response: .json(#"{"status":"processing","id":9}"#))
        let odd = Endpoint<JSONValue>("odd", media: [.init("photo"), .init("photos"), .init("absent.photo")])
        let photo = try photo()
        let request: JSONValue = [
            "prompt": photo, "photo": photo, "photos": [photo, "https://a.example/b.png", photo],
        ]
        try await modelsLab().operation(odd).submit(request)
        XCTAssertEqual(
            body(to: "/api/v6/image_editing/odd"),
            #"{"key":"ml-secret","photo":"https://assets.example/0.png","photos":["https://assets.example/1.png","#
                + #""https://a.example/b.png","https://assets.example/2.png"],"prompt":"\#(photo.string ?? "")"}"#
        )
    }

    func testStringsOfAJSONRequestAreSentInline() async throws {
        mock.on("POST", "/api/v6/image_editing/odd", response: .json(#"{"status":"processing","id":9}"#))
        let odd = Endpoint<JSONValue>("odd", media: [.init("photos")])
        let photo = try photo()
        try await modelsLab(.base64).operation(odd).submit(
            ["photos": [photo, "https://a.example/b.png", photo]],
            options: GenerationOptions(correlation: .trackID)
        )
        let record = try await unwrap(await modelsLab().jobs.unfinished().first)
        let base64 = pngBytes.base64EncodedString()
        XCTAssertEqual(
            body(to: "/api/v6/image_editing/odd"),
            #"{"key":"ml-secret","photos":["\#(base64)","https://a.example/b.png","\#(base64)"],"#
                + #""track_id":"\#(record.correlationTag ?? "none")"}"#
        )
        XCTAssertEqual(record.request, ["photos": ["(a file)", "https://a.example/b.png", "(a file)"]])
    }

    func testKeyOfTheRequestIsReplacedAndIsNotRecorded() async throws {
        mock.on("POST", "/api/v6/faceswap/video_swap", response: .json(#"{"status":"processing","id":9}"#))
        try await modelsLab().operation(swap).submit(["key": "ml-another", "a": 1])
        XCTAssertEqual(body(to: "/api/v6/faceswap/video_swap"), #"{"a":1,"key":"ml-secret"}"#)
        let record = try await unwrap(await modelsLab().jobs.unfinished().first)
        XCTAssertEqual(record.request, ["a": 1])
    }

    func testRequestThatIsNoObjectIsRejected() async throws {
        for request in [JSONValue.array(["a"]), "a", 1, nil, true] {
            let error = try await failure { try await modelsLab().operation(swap).generate(request) }
            XCTAssertEqual(error.code, .invalidRequest, "\(request)")
            XCTAssertEqual(error.message, "The request is not a JSON object, so key cannot be added.")
        }
        XCTAssertEqual(mock.requests, [])
    }

    func testLocalVideoIsRejectedBeforeARequest() async throws {
        let endpoint = Endpoint<JSONValue>("video_swap", media: [.init("init_image"), .init("voice", kind: .audio)])
        let speech = clients.directory.appendingPathComponent("speech.wav")
        let photo = try photo()
        try SampleMedia.speechWAV(seconds: 0.1).write(to: speech)
        for transfer in [ModelsLab.ImageTransfer.base64ToURL, .base64] {
            let error = try await failure {
                try await modelsLab(transfer).operation(endpoint).submit(
                    ["init_image": photo, "voice": .string(speech.path)]
                )
            }
            XCTAssertEqual(error.code, .invalidMedia)
            XCTAssertEqual(error.submission, .notSent)
            XCTAssertTrue(error.message.contains("speech.wav is not a photo"), error.message)
        }
        XCTAssertEqual(mock.requests, [])
    }

    func testPathThatCouldNameAnotherHostIsNotSent() async throws {
        let modelsLab = try modelsLab()
        for path in ["https://evil.example/x/y", "//evil.example/x", "@evil.example/x", ".evil.example/x", "x", ""] {
            let error = try await failure {
                try await modelsLab.operation(Endpoint<JSONValue>("odd", path: path)).submit(remote)
            }
            XCTAssertEqual(error.code, .invalidRequest, path)
            XCTAssertEqual(error.submission, .notSent, path)
        }
        XCTAssertEqual(mock.requests, [])
        try await assertEqual(await modelsLab.jobs.unfinished(), [])
    }

    func testWebhookOfTheRequestIsSentAndItsPathIsNotRecorded() async throws {
        mock.on("POST", "/api/v6/mixer/my_mix", response: .json(#"{"status":"processing","id":9}"#))
        let request = MixRequest(target: "https://a.example/t.png", webhook: "https://hooks.example/s3cret")
        try await modelsLab().operation(mix).submit(request, options: GenerationOptions(correlation: .trackID))
        let record = try await unwrap(await modelsLab().jobs.unfinished().first)
        XCTAssertEqual(
            body(to: "/api/v6/mixer/my_mix"),
            #"{"key":"ml-secret","photos":[],"target":"https://a.example/t.png","#
                + #""track_id":"\#(record.correlationTag ?? "none")","webhook":"https://hooks.example/s3cret"}"#
        )
        XCTAssertEqual(record.request["webhook"], "https://hooks.example/…")
    }

    // MARK: The path of the poll

    func testFetchURLBelowTheBaseURLIsFollowed() async throws {
        let fetch = "https://modelslab.com/api/v6/video-swap/fetch/x-9"
        mock.on(
            "POST",
            "/api/v6/faceswap/video_swap",
            response: .json(#"{"status":"processing","id":9,"fetch_result":"\#(fetch)"}"#)
        )
        stubFinishedJob("/api/v6/video-swap/fetch/x-9")
        let result = try await modelsLab().operation(swap).generate(remote, options: clients.options)
        XCTAssertEqual(result.files.count, 1)
    }

    func testFetchURLOutsideTheBaseURLIsNotFollowed() async throws {
        let urls = [
            "https://evil.example/api/v6/faceswap/fetch/1",
            "https://modelslab.com.evil.example/api/v6/faceswap/fetch/1",
            "http://modelslab.com/api/v6/faceswap/fetch/1", "https://modelslab.com:8443/api/v6/faceswap/fetch/1",
            "https://me@modelslab.com/api/v6/faceswap/fetch/1", "https://modelslab.com/api/v7/faceswap/fetch/1",
            "https://modelslab.com/api/v6", "https://modelslab.com/api/v6@evil.example/1",
            "https://modelslab.com/api/v6/../../admin/1", "https://modelslab.com/api/v6/%2e%2e/admin/1",
            "https://modelslab.com/api/v6/faceswap/fetch/1?next=x", "file:///etc/passwd", "", "/faceswap/fetch/1", "x",
        ]
        for url in urls {
            mock.on(
                "POST",
                "/api/v6/faceswap/video_swap",
                response: .json(#"{"status":"processing","id":9,"fetch_result":"\#(url)"}"#)
            )
            stubFinishedJob("/api/v6/faceswap/fetch/9")
            let result = try await modelsLab().operation(swap).generate(remote, options: clients.options)
            XCTAssertEqual(result.files.count, 1, url)
        }
        XCTAssertEqual(
            Set(mock.requests.filter { $0.method == "POST" }.map(\.url.absoluteString)),
            [
                "https://modelslab.com/api/v6/faceswap/video_swap", "https://modelslab.com/api/v6/faceswap/fetch/9",
            ]
        )
    }

    func testFetchPathFollowsTheBaseURLOfEnterpriseAccounts() async throws {
        let modelsLab = try ModelsLab(
            apiKey: "ml-secret",
            baseURL: URL(string: "https://modelslab.com/api/v1/enterprise"),
            configuration: clients.configuration
        )
        let maker = Endpoint<JSONValue>("face_gen", path: "/face_gen/make_gen")
        mock.on("POST", "/api/v1/enterprise/face_gen/make_gen", response: .json(#"{"status":"processing","id":9}"#))
        stubFinishedJob("/api/v1/enterprise/face_gen/fetch/9")
        let result = try await modelsLab.operation(maker).generate(remote, options: clients.options)
        XCTAssertEqual(result.files.count, 1)
    }

    func testFetchOfAnotherCollectionEncodesItsArguments() async throws {
        mock.on("POST", "/api/v6/face/swap/fetch/a/9", response: .json(#"{"status":"processing","id":9}"#))
        _ = try await clients.modelsLab().images.fetch("a/9", in: "face/swap")
        XCTAssertEqual(
            mock.requests.map(\.url.absoluteString),
            ["https://modelslab.com/api/v6/face%2Fswap/fetch/a%2F9"]
        )
        for collection in ["", "..", "."] {
            let error = try await failure { try await clients.modelsLab().images.fetch("9", in: collection) }
            XCTAssertEqual(error.code, .invalidRequest)
        }
    }

    // MARK: Jobs without the endpoint

    func testJobIsResumedFromItsRecordWithoutTheEndpoint() async throws {
        mock.on("POST", "/api/v6/faceswap/video_swap", response: .json(#"{"status":"processing","id":9}"#))
        try await modelsLab().operation(swap).submit(remote, options: clients.options)
        stubFinishedJob("/api/v6/faceswap/fetch/9")
        let outcomes = try await collect(modelsLab().jobs.resumeAll(options: clients.options))
        XCTAssertEqual(
            try outcomes.map { try $0.result.get().files.map(\.lastPathComponent) },
            [["swapped-9-1.png"]]
        )
        try await assertEqual(await modelsLab().jobs.unfinished(), [])
    }

    func testHandleIsResumedByTheOperation() async throws {
        let job = JobHandle(service: .modelsLab, operation: "video_swap", id: "9")
        stubFinishedJob("/api/v6/faceswap/fetch/9")
        let result = try await modelsLab().operation(swap).resume(job, options: clients.options)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["swapped-9-1.png"])
    }

    func testHandleWithoutACollectionIsNotPolledInAnother() async throws {
        let job = JobHandle(service: .modelsLab, operation: "video_swap", id: "9")
        let error = try await failure { try await modelsLab().jobs.resume(job, options: clients.options) }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertEqual(error.advice, "Resume the job with the service and operation that created it.")
        XCTAssertEqual(mock.requests, [])
    }

    /// Submits a job whose response is lost, and returns its record.
    private func submitWithoutResponse() async throws -> JobRecord {
        mock.on("POST", "/api/v6/faceswap/video_swap", response: .status(500))
        var options = clients.options
        options.correlation = .trackID
        let error = try await failure { try await modelsLab().operation(swap).submit(remote, options: options) }
        XCTAssertEqual(error.submission, .unconfirmed)
        return try await unwrap(await modelsLab().jobs.unfinished().first)
    }

    func testEventWithTheTagDeliversTheUnconfirmedJob() async throws {
        let record = try await submitWithoutResponse()
        let tag = try XCTUnwrap(record.correlationTag)
        stubFinishedJob("/api/v6/faceswap/fetch/9")
        let event = try ModelsLab.WebhookEvent(
            body: Data(#"{"status":"success","id":9,"output":["https://o.example/1.png"],"track_id":"\#(tag)"}"#.utf8)
        )
        guard case .delivered(let job) = try await modelsLab().jobs.resume(event) else {
            return XCTFail("The job was not delivered.")
        }
        XCTAssertEqual(job.files.map(\.lastPathComponent), ["swapped-9-1.png"])
        try await assertEqual(await modelsLab().jobs.unfinished(), [])
    }

    func testUnconfirmedJobIsAdoptedAndResumed() async throws {
        let record = try await submitWithoutResponse()
        mock.on("POST", "/api/v6/faceswap/fetch/9", response: .json(#"{"status":"processing"}"#))
        let adopted = try await modelsLab().jobs.adopt(record, id: "9")
        stubFinishedJob("/api/v6/faceswap/fetch/9")
        let job = try await modelsLab().jobs.resume(adopted, options: clients.options)
        XCTAssertEqual(job.files.map(\.lastPathComponent), ["swapped-9-1.png"])
    }
}
