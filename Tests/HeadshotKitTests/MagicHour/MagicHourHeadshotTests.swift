import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class MagicHourHeadshotTests: MockTestCase {

    private func stubUploadAndCreate() {
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(
                #"""
                {"items":[{"upload_url":"https://videos.magichour.ai/api-assets/id/photo.png?auth-value=1234567890",
                "expires_at":"2024-07-25T16:56:21.932Z","file_path":"api-assets/id/photo.png"}]}
                """#
            )
        )
        mock.on("PUT", "/api-assets/id/photo.png", response: .status(200))
        mock.on(
            "POST",
            "/v1/ai-headshot-generator",
            response: .json(#"{"id":"cuid-example","frame_cost":50,"credits_charged":50}"#)
        )
    }

    private func stubProject(_ status: String, _ more: String = #""downloads":[],"error":null"#) {
        mock.on(
            "GET",
            "/v1/image-projects/cuid-example",
            response: .json(
                #"""
                {"id":"cuid-example","name":"Example Name","status":"\#(status)","image_count":1,"type":"AI_HEADSHOT",
                "created_at":"2024-10-19T05:16:19.027Z","enabled":true,"credits_charged":50,"total_frame_cost":50,\#(more)}
                """#
            )
        )
    }

    private let complete =
        #""downloads":[{"url":"https://videos.magichour.ai/id/output.png?sig=1","expires_at":"2024-10-19T05:16:19.027Z"}],"error":null"#

    func testPhotoIsUploadedGeneratedAndDownloaded() async throws {
        stubUploadAndCreate()
        stubProject("queued")
        stubProject("rendering")
        stubProject("complete", complete)
        mock.on("GET", "/id/output.png", response: .data(pngBytes))
        let events = Locked<[GenerationEvent]>([])

        let result = try await clients.magicHour().headshots.generate(
            .init(assets: .init(imageFilePath: .data(pngBytes)), name: "Me", style: .init(prompt: "navy suit")),
            options: clients.options
        ) { event in events.withLock { $0.append(event) } }

        XCTAssertEqual(clients.body(0), #"{"items":[{"extension":"png","type":"image"}]}"#)
        XCTAssertEqual(mock.bodies[1], pngBytes)
        XCTAssertEqual(
            clients.body(2),
            #"{"assets":{"image_file_path":"api-assets/id/photo.png"},"name":"Me","style":{"prompt":"navy suit"}}"#
        )
        XCTAssertEqual(result.job.id, "cuid-example")
        XCTAssertEqual(result.job.creditsCharged, 50)
        XCTAssertEqual(result.project.creditsCharged, 50)
        XCTAssertEqual(result.project.createdAt?.date?.timeIntervalSince1970, 1_729_314_979.027)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-cuid-example-1.png"])
        XCTAssertEqual(try Data(contentsOf: result.files[0]), pngBytes)
        XCTAssertEqual(try clients.filesInDirectory(), ["headshot-cuid-example-1.png"])
        XCTAssertEqual(clients.delayMilliseconds, [1_000, 1_300, 1_690])
        let pixel = try XCTUnwrap(MediaSource.data(pngBytes).check(as: .image)?.pixelSize)
        XCTAssertEqual(pixel.width, 1)
        XCTAssertEqual(pixel.height, 1)
        XCTAssertEqual(
            events.withLock { $0 },
            [
                .uploading(TransferProgress(completed: 0, total: 70, photos: [pixel])),
                .uploading(TransferProgress(completed: 70, total: 70, photos: [pixel])),
                .submitted(result.job),
                .status("queued"),
                .status("rendering"),
                .downloading(output: 1, of: 1, TransferProgress(completed: 70, total: 70)),
                .saved(result.files[0]),
            ]
        )
    }

    func testCreateSendsRemoteMediaAndOmitsUnsetFields() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x","credits_charged":50}"#))
        let created = try await clients.magicHour().headshots.create(
            .init(assets: .init(imageFilePath: "api-assets/id/1.png"))
        )
        XCTAssertEqual(created.id, "x")
        XCTAssertEqual(created.creditsCharged, 50)
        XCTAssertEqual(clients.body(0), #"{"assets":{"image_file_path":"api-assets/id/1.png"}}"#)
        XCTAssertEqual(mock.requests[0].headers["Content-Type"], "application/json")
    }

    func testCreateRejectsLocalPhotoBeforeRequest() async throws {
        let error = try await failure {
            try await clients.magicHour().headshots.create(.init(assets: .init(imageFilePath: "me.jpg")))
        }
        XCTAssertEqual(error.code, .invalidRequest)
        XCTAssertTrue(error.message.contains("has not been uploaded"), error.message)
        XCTAssertEqual(mock.requests, [])
    }

    func testSubmittedJobIsResumedWithoutSecondCreate() async throws {
        stubUploadAndCreate()
        let magicHour = try clients.magicHour()
        let job = try await magicHour.headshots.submit(.init(assets: .init(imageFilePath: .data(pngBytes))))

        let stored = try JSONEncoder().encode(job)
        XCTAssertFalse(String(decoding: stored, as: UTF8.self).contains("secret"))
        let read = try JSONDecoder().decode(JobHandle.self, from: stored)
        XCTAssertEqual(read, job)

        stubProject("complete", complete)
        mock.on("GET", "/id/output.png", response: .data(pngBytes))
        let result = try await magicHour.headshots.resume(read, options: clients.options)
        XCTAssertEqual(result.files.count, 1)
        XCTAssertEqual(clients.delays, [], "An old job is polled immediately.")
    }

    func testCreateIsNotRetriedWhenRequestMayHaveBeenReceived() async throws {
        for response: MockTransport.Response in [
            .failure(TransportError(.connectionLost, "lost", mayHaveBeenReceived: true)),
            .data(Data("<html>Bad Gateway</html>".utf8), status: 502),
            .json("{\"id\":"),
            .json("{}"),
            .json(#"{"id":null,"credits_charged":50}"#),
        ] {
            let clients = makeClients()
            clients.mock.on("POST", "/v1/ai-headshot-generator", response: response)
            let error = try await failure {
                try await clients.magicHour().headshots.generate(
                    .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
                    options: clients.options
                )
            }
            XCTAssertEqual(error.code, .submissionUnconfirmed)
            XCTAssertEqual(clients.mock.requests.count, 1)
            XCTAssertTrue(error.description.contains("may have been charged"), error.description)
            try FileManager.default.removeItem(at: clients.directory)
        }
    }

    func testCreateIsRetriedWhenRequestWasNotReceived() async throws {
        mock.on(
            "POST",
            "/v1/ai-headshot-generator",
            response: .failure(TransportError(.notConnected, "refused", mayHaveBeenReceived: false))
        )
        mock.on("POST", "/v1/ai-headshot-generator", response: .status(503, headers: ["Retry-After": "3"]))
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"message":"slow down"}"#, status: 429))
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x"}"#))
        let job = try await clients.magicHour().headshots.submit(
            .init(assets: .init(imageFilePath: "api-assets/id/1.png"))
        )
        XCTAssertEqual(job.id, "x")
        XCTAssertEqual(clients.delays, [.seconds(0.5), .seconds(3), .seconds(2)])
    }

    func testUnknownStatusIsPolledAgain() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"cuid-example"}"#))
        stubProject("polishing")
        stubProject("complete", complete)
        mock.on("GET", "/id/output.png", response: .data(pngBytes))
        let result = try await clients.magicHour().headshots.generate(
            .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
            options: clients.options
        )
        XCTAssertEqual(result.files.count, 1)
    }

    func testFailedJobErrorNamesReasonAndAdvice() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"cuid-example"}"#))
        stubProject(
            "error",
            #""downloads":[],"error":{"code":"no_source_face","message":"Please use an image with a detectable face"}"#
        )
        let error = try await failure {
            try await clients.magicHour().headshots.generate(
                .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
                options: clients.options
            )
        }
        XCTAssertEqual(error.code, .jobFailed)
        XCTAssertEqual(error.reason, .noFaceDetected)
        XCTAssertEqual(error.serverCode, "no_source_face")
        XCTAssertEqual(error.job?.id, "cuid-example")
        XCTAssertEqual(
            error.description,
            """
            Job cuid-example failed (no_source_face): “Please use an image with a detectable face”. Magic Hour refunds \
            failed jobs. Use a photo in which one face is large, frontal and well lit.
            """
        )
    }

    func testDeletedAndCanceledJobsEndWait() async throws {
        for (json, code) in [
            (#"{"id":"a","status":"complete","enabled":false}"#, HeadshotKitError.Code.jobDeleted),
            (#"{"id":"a","status":"canceled","enabled":true}"#, .jobCanceled),
        ] {
            mock.on("GET", "/v1/image-projects/a", response: .json(json))
            let error = try await failure { try await clients.magicHour().imageProjects.wait("a") }
            XCTAssertEqual(error.code, code)
        }
    }

    func testResultWithoutWaitingHasFirstState() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"cuid-example"}"#))
        stubProject("queued")
        var options = clients.options
        options.waitForCompletion = false
        let result = try await clients.magicHour().headshots.generate(
            .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
            options: options
        )
        XCTAssertEqual(result.project.status, .queued)
        XCTAssertEqual(result.files, [])
        XCTAssertEqual(clients.delays, [])
    }

    func testResultWithoutDownloadHasURLs() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"cuid-example"}"#))
        stubProject("complete", complete)
        var options = clients.options
        options.downloadOutputs = false
        let result = try await clients.magicHour().headshots.generate(
            .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
            options: options
        )
        XCTAssertEqual(
            result.project.downloads.map(\.url.absoluteString),
            ["https://videos.magichour.ai/id/output.png?sig=1"]
        )
        XCTAssertEqual(result.files, [])
    }

    func testUnwritableDirectoryIsDetectedBeforeCreate() async throws {
        var options = clients.options
        options.downloadDirectory = URL(fileURLWithPath: "/dev/null/outputs")
        let error = try await failure {
            try await clients.magicHour().headshots.generate(
                .init(assets: .init(imageFilePath: "api-assets/id/1.png")),
                options: options
            )
        }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertEqual(mock.requests, [])
    }

    func testDeletingProjectSendsDELETE() async throws {
        mock.on("DELETE", "/v1/image-projects/a b/c", response: .status(204))
        try await clients.magicHour().imageProjects.delete("a b/c")
        XCTAssertEqual(mock.requests[0].url.absoluteString, "https://api.magichour.ai/v1/image-projects/a%20b%2Fc")
    }

    func testUploadIsRetriedAndCreateIsNot() async throws {
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(#"{"items":[{"upload_url":"https://s.example/u","file_path":"api-assets/u.png"}]}"#)
        )
        mock.on("PUT", "/u", response: .status(500))
        mock.on("PUT", "/u", response: .failure(TransportError(.connectionLost, "lost", mayHaveBeenReceived: true)))
        mock.on("PUT", "/u", response: .status(200))
        let uploaded = try await clients.magicHour().files.upload(.data(pngBytes), as: .image)
        XCTAssertEqual(uploaded, .uploaded("api-assets/u.png"))
    }

    func testExpiredUploadURLIsRequestedAgainOnce() async throws {
        for name in ["u", "v"] {
            mock.on(
                "POST",
                "/v1/files/upload-urls",
                response: .json(
                    #"{"items":[{"upload_url":"https://s.example/\#(name)?sig=1","file_path":"api-assets/\#(name).png"}]}"#
                )
            )
        }
        mock.on("PUT", "/u", response: .status(403))
        mock.on("PUT", "/v", response: .status(200))
        let uploaded = try await clients.magicHour().files.upload(.data(pngBytes), as: .image)
        XCTAssertEqual(uploaded, .uploaded("api-assets/v.png"))
    }

    func testRejectedUploadIsReported() async throws {
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            times: 2,
            response: .json(#"{"items":[{"upload_url":"https://s.example/u?sig=1","file_path":"api-assets/u.png"}]}"#)
        )
        mock.on("PUT", "/u", times: 2, response: .status(403))
        let error = try await failure { try await clients.magicHour().files.upload(.data(pngBytes), as: .image) }
        XCTAssertEqual(error.code, .linkExpired)
        XCTAssertEqual(
            error.description,
            """
            The storage of Magic Hour rejected 70 bytes in memory (403). Nothing was charged. Try again to request a new upload URL.
            """
        )
    }
}
