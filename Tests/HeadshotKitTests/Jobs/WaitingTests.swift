import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class WaitingTests: MockTestCase {
    private let path = "/v1/image-projects/a"
    private let done = MockTransport.Response.json(#"{"id":"a","status":"complete","downloads":[]}"#)

    private func wait(deadline: Duration = .seconds(900)) async throws -> MagicHour.ImageProject {
        try await clients.magicHour().imageProjects.wait("a", deadline: deadline)
    }

    func testSuccessfulPollResetsFailureCount() async throws {
        for _ in 1...2 {
            mock.on("GET", path, response: .status(500))
            mock.on("GET", path, response: .failure(TransportError(.connectionLost, "lost", mayHaveBeenReceived: true)))
            mock.on("GET", path, response: .data(Data("<html>".utf8), status: 502))
            mock.on("GET", path, response: .json("{\"status\":"))
            mock.on("GET", path, response: .status(429, headers: ["Retry-After": "20"]))
            mock.on(
                "GET",
                path,
                times: 2,
                response: .failure(TransportError(.timedOut, "late", mayHaveBeenReceived: true))
            )
            mock.on("GET", path, response: .json(#"{"id":"a","status":"rendering"}"#))
        }
        mock.on("GET", path, response: done)
        _ = try await wait()
        XCTAssertEqual(
            clients.delays.prefix(7),
            [.seconds(0.5), .seconds(1), .seconds(2), .seconds(4), .seconds(20), .seconds(15), .seconds(15)]
        )
    }

    func testCompleteJobWithoutLinksIsPolledAgainEvenWithoutDownloads() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
        mock.on("GET", path, times: 2, response: done)
        mock.on(
            "GET",
            path,
            response: .json(#"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#)
        )
        let result = try await clients.magicHour().headshots.generate(
            MagicHour.HeadshotRequest(photo: "api-assets/me.png"),
            options: GenerationOptions(downloadOutputs: false)
        )
        XCTAssertEqual(result.project.downloads.map(\.url.absoluteString), ["https://o.example/1.png"])
    }

    func testCancellationErrorOfTheTransportIsAFailureOfTheRequest() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .failure(CancellationError()))
        let request = MagicHour.HeadshotRequest(photo: "api-assets/me.png")
        let error = try await failure { try await clients.magicHour().headshots.submit(request) }
        XCTAssertEqual(error.code, .submissionUnconfirmed)
        mock.on("GET", path, response: .failure(CancellationError()))
        mock.on("GET", path, response: done)
        try await assertEqual(await wait().status, .complete)
    }

    func testFailedPollsEndWaitOnlyAtDeadline() async throws {
        mock.on("GET", path, times: 1...3_000, response: .status(500))
        let error = try await failure { try await wait() }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertEqual(error.job?.id, "a")
        XCTAssertTrue(error.description.contains("Call wait again"), error.description)
        XCTAssertEqual(clients.delays.max(), .seconds(15))
    }

    func testPermanentFailureEndsWaitImmediately() async throws {
        let cases: [(Int, HeadshotKitError.Code)] = [(401, .unauthorized), (404, .notFound), (422, .invalidRequest)]
        for (status, code) in cases {
            mock.on("GET", path, response: .json(#"{"message":"Not Found"}"#, status: status))
            let error = try await failure { try await wait() }
            XCTAssertEqual(error.code, code)
            XCTAssertEqual(error.status, status)
        }
        XCTAssertEqual(clients.delays, [])
    }

    func testPollTimeoutIsTransient() async throws {
        mock.on("GET", path, times: 2, response: .status(408))
        mock.on("GET", path, response: .json(#"{"id":"a","status":"complete"}"#))
        _ = try await wait()
    }

    func testGatewayErrorDoesNotEndWait() async throws {
        mock.on("GET", path, response: .json(#"{"status":"error","message":"upstream connect error"}"#))
        mock.on("GET", path, response: .json(#"{"id":"a","status":"complete"}"#))
        _ = try await wait()
    }

    func testDeadlineErrorNamesJob() async throws {
        let clock = ManualClock()
        var configuration = clients.configuration
        configuration.clock = clock
        let magicHour = try MagicHour(apiKey: "k", configuration: configuration)
        mock.on("GET", path, times: 1...2, response: .json(#"{"id":"a","status":"rendering"}"#))
        async let outcome = failure { try await magicHour.imageProjects.wait("a", deadline: .seconds(100)) }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(100))
        let error = try await outcome
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertEqual(error.job?.id, "a")
        XCTAssertEqual(
            error.description,
            """
            Project a was not complete within 100 s. The job is a (magic-hour, image-projects). The project is not affected. Call \
            wait again.
            """
        )
    }

    func testDeadlineEndsPollWithoutResponse() async throws {
        let clients = makeClients()
        clients.mock.on("GET", path, times: 0...1, response: .never)
        async let outcome = failure { try await clients.magicHour().imageProjects.wait("a", deadline: .seconds(900)) }
        await clients.clock.waitForSleepers()
        clients.clock.advance(by: .seconds(900))
        let error = try await outcome
        XCTAssertEqual(error.code, .deadlineExceeded)
    }

    func testCanceledCallerThrowsCancellationError() async throws {
        let clients = makeClients()
        clients.mock.on("GET", path, times: 0...1, response: .never)
        let magicHour = try clients.magicHour()
        let task = Task { try await magicHour.imageProjects.wait("a") }
        await clients.clock.waitForSleepers()
        task.cancel()
        let error = await thrown { try await task.value }
        XCTAssertTrue(error is CancellationError, "\(String(describing: error))")
    }

    func testJobOfAnotherServiceIsNotResumed() async throws {
        let job = JobHandle(service: .modelsLab, operation: "head_shot", id: "1")
        let error = try await failure { try await clients.magicHour().headshots.resume(job) }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertEqual(error.job, job)
    }
}
