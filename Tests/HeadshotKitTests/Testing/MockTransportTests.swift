import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

final class MockTransportTests: XCTestCase {
    private let mock = MockTransport()

    private func request(
        _ method: String = "GET",
        _ url: String = "https://api.example.com/v1/jobs/7?full=1",
        body: TransportRequest.Body = .none
    ) throws -> TransportRequest {
        TransportRequest(method: method, url: try XCTUnwrap(URL(string: url)), body: body)
    }

    func testStubsOfOnePathAreUsedOnceInOrder() async throws {
        mock.on("GET", "/v1/jobs/7", response: .json(#"{"status":"queued"}"#))
        mock.on("GET", "/v1/jobs/7", response: .json(#"{"status":"complete"}"#, headers: ["X-Request-Id": "r2"]))
        let first = try await mock.send(request())
        let second = try await mock.send(request())
        XCTAssertEqual(first.body, Data(#"{"status":"queued"}"#.utf8))
        XCTAssertEqual(first.headers["content-type"], "application/json")
        XCTAssertEqual(second.body, Data(#"{"status":"complete"}"#.utf8))
        XCTAssertEqual(second.headers["x-request-id"], "r2")
        try mock.verify()
    }

    func testStubWithRangeFailsVerificationBelowLowerBound() async throws {
        mock.on("GET", "/v1/jobs/7", times: 2...3, response: .status(200))
        _ = try await mock.send(request())
        XCTAssertThrowsError(try mock.verify()) { error in
            XCTAssertEqual("\(error)", "Stubs that no request used:\n  GET /v1/jobs/7")
        }
        _ = try await mock.send(request())
        try mock.verify()
    }

    func testStubWithRangeMatchesNoRequestAboveUpperBound() async throws {
        mock.on("GET", "/v1/jobs/7", times: 0...1, response: .status(200))
        try mock.verify()
        _ = try await mock.send(request())
        let error = await thrown(by: { try await self.mock.send(self.request()) })
        XCTAssertTrue("\(String(describing: error))".contains("no stub is left"), "\(String(describing: error))")
        XCTAssertThrowsError(try mock.verify())
    }

    func testStubForHostOrBodySkipsOtherRequests() async throws {
        mock.on("POST", "//a.example.com/v1/jobs", response: .status(201))
        mock.on("POST", "/v1/jobs", bodyMatches: { $0 == Data(#"{"n":1}"#.utf8) }, response: .status(202))
        mock.on("POST", "/v1/jobs", response: .status(203))
        let url = "https://b.example.com/v1/jobs"
        let other = try await mock.send(request("POST", url, body: .data(Data(#"{"n":2}"#.utf8))))
        let body = try await mock.send(request("POST", url, body: .data(Data(#"{"n":1}"#.utf8))))
        let host = try await mock.send(request("POST", "https://a.example.com/v1/jobs"))
        XCTAssertEqual([other.status, body.status, host.status], [203, 202, 201])
    }

    func testUnmatchedRequestFailsAndIsReportedWithUnusedStubs() async throws {
        mock.on("POST", "/v1/jobs", response: .status(200))
        do {
            _ = try await mock.send(request())
            XCTFail("The unmatched request received a response.")
        } catch let failure as MockTransport.Failure {
            XCTAssertEqual(
                failure.description,
                "No stub matches GET //api.example.com/v1/jobs/7. The stubs left are:\n  POST /v1/jobs"
            )
        }
        XCTAssertThrowsError(try mock.verify()) { error in
            XCTAssertEqual(
                error.localizedDescription,
                """
                Requests that no stub matched:
                  GET //api.example.com/v1/jobs/7
                Stubs that no request used:
                  POST /v1/jobs
                """
            )
        }
    }

    func testRecordedRequestKeepsBodyAfterFileIsRemoved() async throws {
        let file = temporaryFile()
        try Data("photo".utf8).write(to: file)
        mock.on("PUT", "/upload", response: .status(200))
        let progress = Recorder<TransferProgress>()
        let put = try request("PUT", "https://storage.example.com/upload", body: .file(file))
        _ = try await mock.send(put) { progress.append($0) }
        XCTAssertEqual(try put.bodyData(), Data("photo".utf8))
        try FileManager.default.removeItem(at: file)
        XCTAssertEqual(mock.requests, [put])
        XCTAssertEqual(mock.bodies, [Data("photo".utf8)])
        XCTAssertEqual(progress.values, [TransferProgress(completed: 5, total: 5)])
    }

    func testStubThrowsGivenError() async throws {
        mock.on(
            "GET",
            "/v1/jobs/7",
            response: .failure(TransportError(.notConnected, "refused", mayHaveBeenReceived: false))
        )
        do {
            _ = try await mock.send(request())
            XCTFail("The error was not thrown.")
        } catch let error as TransportError {
            XCTAssertEqual(error.kind, .notConnected)
            XCTAssertFalse(error.mayHaveBeenReceived)
        }
    }

    func testDelayedResponseWaitsForClockAndHonorsCancellation() async throws {
        let clock = ManualClock()
        let mock = MockTransport(clock: clock)
        mock.on("GET", "/v1/jobs/7", times: 2, response: .status(200).delayed(by: .seconds(5)))
        let request = try request()
        let first = Task { try await mock.send(request) }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(5))
        let status = try await first.value.status
        XCTAssertEqual(status, 200)
        let second = Task { try await mock.send(request) }
        await clock.waitForSleepers()
        second.cancel()
        await assertCanceled(second)
    }

    func testRequestWithoutResponseEndsWhenTaskIsCanceled() async throws {
        mock.on("GET", "/v1/jobs/7", response: .never)
        let request = try request()
        let task = Task { [mock] in try await mock.send(request) }
        try await eventually(!mock.requests.isEmpty)
        task.cancel()
        await assertCanceled(task)
    }

    func testResponseLargerThanLimitIsError() async throws {
        mock.on("GET", "/v1/jobs/7", response: .json("[1,2,3]"))
        var request = try request()
        request.maximumResponseBytes = 3
        do {
            _ = try await mock.send(request)
            XCTFail("The too large response was returned.")
        } catch let error as TransportError {
            XCTAssertEqual(error.kind, .responseTooLarge)
        }
    }

    func testDownloadReplacesOn200AppendsOn206AndKeepsFileOtherwise() async throws {
        let file = temporaryFile()
        try Data("old".utf8).write(to: file)
        mock.on("GET", "/v1/jobs/7", response: .data(Data("hello".utf8)))
        mock.on("GET", "/v1/jobs/7", response: .json(#"{"message":"no"}"#, status: 403))
        let range: TransportHeaders = ["Content-Range": "bytes 5-10/11"]
        mock.on("GET", "/v1/jobs/7", response: .data(Data(" world".utf8), status: 206, headers: range))
        let progress = Recorder<TransferProgress>()
        let whole = try await mock.download(request(), to: file) { progress.append($0) }
        XCTAssertEqual(whole.body, Data())
        XCTAssertEqual(progress.values, [TransferProgress(completed: 5, total: 5)])
        XCTAssertEqual(try Data(contentsOf: file), Data("hello".utf8))
        let rejected = try await mock.download(request(), to: file, onProgress: nil)
        XCTAssertEqual(rejected.body, Data(#"{"message":"no"}"#.utf8))
        XCTAssertEqual(try Data(contentsOf: file), Data("hello".utf8))
        _ = try await mock.download(request(), to: file, onProgress: nil)
        XCTAssertEqual(try Data(contentsOf: file), Data("hello world".utf8))
    }

    func testPartThatDoesNotStartAtEndOfFileIsRejected() async throws {
        let file = temporaryFile()
        try Data("hel".utf8).write(to: file)
        let range: TransportHeaders = ["Content-Range": "bytes 5-10/11"]
        mock.on("GET", "/v1/jobs/7", response: .data(Data(" world".utf8), status: 206, headers: range))
        do {
            _ = try await mock.download(request(), to: file, onProgress: nil)
            XCTFail("The part was written.")
        } catch let error as TransportError {
            XCTAssertEqual(error.kind, .invalidResponse)
        }
        XCTAssertEqual(try Data(contentsOf: file), Data("hel".utf8))
    }

    func testFirstPartOfDownloadCreatesFile() async throws {
        let file = temporaryFile()
        let range: TransportHeaders = ["Content-Range": "bytes 0-4/11"]
        mock.on("GET", "/v1/jobs/7", response: .data(Data("hello".utf8), status: 206, headers: range))
        _ = try await mock.download(request(), to: file, onProgress: nil)
        XCTAssertEqual(try Data(contentsOf: file), Data("hello".utf8))
    }

    func testInterruptedDownloadKeepsReceivedBytes() async throws {
        let file = temporaryFile()
        mock.on("GET", "/v1/jobs/7", response: .data(Data("hello world".utf8)).broken(after: 5))
        do {
            _ = try await mock.download(request(), to: file, onProgress: nil)
            XCTFail("The connection did not break.")
        } catch let error as TransportError {
            XCTAssertEqual(error.kind, .connectionLost)
        }
        XCTAssertEqual(try Data(contentsOf: file), Data("hello".utf8))
    }

    func testDownloadIntoMissingDirectoryIsFileSystemError() async throws {
        mock.on("GET", "/v1/jobs/7", response: .data(Data("hello".utf8)))
        do {
            let file = temporaryFile().appendingPathComponent("file")
            _ = try await mock.download(request(), to: file, onProgress: nil)
            XCTFail("A file was written into a missing directory.")
        } catch let error as TransportError {
            XCTAssertEqual(error.kind, .fileSystem)
        }
    }
}
