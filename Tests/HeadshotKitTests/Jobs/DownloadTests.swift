import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class DownloadTests: MockTestCase {
    private let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a")
    /// 9 MiB, made once and not for every test.
    private static let large = (0..<(9 << 12)).reduce(into: pngBytes) { data, _ in data.append(period) }
    private static let period = Data((0...255).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    private let window = 8 << 20

    private func stubProject(_ urls: String...) {
        let downloads = urls.map { #"{"url":"\#($0)"}"# }.joined(separator: ",")
        mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(#"{"id":"a","status":"complete","downloads":[\#(downloads)]}"#)
        )
    }

    private func part(
        _ range: Range<Int>,
        tag: String = "\"v1\"",
        more: TransportHeaders = [:]
    ) -> MockTransport.Response {
        var headers = more
        headers["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(Self.large.count)"
        headers["ETag"] = tag
        return .data(Self.large[range], status: 206, headers: headers)
    }

    private func resume() async throws -> [URL] {
        try await clients.magicHour().headshots.resume(job, options: clients.options).files
    }

    private func ranges() -> [String?] {
        mock.requests.filter { $0.url.host == "o.example" }.map { $0.headers["Range"] }
    }

    private func stubProject(url: String, expiresAt: String) {
        mock.on(
            "GET",
            "/v1/image-projects/a",
            response: .json(
                #"{"id":"a","status":"complete","downloads":[{"url":"\#(url)","expires_at":"\#(expiresAt)"}]}"#
            )
        )
    }

    func testUnchangedURLIsUsedAfterDelay() async throws {
        let delays = Locked<[Duration]>([])
        for _ in 1...2 { stubProject(url: "https://o.example/1.png", expiresAt: "2024-10-19T05:16:19.027Z") }
        mock.on("GET", "/1.png", times: 2, response: .status(403))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        _ = try await clients.magicHour().headshots.resume(job, options: clients.options) { event in
            if case .retrying(_, let delay) = event { delays.withLock { $0.append(delay) } }
        }
        XCTAssertEqual(delays.withLock { $0.count }, 1)
    }

    func testNewURLIsUsedWithoutDelay() async throws {
        stubProject(url: "https://o.example/1.png", expiresAt: "2024-10-19T05:16:19.027Z")
        stubProject(url: "https://o.example/2.png", expiresAt: "2024-10-20T05:16:19.027Z")
        mock.on("GET", "/1.png", times: 2, response: .status(403))
        mock.on("GET", "/2.png", response: .data(pngBytes))
        _ = try await clients.magicHour().headshots.resume(job, options: clients.options) { event in
            if case .retrying = event { XCTFail("The new URL was used after a delay.") }
        }
    }

    func testErrorSaysWhetherRejectedURLHasExpired() async throws {
        let rows = [
            ("2024-10-19T05:16:19.027Z", "its download URL has expired (403)."),
            ("soon", "its download URL has expired (403)."),
            (
                "2999-01-01T00:00:00.000Z",
                "the host rejected its download URL (403), which should be valid until 2999-01-01T00:00:00.000Z."
            ),
        ]
        for (expiry, reason) in rows {
            for _ in 1...7 { stubProject(url: "https://o.example/1.png", expiresAt: expiry) }
            mock.on("GET", "/1.png", times: 12, response: .status(403))
            let error = try await failure { try await resume() }
            XCTAssertEqual(error.code, .linkExpired)
            XCTAssertEqual(error.message, "Output 1 of job a could not be downloaded: \(reason)")
            XCTAssertEqual(error.advice, "Resume the job to request a new URL.")
        }
    }

    func testLargeOutputIsDownloadedInRanges() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<window))
        mock.on("GET", "/1.png", response: part(window..<Self.large.count))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
        XCTAssertEqual(ranges(), ["bytes=0-8388607", "bytes=8388608-16777215"])
        XCTAssertEqual(mock.requests.last?.headers["If-Range"], "\"v1\"")
    }

    func testFileWithoutValidatorIsRequestedWithoutRange() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: .data(pngBytes, status: 206, headers: ["Content-Range": "bytes 0-11/*"]))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), pngBytes)
        XCTAssertEqual(ranges(), ["bytes=0-8388607", nil])
    }

    func testDownloadFailsWhenHostOnlySendsPartsWithoutValidator() async throws {
        stubProject("https://o.example/1.png")
        let part = MockTransport.Response.data(pngBytes, status: 206, headers: ["Content-Range": "bytes 0-11/*"])
        mock.on("GET", "/1.png", times: 12, response: part)
        let error = try await failure { try await resume() }
        XCTAssertEqual(error.code, .invalidResponse)
        XCTAssertEqual(clients.delays.count, 5)
    }

    func testFileWithUnexpectedLengthIsNotDelivered() async throws {
        stubProject("https://o.example/1.png")
        // The first response is shorter than its Content-Length.
        let part = clients.directory.appendingPathComponent("headshot-a-1.part")
        mock.on("GET", "/1.png", response: .data(pngBytes, headers: ["Content-Length": "200"]))
        mock.on("GET", "/1.png", response: .data(pngBytes, headers: ["Content-Length": "\(pngBytes.count)"]))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), pngBytes)
        XCTAssertFalse(FileManager.default.fileExists(atPath: part.path))
    }

    func testCompressedFileIsDeliveredDespiteDifferentSize() async throws {
        stubProject("https://o.example/1.png")
        let headers: TransportHeaders = [
            "Content-Range": "bytes 0-4/5", "Content-Encoding": "gzip", "ETag": "\"x\"",
        ]
        mock.on("GET", "/1.png", response: .data(pngBytes, status: 206, headers: headers))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), pngBytes)
    }

    func testDeadlineErrorDoesNotNameRecoveredFailure() async throws {
        let clock = ManualClock()
        var configuration = clients.configuration
        configuration.clock = clock
        stubProject("https://o.example/1.png", "https://o.example/2.png")
        mock.on("GET", "/1.png", response: .status(503))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        mock.on("GET", "/2.png", times: 0...1, response: .never)
        let headshots = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration).headshots
        var options = clients.options
        options.deadline = .seconds(30)
        let saved = Locked(false)
        let task = Task { [job, options] in
            try await headshots.resume(job, options: options) { event in
                if case .saved = event { saved.withLock { $0 = true } }
            }
        }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(1))
        try await eventually(saved.withLock { $0 })
        clock.advance(by: .seconds(30))
        let error = try await failure { try await task.value }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertFalse(error.message.contains("tried again"), error.message)
    }

    func testFileOfUnknownSizeEndsAt416() async throws {
        func part(_ range: Range<Int>) -> MockTransport.Response {
            let contentRange = "bytes \(range.lowerBound)-\(range.upperBound - 1)/*"
            return .data(Self.large[range], status: 206, headers: ["Content-Range": contentRange, "ETag": "\"v1\""])
        }
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<1_000))
        mock.on("GET", "/1.png", response: part(1_000..<5_000))
        mock.on("GET", "/1.png", response: .status(416))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large.prefix(5_000))
        XCTAssertEqual(ranges(), ["bytes=0-8388607", "bytes=1000-8389607", "bytes=5000-8393607"])
    }

    func testDownloadRestartsWhenLastModifiedChanges() async throws {
        let old = pngBytes + Data("old".utf8)
        let new = pngBytes + Data("new".utf8)
        func part(_ data: Data, from start: Int = 0, _ day: Int) -> MockTransport.Response {
            let headers: TransportHeaders = [
                "Content-Range": "bytes \(start)-72/73", "Last-Modified": "Mon, 0\(day) Jan 2024 00:00:00 GMT",
            ]
            return .data(data.dropFirst(start), status: 206, headers: headers)
        }
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(old, 1).broken(after: 9))
        mock.on("GET", "/1.png", response: part(new, from: 9, 2))
        mock.on("GET", "/1.png", response: part(new, 2))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), new)
    }

    func testLaterPartWithoutLastModifiedIsAccepted() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<window, more: ["Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"]))
        mock.on("GET", "/1.png", response: part(window..<Self.large.count))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
    }

    func testInterruptedDownloadContinuesWhereItStopped() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<window))
        mock.on("GET", "/1.png", response: part(window..<Self.large.count).broken(after: 1000))
        mock.on("GET", "/1.png", response: .status(503))
        mock.on("GET", "/1.png", response: part(window + 1000..<Self.large.count))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
        XCTAssertEqual(ranges().last, "bytes=8389608-16778215")
        XCTAssertEqual(try clients.filesInDirectory(), ["headshot-a-1.png"])
    }

    func testDownloadInterruptedInFirstPartContinues() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<window).broken(after: 5_000))
        mock.on("GET", "/1.png", response: part(5_000..<Self.large.count))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
        XCTAssertEqual(ranges(), ["bytes=0-8388607", "bytes=5000-8393607"])
        XCTAssertEqual(mock.requests.last?.headers["If-Range"], "\"v1\"")
    }

    func testInterruptedWholeFileResponseIsContinuedByRange() async throws {
        stubProject("https://o.example/1.png")
        let headers: TransportHeaders = ["ETag": "\"v1\"", "Content-Length": String(Self.large.count)]
        mock.on("GET", "/1.png", response: .data(Self.large, headers: headers).broken(after: 5_000))
        mock.on("GET", "/1.png", response: part(5_000..<Self.large.count))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
    }

    func testDownloadFailsWhenTransferMakesNoProgress() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", times: 1...7, response: .data(Self.large).broken(after: 5_000))
        let error = try await failure { try await resume() }
        XCTAssertEqual(error.code, .network)
    }

    func testDownloadRestartsWhenETagChanges() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<window, tag: "\"v1\""))
        mock.on("GET", "/1.png", response: part(window..<Self.large.count, tag: "\"v2\""))
        mock.on("GET", "/1.png", response: part(0..<window, tag: "\"v2\""))
        mock.on("GET", "/1.png", response: part(window..<Self.large.count, tag: "\"v2\""))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
    }

    func testWholeFileResponseReplacesDownloadedPart() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", response: part(0..<window))
        mock.on("GET", "/1.png", response: .data(Self.large))
        let files = try await resume()
        XCTAssertEqual(try Data(contentsOf: files[0]), Self.large)
    }

    func testExpiredURLIsRequestedAgain() async throws {
        stubProject("https://o.example/1.png")
        mock.on("GET", "/1.png", times: 2, response: .status(403))
        stubProject("https://o.example/2.png")
        mock.on("GET", "/2.png", response: .data(pngBytes))
        let files = try await resume()
        XCTAssertEqual(files.map(\.lastPathComponent), ["headshot-a-1.png"])
    }

    func testErrorNamesSavedFilesWhenAnotherOutputFails() async throws {
        stubProject("https://o.example/1.png", "https://o.example/2.png")
        mock.on("GET", "/1.png", response: .data(pngBytes))
        mock.on("GET", "/2.png", times: 6, response: .status(500))
        let error = try await failure { try await resume() }
        XCTAssertEqual(error.code, .serverError)
        XCTAssertEqual(error.savedFiles.map(\.lastPathComponent), ["headshot-a-1.png"])
        XCTAssertEqual(error.job, job)
        XCTAssertEqual(
            error.message,
            "Output 2 of job a could not be downloaded: the host of the outputs failed (500)."
        )
    }

    func testWebPageOrEmptyBodyIsNotSavedAsOutput() async throws {
        for body in ["<!DOCTYPE html><html>Sign in</html>", ""] {
            stubProject("https://o.example/1.png")
            mock.on("GET", "/1.png", times: 1...200, response: .data(Data(body.utf8)))
            let error = try await failure { try await resume() }
            XCTAssertEqual(error.code, .deadlineExceeded)
            XCTAssertEqual(error.job, job)
            XCTAssertTrue(error.message.contains("the response is empty or text"), error.message)
            XCTAssertFalse(try clients.filesInDirectory().contains("headshot-a-1.png"))
        }
    }

    func testFullDiskErrorKeepsJobAndAdvisesToFreeSpace() async throws {
        stubProject("https://o.example/1.png")
        mock.on(
            "GET",
            "/1.png",
            response: .failure(
                TransportError(.fileSystem, "Cannot write x: No space left on device.", mayHaveBeenReceived: true)
            )
        )
        let error = try await failure { try await resume() }
        XCTAssertEqual(error.code, .fileSystem)
        XCTAssertEqual(error.job, job)
        XCTAssertEqual(
            error.description,
            """
            Cannot write x: No space left on device. Free space there, or choose another directory. The job is a (magic-hour, \
            ai-headshot-generator). The job is not lost. Resume the job; you are not charged again.
            """
        )
    }

    func testPlainHTTPURLOfAnotherHostIsRejected() async throws {
        let url = try XCTUnwrap(URL(string: "http://o.example/1.png"))
        let error = await thrown { try await URLSessionTransport.shared.send(TransportRequest(url: url)) }
        XCTAssertEqual((error as? TransportError)?.kind, .insecureURL)
        XCTAssertEqual((error as? TransportError)?.mayHaveBeenReceived, false)
    }

    func testCompleteJobWithoutOutputsIsPolledForOneMinute() async throws {
        let complete = #"{"id":"a","status":"complete","downloads":[]}"#
        mock.on("GET", "/v1/image-projects/a", times: 1...20, response: .json(complete))
        let error = try await failure { try await resume() }
        XCTAssertEqual(error.code, .invalidResponse)
    }
}
