import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Services that need time until they find a job, list its outputs or recover from a failure.
final class EventualConsistencyTests: MockTestCase {
    private let create = "/v1/ai-headshot-generator"
    private let poll = "/v1/image-projects/a"
    private let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "api-assets/a.png"))
    private let complete = MockTransport.Response.json(
        #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#
    )
    private let modelsLabRequest = ModelsLab.HeadshotRequest(prompt: "p", faceImage: "https://a.example/f.png")
    private let modelsLabCreate = "/api/v6/image_editing/head_shot"
    private let fetch = "/api/v6/image_editing/fetch/7"

    private func handle(age seconds: TimeInterval) -> JobHandle {
        JobHandle(
            service: .magicHour,
            operation: "ai-headshot-generator",
            id: "a",
            createdAt: Date(timeIntervalSinceNow: -seconds)
        )
    }

    private func generate() async throws -> Int {
        mock.on("GET", "/1.png", times: 0...1, response: .data(pngBytes))
        return try await clients.magicHour().headshots.generate(request, options: clients.options).files.count
    }

    private func generateWithModelsLab() async throws -> Int {
        mock.on("GET", "/1.png", times: 0...1, response: .data(pngBytes))
        let headshots = try clients.modelsLab().headshots
        return try await headshots.generate(modelsLabRequest, options: clients.options).files.count
    }

    func testRecentJobThatIsNotFoundIsPolledAgain() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        mock.on("GET", poll, response: .json(#"{"code":"not_found","message":"Not Found"}"#, status: 404))
        mock.on("GET", poll, times: 4, response: .status(404))
        mock.on("GET", poll, response: complete)
        let count = try await generate()
        XCTAssertEqual(count, 1)
        mock.on("POST", modelsLabCreate, response: .json(#"{"status":"processing","id":7}"#))
        mock.on("POST", fetch, times: 2, response: .json(#"{"status":"error","message":"Request not found"}"#))
        mock.on("POST", fetch, response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#))
        let second = try await generateWithModelsLab()
        XCTAssertEqual(second, 1)
    }

    func testRecentJobThatStaysUnknownIsNotFoundAfterTwoMinutes() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        mock.on("GET", poll, times: 1...1_000, response: .status(404))
        let error = try await failure { try await generate() }
        XCTAssertEqual(error.code, .notFound)
        XCTAssertEqual(error.job?.id, "a")
        XCTAssertGreaterThan(clients.delays.reduce(.zero, +), .seconds(100))
    }

    func testOldUnknownJobIsNotFoundImmediatelyUnlessStoreHasRecord() async throws {
        mock.on("GET", poll, times: 1, response: .status(404))
        let error = try await failure {
            try await clients.magicHour().headshots.resume(handle(age: 500), options: clients.options)
        }
        XCTAssertEqual(error.code, .notFound)

        let store = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        var configuration = clients.configuration
        configuration.jobStore = store
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        var record = JobRecord(
            service: .magicHour,
            operation: "ai-headshot-generator",
            request: [:],
            directory: clients.directory
        )
        record.state = .accepted
        record.job = handle(age: 5_000)
        try await store.save(record)
        mock.on("GET", poll, times: 3, response: .status(404))
        mock.on("GET", poll, response: complete)
        mock.on("GET", "/1.png", times: 0...1, response: .data(pngBytes))
        let result = try await headshots.resume(handle(age: 5_000), options: clients.options)
        XCTAssertEqual(result.files.count, 1)
    }

    func testOutputsMayFollowCompleteStatus() async throws {
        let bodies = [
            #"{"id":"a","status":"complete","downloads":[]}"#, #"{"id":"a","status":"complete","downloads":null}"#,
            #"{"id":"a","status":"complete"}"#, #"{"id":"a","status":"complete","downloads":[null]}"#,
            #"{"id":"a","status":"complete","downloads":[{"url":""}]}"#,
            #"{"id":"a","status":"COMPLETE","downloads":{}}"#,
        ]
        for body in bodies {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            mock.on("GET", poll, times: 2, response: .json(body))
            mock.on("GET", poll, response: complete)
            let count = try await generate()
            XCTAssertEqual(count, 1, body)
        }
        for output in ["[]", "null", #""""#, "[null]", "[[]]", "{}"] {
            mock.on("POST", modelsLabCreate, response: .json(#"{"status":"success","id":7,"output":\#(output)}"#))
            mock.on("POST", fetch, times: 2, response: .json(#"{"status":"success","id":7,"output":\#(output)}"#))
            mock.on(
                "POST",
                fetch,
                response: .json(#"{"status":"success","id":7,"output":["https://o.example/1.png"]}"#)
            )
            let count = try await generateWithModelsLab()
            XCTAssertEqual(count, 1, output)
        }
    }

    func testMissingOutputsAfterOneMinuteKeepJob() async throws {
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        mock.on("GET", poll, times: 1...100, response: .json(#"{"id":"a","status":"complete","downloads":[]}"#))
        let error = try await failure { try await generate() }
        XCTAssertEqual(error.code, .invalidResponse)
        XCTAssertEqual(error.job?.id, "a")
        XCTAssertFalse(error.isTerminal)
        XCTAssertTrue((.seconds(60) ... .seconds(80)).contains(clients.delays.reduce(.zero, +)), "\(clients.delays)")
    }

    func testFaceDetectionWithoutFacesCompletesImmediately() async throws {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f"}"#))
        mock.on("GET", "/v1/face-detection/f", response: .json(#"{"id":"f","status":" Complete ","faces":[]}"#))
        let faces = try clients.magicHour().faceDetection
        let result = try await faces.generate(
            .init(assets: .init(targetFilePath: "api-assets/a.png")),
            options: clients.options
        )
        XCTAssertEqual(result.files, [])
    }

    func testResponseAboutAnotherJobIsPolledAgain() async throws {
        let others = [
            #"{"id":"b","status":"complete","downloads":[{"url":"https://o.example/other.png"}]}"#,
            #"{"id":"b","status":"error"}"#,
            #"{"id":"b","status":"queued","enabled":false}"#, #"{"id":"b","status":"canceled"}"#,
        ]
        for other in others {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            mock.on("GET", poll, times: 2, response: .json(other))
            mock.on("GET", poll, response: complete)
            let count = try await generate()
            XCTAssertEqual(count, 1, other)
        }
        for other in [
            #"{"status":"success","id":8,"output":["https://o.example/8.png"]}"#,
            #"{"status":"failed","id":"8","message":"No face"}"#,
        ] {
            mock.on("POST", modelsLabCreate, response: .json(#"{"status":"processing","id":7}"#))
            mock.on("POST", fetch, times: 2, response: .json(other))
            mock.on(
                "POST",
                fetch,
                response: .json(#"{"status":"success","id":"7","output":["https://o.example/1.png"]}"#)
            )
            let count = try await generateWithModelsLab()
            XCTAssertEqual(count, 1, other)
        }
    }

    func testFreeJobFailsAfterEightFailedPollsAndPaidJobDoesNot() async throws {
        mock.on("POST", "/v1/face-detection", response: .json(#"{"id":"f"}"#))
        mock.on("GET", "/v1/face-detection/f", times: 8, response: .status(500))
        let faces = try clients.magicHour().faceDetection
        let error = try await failure {
            try await faces.generate(.init(assets: .init(targetFilePath: "api-assets/a.png")), options: clients.options)
        }
        XCTAssertEqual(error.code, .serverError)
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        mock.on("GET", poll, times: 20, response: .status(503))
        mock.on("GET", poll, response: complete)
        let count = try await generate()
        XCTAssertEqual(count, 1)
        XCTAssertEqual(clients.delays.max(), .seconds(15))
    }

    func testStatusIsComparedWithoutCaseAndWhitespace() async throws {
        for status in ["Complete", "COMPLETE", " complete\\n"] {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            let done = #"{"id":"a","status":"\#(status)","downloads":[{"url":"https://o.example/1.png"}]}"#
            mock.on("GET", poll, response: .json(done))
            let count = try await generate()
            XCTAssertEqual(count, 1, status)
        }
        for status in ["Success", "SUCCESS", "\\tsuccess "] {
            let done = #"{"status":"\#(status)","id":7,"output":["https://o.example/1.png"]}"#
            mock.on("POST", modelsLabCreate, response: .json(done))
            let count = try await generateWithModelsLab()
            XCTAssertEqual(count, 1, status)
        }
        for status in ["Error", "FAILED", " failed"] {
            mock.on(
                "POST",
                modelsLabCreate,
                response: .json(#"{"status":"\#(status)","message":"prompt is required"}"#)
            )
            let error = try await failure { try await generateWithModelsLab() }
            XCTAssertEqual(error.code, .invalidRequest, status)
        }
    }

    func testFailureReasonIsQuotedFromEveryShape() async throws {
        let bodies = [
            #""error":"GPU died""#, #""error":{"message":"GPU died"}"#, #""error":{"messege":"GPU died"}"#,
            #""error":["GPU died"]"#,
            #""error":{"message":"","detail":"GPU died"}"#, #""error":{"reason":"GPU died"}"#,
            #""error":null,"message":"GPU died""#,
            #""error":"","detail":"GPU died""#, #""errors":["GPU died"]"#,
            #""error":{"code":"gpu","message":["GPU died"]}"#,
        ]
        for body in bodies {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            mock.on("GET", poll, response: .json(#"{"id":"a","status":"error",\#(body)}"#))
            let error = try await failure { try await generate() }
            XCTAssertEqual(error.code, .jobFailed, body)
            XCTAssertTrue(error.message.contains("“GPU died”"), "\(body): \(error.message)")
            XCTAssertTrue(error.description.contains("Magic Hour refunds failed jobs."), error.description)
        }
        for body in [
            #""message":"","messege":"No face found in image""#, #""message":" ","error":"No face found in image""#,
        ] {
            mock.on("POST", modelsLabCreate, response: .json(#"{"status":"processing","id":7}"#))
            mock.on("POST", fetch, response: .json(#"{"status":"error",\#(body)}"#))
            let error = try await failure { try await generateWithModelsLab() }
            XCTAssertEqual(error.code, .jobFailed, body)
            XCTAssertTrue(error.message.contains("“No face found in image”"), error.message)
        }
    }

    func testJobIDIsDecodedFromIncompleteJSON() async throws {
        let modelsLab = [
            #"{"status":"processing","eta":Infinity,"id":7,"output":[]}"#,
            #"{"status":"processing","eta":NaN,"id":"7","output":[],}"#,
            "<br />\n<b>Warning</b>: foo() in a.php on line 1<br />\n{\"status\":\"processing\",\"id\":7}",
            "\u{FEFF}{\"status\":\"processing\",\"id\":7}", #"{"status":"processing","id":7,"output":["https://o.exa"#,
            #"{"id":7,"status":"processing","meta":{"prompt":"x"#, "  \n{\"status\":\"processing\",\"id\":7}\n\n",
            #"{"status":"Processing","data":{"id":7}}"#,
        ]
        for body in modelsLab {
            mock.on("POST", modelsLabCreate, response: .data(Data(body.utf8)))
            let job = try await clients.modelsLab().headshots.submit(modelsLabRequest)
            XCTAssertEqual(job.id, "7", body)
        }
        let magicHour = [
            #"{"id":"a","credits_charged":NaN}"#, #"{"credits_charged":50,"id":"a","frame_c"#, #"{"id":"a",}"#,
            "Notice: x\n{\"id\":\"a\"}", #"{"data":{"id":"a","credits_charged":50}}"#, #"{"id":"a","name":"x"#,
        ]
        for body in magicHour {
            mock.on("POST", create, response: .data(Data(body.utf8)))
            let job = try await clients.magicHour().headshots.submit(request)
            XCTAssertEqual(job.id, "a", body)
        }
        for body in [
            #"{"id":"a"#, #"{"id":12"#, "<script>{\"id\":\"a\"}</script>", #"{"id":null}"#, #"{"id":" "}"#,
            #"{"x":{"id":"a"}}"#,
            "<html><script>var x = {\"id\":\"a\", y: 1}</script>",
        ] {
            mock.on("POST", create, response: .data(Data(body.utf8)))
            let error = try await failure { try await clients.magicHour().headshots.submit(request) }
            XCTAssertEqual(error.code, .submissionUnconfirmed, body)
        }
    }

    func testProjectLargerThanOneMegabyteIsRejectedAndPolledAgain() async throws {
        let million = 1 << 20
        for body in [
            "[" + String(repeating: "1,", count: 2 * million) + "1]",
            #"{"id":"a","pad":""# + String(repeating: "x", count: million) + #""}"#,
            String(repeating: "[", count: 400),
        ] {
            mock.on("POST", create, response: .json(#"{"id":"a"}"#))
            mock.on("GET", poll, response: .data(Data(body.utf8)))
            mock.on("GET", poll, response: complete)
            let count = try await generate()
            XCTAssertEqual(count, 1)
        }
        let api = try clients.magicHour().api
        let call = APICall(context: CallContext(operation: "x"), path: "/x")
        let large = TransportResponse(status: 200, body: Data(repeating: 0x20, count: million + 1))
        XCTAssertThrowsError(try api.decode(MagicHour.ImageProject.self, from: large, of: call)) { error in
            XCTAssertTrue("\(error)".contains("It is 1048577 bytes long; at most 1048576 are read."), "\(error)")
        }
    }
}
