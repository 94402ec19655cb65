import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class ModelsLabHeadshotTests: MockTestCase {
    private let create = "/api/v6/image_editing/head_shot"
    private let fetch = "/api/v6/image_editing/fetch/123"
    private let remote = ModelsLab.HeadshotRequest(prompt: "pretty woman", faceImage: "https://a.example/face.png")

    private func generate(
        _ request: ModelsLab.HeadshotRequest? = nil,
        imageTransfer: ModelsLab.ImageTransfer = .base64ToURL
    ) async throws -> GenerationResult<ModelsLab.ImageResult> {
        try await clients.modelsLab(imageTransfer: imageTransfer).headshots.generate(
            request ?? remote,
            options: clients.options
        )
    }

    func testLocalPhotoIsUploadedGeneratedAndDownloaded() async throws {
        mock.on(
            "POST",
            "/api/v6/image_editing/base64_to_url",
            response: .json(#"{"status":"success","id":7,"output":["https://assets.example/face.png"]}"#)
        )
        mock.on(
            "POST",
            create,
            response: .json(
                #"""
                {"status":"processing","tip":"wait","eta":5,"message":"Try to fetch request after seconds estimated",
                "fetch_result":"https://modelslab.com/api/v6/image_editing/fetch/123","id":123,"output":[],
                "future_links":["https://out.example/1.png"]}
                """#
            )
        )
        mock.on("POST", fetch, response: .json(#"{"status":"processing","message":"","output":"","tip":""}"#))
        mock.on(
            "POST",
            fetch,
            response: .json(#"{"status":"success","id":123,"output":["https://out.example/1.png"]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))

        let result = try await generate(
            .init(prompt: "pretty woman", faceImage: .data(pngBytes), width: 512, sScale: 0.5)
        )

        XCTAssertEqual(
            clients.body(0),
            #"{"init_image":"data:image/png;base64,\#(pngBytes.base64EncodedString())","key":"ml-secret"}"#
        )
        XCTAssertEqual(
            clients.body(1),
            #"{"face_image":"https://assets.example/face.png","key":"ml-secret","prompt":"pretty woman","s_scale":0.5,"width":512}"#
        )
        XCTAssertEqual(clients.body(2), #"{"key":"ml-secret"}"#)
        XCTAssertEqual(clients.delays.count, 2)
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-123-1.png"])
        XCTAssertEqual(try Data(contentsOf: result.files[0]), pngBytes)
    }

    func testLocalPhotoCanBeSentInline() async throws {
        mock.on(
            "POST",
            create,
            response: .json(#"{"status":"success","id":123,"output":["https://out.example/1.png"]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        _ = try await generate(.init(prompt: "x", faceImage: .data(pngBytes)), imageTransfer: .base64)
        XCTAssertEqual(
            clients.body(0),
            #"{"face_image":"\#(pngBytes.base64EncodedString())","key":"ml-secret","prompt":"x"}"#
        )
    }

    func testPhotoThatChangesAfterItsInspectionIsNotSent() async throws {
        struct Store: WrappingStore {
            let inner: FileJobStore
            let photo: URL
            // The intent is saved after the inspection and before the request is sent.
            func save(_ record: JobRecord) async throws {
                try await inner.save(record)
                try Data("not a photo any more".utf8).write(to: photo)
            }
        }
        let photo = clients.directory.appendingPathComponent("me.png")
        let inner = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        try pngBytes.write(to: photo)
        var configuration = clients.configuration
        configuration.jobStore = Store(inner: inner, photo: photo)
        let modelsLab = try ModelsLab(apiKey: "ml-secret", imageTransfer: .base64, configuration: configuration)
        let error = try await failure {
            try await modelsLab.headshots.submit(.init(prompt: "x", faceImage: .file(photo)), options: clients.options)
        }
        XCTAssertEqual(error.code, .invalidMedia)
        XCTAssertEqual(error.submission, .notSent)
        XCTAssertEqual(mock.requests.count, 0)
        try await assertEqual(await inner.records(), [])
    }

    func testRecordDoesNotContainThePathOfTheWebhook() async throws {
        let hooks: [(String?, JSONValue?)] = [
            (nil, nil), ("https://a.example/hooks/s3cret?k=1", "https://a.example/…"),
            ("https://a.example", "https://a.example"),
        ]
        for (webhook, recorded) in hooks {
            mock.on("POST", create, response: .json(#"{"status":"processing","id":123,"eta":5}"#))
            let store = try FileJobStore(directory: clients.directory.appendingPathComponent("\(webhook?.count ?? 0)"))
            var configuration = clients.configuration
            configuration.jobStore = store
            var request = remote
            request.webhook = webhook
            try await ModelsLab(apiKey: "ml-secret", configuration: configuration).headshots.submit(request)
            let record = try await unwrap(await store.records().first)
            XCTAssertEqual(record.request["webhook"], recorded)
            if let webhook { XCTAssertTrue(clients.body(mock.bodies.count - 1).contains(webhook)) }
        }
    }

    func testLargePhotoIsSpooledToTemporaryFileThatIsRemoved() async throws {
        let temporary = FileManager.default.temporaryDirectory
        func bodies() throws -> Set<String> {
            let names = try FileManager.default.contentsOfDirectory(atPath: temporary.path)
            return Set(names.filter { $0.hasPrefix("headshotkit-") && $0.hasSuffix(".json") })
        }
        let (left, new) = ("headshotkit-\(UUID().uuidString).json", "headshotkit-\(UUID().uuidString).json")
        for name in [left, new] { try Data("ml-secret".utf8).write(to: temporary.appendingPathComponent(name)) }
        defer { try? FileManager.default.removeItem(at: temporary.appendingPathComponent(new)) }
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -4_000)],
            ofItemAtPath: temporary.appendingPathComponent(left).path
        )
        let before = try bodies()
        let photo = pngBytes + Data(repeating: 7, count: 8 << 20)
        mock.on(
            "POST",
            create,
            response: .json(#"{"status":"success","id":123,"output":["https://out.example/1.png"]}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let prompt = UUID().uuidString
        _ = try await generate(.init(prompt: prompt, faceImage: .data(photo)), imageTransfer: .base64)
        XCTAssertEqual(
            clients.body(0),
            #"{"face_image":"\#(photo.base64EncodedString())","key":"ml-secret","prompt":"\#(prompt)"}"#
        )
        XCTAssertFalse(try bodies().contains(left))
        XCTAssertTrue(try bodies().contains(new), "The new file may be in use.")
        // Other processes may use the same directory.
        let ours = try bodies().subtracting(before).filter { name in
            let text = try? String(contentsOf: temporary.appendingPathComponent(name), encoding: .utf8)
            return text?.contains(prompt) == true
        }
        XCTAssertEqual(ours, [])
    }

    func testErrorThatIsNotAboutJobDoesNotEndWait() async throws {
        let codes: [String: (HeadshotKitError.Code, Int)] = [
            "Insufficient credits. Please add more credits to continue.": (.insufficientCredits, 1),
            "Your subscription has expired.": (.insufficientCredits, 1),
            "Invalid API key": (.unauthorized, 1),
            "This feature requires a premium subscription": (.planRequired, 1),
            "An internal server error occurred.": (.deadlineExceeded, 3_000),
            "Something went wrong, please try again later.": (.deadlineExceeded, 3_000),
            "Server is under maintenance.": (.deadlineExceeded, 3_000),
        ]
        for (message, (code, polls)) in codes {
            let clients = makeClients()
            let mock = clients.mock
            mock.on("POST", create, response: .json(#"{"status":"processing","id":123,"eta":5,"output":[]}"#))
            mock.on("POST", fetch, times: 1...polls, response: .json(#"{"status":"error","message":"\#(message)"}"#))
            let error = try await failure {
                try await clients.modelsLab().headshots.generate(remote, options: clients.options)
            }
            XCTAssertEqual(error.code, code, message)
            XCTAssertEqual(error.job?.id, "123", message)
            XCTAssertFalse(error.isTerminal, message)
            if polls == 1 { try mock.verify() }
        }
    }

    func testErrorThatAsksToPollAgainIsProcessingJob() throws {
        func state(_ status: String, _ message: String) throws -> JobState {
            let text = #"{"status":"\#(status)","message":"\#(message)"}"#
            return ModelsLabBackend.state(
                of: try JSONDecoder().decode(ModelsLab.ImageResult.self, from: Data(text.utf8))
            )
        }
        for message in ["Try Again", "Request timed out", "Your request is still processing, please wait."] {
            XCTAssertEqual(try state("error", message), .pending(status: "processing"), message)
        }
        XCTAssertEqual(try state("error", "No face found"), .failed(code: nil, message: "No face found"))
        XCTAssertEqual(
            try state("error", "No face found, credits refunded"),
            .failed(code: nil, message: "No face found, credits refunded")
        )
        XCTAssertEqual(try state("failed", "Try again"), .failed(code: nil, message: "Try again"))
    }

    func testJobIDInErrorResponseIsKept() async throws {
        for body in [
            #"{"status":"error","id":7,"message":"Still processing, try again later"}"#,
            #"{"status":"error","id":7,"message":"Server overloaded"}"#,
            #"{"status":"error","message":"Try again in 10 seconds","fetch_result":"https://modelslab.com/api/v6/fetch/7"}"#,
        ] {
            mock.on("POST", create, response: .json(body))
            let job = try await clients.modelsLab().headshots.submit(remote)
            XCTAssertEqual(job.id, "7", body)
        }
    }

    func testCreateDuringServiceErrorIsUnconfirmed() async throws {
        for message in ["Internal server error", "Try again"] {
            mock.on("POST", create, response: .json(#"{"status":"error","message":"\#(message)"}"#))
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.submission, .unconfirmed, message)
        }
        mock.on("POST", create, response: .json(#"{"status":"processing","id":"","output":[]}"#))
        let error = try await failure { try await generate() }
        XCTAssertEqual(error.submission, .unconfirmed, "A job without an id cannot be polled.")
    }

    func testTextInPlaceOfFileIsNotDelivered() async throws {
        for output in [#"[""]"#, #"["pending"]"#, #"["/x.png"]"#, "null", "[[], null]", #"" ""#] {
            let response = MockTransport.Response.json(#"{"status":"success","id":123,"output":\#(output)}"#)
            mock.on("POST", create, response: response)
            mock.on("POST", fetch, times: 0...12, response: response)
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.code, .invalidResponse, output)
            XCTAssertEqual(error.job?.id, "123", output)
            XCTAssertEqual(try clients.filesInDirectory(), [], output)
        }
    }

    func testErrorForJobWithoutIDDoesNotSuggestResuming() async throws {
        mock.on("POST", create, response: .json(#"{"status":"success","output":["https://out.example/1.png"]}"#))
        mock.on("GET", "/1.png", times: 6, response: .status(500))
        let error = try await failure { try await generate() }
        XCTAssertFalse(error.description.lowercased().contains("resume it"), error.description)
        let job = try XCTUnwrap(error.job)
        let later = try await failure { try await clients.modelsLab().headshots.resume(job, options: clients.options) }
        XCTAssertEqual(later.code, .notFound)
        XCTAssertTrue(later.description.contains("Check the account's library."), later.description)
    }

    func testRejectedURLIsRedacted() async throws {
        mock.on(
            "POST",
            create,
            response: .json(#"{"status":"success","id":123,"output":["http://out.example/s3cr3t-name.png"]}"#)
        )
        let error = try await failure { try await generate() }
        var dumped = ""
        dump(error, to: &dumped)
        XCTAssertFalse((error.description + dumped).contains("s3cr3t"), dumped)
    }

    func testImmediatelyCompleteJobIsNotPolled() async throws {
        mock.on(
            "POST",
            create,
            response: .json(
                #"{"status":"success","generationTime":1.2,"id":"123","output":["https://out.example/1.png"],"proxy_links":[],"meta":{"W":512}}"#
            )
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let result = try await generate()
        XCTAssertEqual(result.project.generationTimeSeconds, 1.2)
        XCTAssertEqual(result.project.meta?["W"]?.number, 512)
        XCTAssertEqual(clients.delays, [])
    }

    func testKeyIsNotSentToFetchURLOnAnotherHost() async throws {
        mock.on(
            "POST",
            create,
            response: .json(
                #"{"status":"processing","eta":"1","fetch_result":"https://evil.example/api/v6/image_editing/fetch/9","id":123}"#
            )
        )
        mock.on(
            "POST",
            "//modelslab.com\(fetch)",
            response: .json(#"{"status":"success","output":"https://out.example/1.png"}"#)
        )
        mock.on("GET", "/1.png", response: .data(pngBytes))
        _ = try await generate()
    }

    func testErrorThatAsksToTryAgainIsProcessingJob() async throws {
        mock.on("POST", create, response: .json(#"{"status":"processing","id":123,"eta":2.5}"#))
        mock.on(
            "POST",
            fetch,
            response: .json(#"{"status":"error","messege":"Request processing, try to fetch again after 10 seconds"}"#)
        )
        mock.on("POST", fetch, response: .json(#"{"status":"success","output":"https://out.example/1.png"}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let result = try await generate()
        XCTAssertEqual(result.files.count, 1)
    }

    func testFailedJobErrorNamesReason() async throws {
        for json in [
            #"{"status":"error","message":"No face found"}"#, #"{"status":"failed","messege":"No face found"}"#,
            #"{"status":"error","message":{"face_image":["No face found"]}}"#,
        ] {
            mock.on("POST", create, response: .json(#"{"status":"processing","id":123}"#))
            mock.on("POST", fetch, response: .json(json))
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.code, .jobFailed)
            XCTAssertTrue(error.message.contains("No face found"), error.message)
            XCTAssertEqual(error.job?.id, "123")
        }
    }

    func testRejectionWithStatus200IsRejection() async throws {
        let cases: [(String, HeadshotKitError.Code)] = [
            (#"{"status":"error","message":"Invalid API key ml-secret"}"#, .unauthorized),
            (#"{"status":"error","message":"You do not have enough credits"}"#, .insufficientCredits),
            (#"{"status":"error","message":"Your wallet balance is too low"}"#, .insufficientCredits),
            (#"{"status":"error","messege":"Rate limit exceeded, try again after 10 seconds"}"#, .rateLimited),
            (#"{"status":"error","message":{"width":["must be at most 512"]}}"#, .invalidRequest),
            (#"{"status":"failed","message":"nope"}"#, .invalidRequest),
            (#"{"status":"failed","message":"nope","id":0}"#, .invalidRequest),
        ]
        for (json, code) in cases {
            mock.on("POST", create, response: .json(json))
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.code, code, json)
            XCTAssertFalse(error.description.contains("ml-secret"))
            XCTAssertNil(error.job)
        }
    }

    func testJobThatFailsImmediatelyIsReportedAsJob() async throws {
        let clock = ManualClock(autoAdvancingSleepsUpTo: .seconds(60))
        var behavior = SimulatedService.Configuration()
        behavior.queueDuration = .zero
        behavior.jobDuration = .zero
        let service = SimulatedService(configuration: behavior, clock: clock)
        let configuration = ClientConfiguration(transport: service, clock: clock)
        let headshots = try ModelsLab(apiKey: behavior.modelsLabKey, configuration: configuration).headshots
        let request = ModelsLab.HeadshotRequest(prompt: "no-face", faceImage: .data(SampleMedia.portraitPNG()))
        let error = try await failure { try await headshots.generate(request, options: clients.options) }
        XCTAssertEqual(error.code, .jobFailed)
        XCTAssertEqual(error.submission, try .accepted(XCTUnwrap(error.job)))
        XCTAssertEqual(service.ledger.map(\.kind), [.charge, .refund])
        XCTAssertFalse(error.description.contains("Nothing was charged"), error.description)
    }

    func testServerErrorWithStatus200LeavesCreateUnconfirmed() async throws {
        for fields in [
            #""status":"failed","message":"Image generation failed, please try again""#,
            #""status":"failed","message":"Request timed out""#,
            #""status":"error","message":"The load balancer got no answer: upstream too slow""#,
            #""status":"error","message":"Server error. Your credits are refunded, allow some minutes for it.""#,
            #""status":"error","message":"Time limit exceeded while generating""#,
            #""status":"error","message":"Server is busy""#,
            #""status":"error","message":"Gateway time-out""#,
            #""status":"error","message":"Bad gateway""#,
            #""status":"error""#,
            #""status":"error","message":"Internal server error: no response from wallet service""#,
            #""status":"error","message":"Something went wrong while deducting your credits. Please try again later.""#,
            #""status":"error","message":"Still processing, try again in 20 seconds. Upgrade your subscription.""#,
            #""status":"error","message":"Failed, your credits are refunded""#,
            #""status":"error","id":0,"message":"Server overloaded""#,
            #""status":"error","message":"Server overloaded","fetch_result":"https://modelslab.com/api/v6/fetch/""#,
            #""status":"error","message":"Server overloaded","fetch_result":"https://modelslab.com/""#,
        ] {
            mock.on("POST", create, response: .json("{\(fields)}"))
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.submission, .unconfirmed, fields)
        }
    }

    func testResponseWithIDIsJobWhateverItsStatus() async throws {
        for message in [
            "Still processing, try to fetch again after 20 seconds. Upgrade your subscription for a faster queue.",
            "Too many requests in the queue, yours is still processing, fetch it again after 20 seconds",
            "Your credits were taken but no image came yet", "Invalid API key", "Insufficient credits", "nope",
        ] {
            mock.on("POST", create, response: .json(#"{"status":"error","id":123,"message":"\#(message)"}"#))
            let job = try await clients.modelsLab().headshots.submit(remote)
            XCTAssertEqual(job.id, "123", message)
        }
        mock.on(
            "POST",
            create,
            response: .json(#"{"status":"failed","id":123,"message":"Server overloaded, try later"}"#)
        )
        mock.on("POST", fetch, response: .json(#"{"status":"success","output":"https://out.example/1.png"}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let files = try await generate().files
        XCTAssertEqual(files.count, 1)
    }

    func testOnlyTerminalFailureEndsPaidJob() async throws {
        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        let cases: [(String, HeadshotKitError.Code, polls: Int, left: Int)] = [
            (#""status":"error","message":"Server is busy""#, .deadlineExceeded, 3_000, 1),
            (#""status":"error","message":"The flux capacitor is misaligned""#, .deadlineExceeded, 3_000, 1),
            (#""status":"error""#, .deadlineExceeded, 3_000, 1),
            (#""status":"error","message":"Request not found""#, .notFound, 3_000, 1),
            (#""status":"error","message":"Unauthenticated.""#, .unauthorized, 1, 1),
            (#""status":"error","message":"No face found""#, .jobFailed, 1, 0),
            (#""status":"failed","message":"Something went wrong while generating the image""#, .jobFailed, 1, 0),
            (#""status":"failed","message":"Out of memory, credits refunded""#, .jobFailed, 1, 0),
            (#""status":"failed","message":"Invalid API key""#, .unauthorized, 1, 1),
            (#""status":"failed","message":"Rate limit exceeded""#, .deadlineExceeded, 3_000, 1),
            (#""status":"failed","message":"Insufficient credits""#, .insufficientCredits, 1, 1),
            (
                #""status":"failed","message":"Internal server error, please try again later""#, .deadlineExceeded,
                3_000,
                1
            ),
            (#""status":"error","message":"Face not found in the image""#, .jobFailed, 1, 0),
            (#""status":"error","message":"Could not detect a face""#, .jobFailed, 1, 0),
            (#""status":"error","message":"Generation failed. No credits were deducted.""#, .jobFailed, 1, 0),
            (#""status":"error","message":"Safety checker blocked the image""#, .jobFailed, 1, 0),
            (#""status":"error","message":"Your credits are refunded, no image""#, .jobFailed, 1, 0),
        ]
        for (response, code, polls, left) in cases {
            let mock = MockTransport()
            var configuration = TestClients().configuration
            configuration.transport = mock
            configuration.jobStore = store
            let headshots = try ModelsLab(apiKey: "ml-secret", configuration: configuration).headshots
            mock.on("POST", create, response: .json(#"{"status":"processing","id":123,"eta":5,"output":[]}"#))
            mock.on("POST", fetch, times: polls, response: .json("{\(response)}"))
            let error = try await failure { try await headshots.generate(remote, options: clients.options) }
            XCTAssertEqual(error.code, code, response)
            let records = try await store.records()
            XCTAssertEqual(records.count, left, response)
            for record in records { try await store.remove(record.id) }
            if polls == 1 { try mock.verify() }
        }
    }

    func testResponseWithoutIDLeavesCreateUnconfirmed() async throws {
        for json in [#"{"status":"processing","eta":5}"#, "{}", "[]", "null", ""] {
            mock.on("POST", create, response: .json(json))
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.code, .submissionUnconfirmed, json)
        }
    }

    func testFullQueueIsRetriedAfterDelayOfResponseBody() async throws {
        mock.on(
            "POST",
            create,
            response: .json(#"{"status":"error","message":"Queue full","retry_after":7}"#, status: 429)
        )
        mock.on("POST", create, response: .json(#"{"status":"success","id":1,"output":"https://out.example/1.png"}"#))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        _ = try await generate()
        XCTAssertEqual(clients.delays, [.seconds(7)])
    }

    func testBase64OutputsAreSavedAsImages() async throws {
        let text = pngBytes.base64EncodedString()
        mock.on(
            "POST",
            create,
            response: .json(
                #"{"status":"success","id":123,"output":["https://out.example/1.base64","data:image/png;base64,\#(text)"]}"#
            )
        )
        mock.on("GET", "/1.base64", response: .data(Data(text.utf8)))
        let result = try await generate()
        XCTAssertEqual(result.files.map(\.lastPathComponent), ["headshot-123-1.png", "headshot-123-2.png"])
        for file in result.files { XCTAssertEqual(try Data(contentsOf: file), pngBytes) }
        XCTAssertEqual(try clients.filesInDirectory().count, 2)
    }

    func testExpiredURLCannotBeRenewed() async throws {
        mock.on(
            "POST",
            create,
            response: .json(#"{"status":"success","id":123,"output":["https://out.example/1.png"]}"#)
        )
        // Each attempt sends a request with a range and one without.
        mock.on("GET", "/1.png", times: 12, response: .status(403))
        let error = try await failure { try await generate() }
        XCTAssertEqual(error.code, .linkExpired)
        XCTAssertTrue(error.description.contains("ModelsLab does not renew its URLs."), error.description)
        XCTAssertEqual(error.job?.id, "123")
    }

    func testEnterpriseURLIsUsedAsBaseURL() async throws {
        mock.on(
            "POST",
            "/api/v1/enterprise/image_editing/head_shot",
            response: .json(#"{"status":"processing","id":1}"#)
        )
        let client = try ModelsLab(
            apiKey: "k",
            baseURL: URL(string: "https://modelslab.com/api/v1/enterprise/"),
            configuration: clients.configuration
        )
        let created = try await client.headshots.create(remote)
        XCTAssertEqual(created.status, .processing)
    }

    func testAllRequestFieldsAreEncodedUnderTheirWireNames() async throws {
        mock.on("POST", create, response: .json(#"{"status":"processing","id":1}"#))
        _ = try await clients.modelsLab().headshots.create(
            .init(
                prompt: "p",
                faceImage: "https://a.example/f.png",
                negativePrompt: "n",
                width: 512,
                height: 768,
                samples: 2,
                numInferenceSteps: 31,
                guidanceScale: 7.5,
                sScale: 1,
                seed: 9,
                style: .threeD,
                safetyChecker: true,
                safetyCheckerType: .sensitiveContentText,
                base64: false,
                webhook: "https://a.example/hook",
                trackID: 4
            )
        )
        XCTAssertEqual(
            clients.body(0),
            """
            {"base64":false,"face_image":"https://a.example/f.png","guidance_scale":7.5,"height":768,"key":"ml-secret",\
            "negative_prompt":"n","num_inference_steps":31,"prompt":"p","s_scale":1,"safety_checker":true,\
            "safety_checker_type":"sensitive_content_text","samples":2,"seed":9,"style":"3d","track_id":4,\
            "webhook":"https://a.example/hook","width":512}
            """
        )
    }
}
