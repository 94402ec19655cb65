import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// Files that may be delivered as outputs, and responses of hosts that may not.
final class DownloadSafetyTests: MockTestCase {
    private let job = JobHandle(service: .magicHour, operation: "ai-headshot-generator", id: "a")

    private func clean() throws {
        if FileManager.default.fileExists(atPath: clients.directory.path) {
            try FileManager.default.removeItem(at: clients.directory)
        }
    }

    private func stubProject(_ urls: [String] = ["https://o.example/1.png"], more: String = "", times: Int = 1) {
        let downloads = urls.map { #"{"url":"\#($0)"}"# }.joined(separator: ",")
        mock.on(
            "GET",
            "/v1/image-projects/a",
            times: times,
            response: .json(#"{"id":"a","status":"complete",\#(more)"downloads":[\#(downloads)]}"#)
        )
    }

    private func resume(deadline: Duration = .seconds(900)) async throws -> GenerationResult<MagicHour.ImageProject> {
        var options = clients.options
        options.deadline = deadline
        return try await clients.magicHour().headshots.resume(job, options: options)
    }

    private func response(_ bytes: [UInt8], _ type: String = "image/png") -> MockTransport.Response {
        .data(Data(bytes), headers: ["Content-Type": type])
    }

    /// Returns texts of every kind, each with a random filling.
    private func texts(_ random: inout SeededRandom) -> [[UInt8]] {
        let filling = String(
            (0..<Int.random(in: 3..<40, using: &random)).map { _ in "abcdefgh é".randomElement(using: &random) ?? "a" }
        )
        let templates = [
            #"{"error":"\#(filling)"}"#, "[\"\(filling)\"]",
            "<?xml version=\"1.0\"?><Error><Code>\(filling)</Code></Error>",
            "<!-- \(filling) --><html></html>", "<html>\(filling)</html>", "\n\n <!DOCTYPE html>\(filling)", filling,
            "\u{feff}{\"a\":1}",
            "data:text/plain,\(filling)", "<svg>\(filling)</svg>", filling + "\u{0}",
        ]
        return templates.map { Array($0.utf8) } + [filling.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }]
    }

    func testDeadlineEndsDownloadOfEndlessFile() async throws {
        let transport = EndlessParts(clock: clients.clock)
        var configuration = clients.configuration
        configuration.transport = transport
        let magicHour = try MagicHour(apiKey: "key", configuration: configuration)
        var options = clients.options
        options.deadline = .seconds(900)
        do {
            _ = try await magicHour.headshots.resume(job, options: options)
            XCTFail("The endless file was delivered.")
        } catch let error as HeadshotKitError {
            XCTAssertEqual(error.code, .deadlineExceeded)
            XCTAssertEqual(error.job, job)
        }
        // Each part takes 10 s, and the cancellation arrives some parts after the deadline.
        XCTAssertLessThan(transport.count, EndlessParts.limit)
    }

    func testTextIsNotDeliveredAndDownloadIsRetried() async throws {
        var random = SeededRandom(seed: 1)
        for round in 0..<5 {
            for text in texts(&random) {
                clients = makeClients()
                let type = ["image/png", "application/json", "application/octet-stream"][round % 3]
                let url = round % 2 == 0 ? "https://o.example/1.png" : "https://o.example/1"
                stubProject([url])
                let path = round % 2 == 0 ? "/1.png" : "/1"
                // Other failures end the download after fewer attempts.
                mock.on("GET", path, times: 9, response: response(text, type))
                mock.on("GET", path, response: response([UInt8](pngBytes)))
                let result = try await resume()
                XCTAssertEqual(try Data(contentsOf: result.files[0]), pngBytes)
                XCTAssertEqual(
                    try clients.filesInDirectory(),
                    ["headshot-a-1.png"],
                    String(decoding: text, as: UTF8.self)
                )
                try clean()
            }
        }
    }

    func testTextUntilDeadlineKeepsJob() async throws {
        for text in [#"{"error":"file is not ready"}"#, "Not ready", "<Error><Code>AccessDenied</Code></Error>", ""] {
            clients = makeClients()
            stubProject()
            mock.on("GET", "/1.png", times: 1...400, response: response(Array(text.utf8)))
            let error = try await failure { try await resume() }
            XCTAssertEqual(error.code, .deadlineExceeded)
            XCTAssertEqual(error.job, job)
            XCTAssertFalse(try clients.filesInDirectory().contains { $0.hasSuffix(".png") })
            try clean()
        }
    }

    func testTruncatedFileIsDownloadedAgain() async throws {
        var random = SeededRandom(seed: 2)
        for fileExtension in WholeFiles.ending {
            for _ in 0..<4 {
                clients = makeClients()
                let whole = WholeFiles[fileExtension]
                let count = Int.random(in: 1..<whole.count, using: &random)
                stubProject(["https://o.example/1.\(fileExtension)"])
                mock.on("GET", "/1.\(fileExtension)", response: response([UInt8](whole.prefix(count))))
                mock.on("GET", "/1.\(fileExtension)", response: response([UInt8](whole)))
                let result = try await resume()
                XCTAssertEqual(try Data(contentsOf: result.files[0]), whole, "\(fileExtension) \(count)")
                try clean()
            }
        }
    }

    func testFileThatStaysTruncatedKeepsJob() async throws {
        for fileExtension in ["png", "jpg", "webp", "mp4"] {
            clients = makeClients()
            stubProject()
            let bytes = [UInt8](WholeFiles[fileExtension].dropLast(3))
            mock.on("GET", "/1.png", times: 6, response: response(bytes))
            let error = try await failure { try await resume() }
            XCTAssertEqual(error.code, .invalidResponse)
            XCTAssertTrue(error.message.contains("the file is truncated"), error.message)
            XCTAssertEqual(error.job, job)
            try clean()
        }
    }

    func testBase64BehindOrdinaryURLIsDecoded() async throws {
        for fileExtension in ["png", "jpg", "webp", "mp4"] {
            let bytes = WholeFiles[fileExtension]
            let base64 = bytes.base64EncodedString()
            let lines = bytes.base64EncodedString(options: [
                .lineLength64Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
            ])
            for text in [
                base64, lines, "data:image/png;base64," + base64, "DATA:;base64,\n" + lines, " \n" + base64 + "\n",
                "\"\(base64)\"",
                base64.replacingOccurrences(of: "=", with: ""),
                base64.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_"),
                "\u{feff}" + base64,
            ] {
                clients = makeClients()
                stubProject()
                mock.on("GET", "/1.png", response: response(Array(text.utf8), "text/plain"))
                let result = try await resume()
                XCTAssertEqual(try Data(contentsOf: result.files[0]), bytes, text)
                XCTAssertEqual(result.files[0].pathExtension, fileExtension)
                XCTAssertEqual(try clients.filesInDirectory().count, 1)
                try clean()
            }
        }
    }

    func testBase64OfTextIsNotDelivered() async throws {
        for text in ["bm90IHJlYWR5", "deadbeef", "data:text/plain;base64,bm90IHJlYWR5", "AAAA"] {
            clients = makeClients()
            stubProject()
            mock.on("GET", "/1.png", times: 1...60, response: response(Array(text.utf8), "image/png"))
            let error = try await failure { try await resume(deadline: .seconds(100)) }
            XCTAssertEqual(error.code, .deadlineExceeded, text)
            try clean()
        }
    }

    func testUnknownFormatIsDeliveredOnlyIfContentTypeAndURLAgree() async throws {
        var random = SeededRandom(seed: 4)
        let bytes = [0x00, 0x01] + random.bytes(300)
        for (path, type, name) in [
            ("/1.jxl", "image/jxl", "headshot-a-1.jxl"), ("/1", "application/octet-stream", "headshot-a-1.bin"),
            ("/1.xyz", "Video/XYZ; codecs=a", "headshot-a-1.xyz"), ("/1", "binary/octet-stream", "headshot-a-1.bin"),
        ] {
            clients = makeClients()
            stubProject(["https://o.example\(path)"])
            mock.on("GET", path, response: response(bytes, type))
            let result = try await resume()
            XCTAssertEqual(result.files[0].lastPathComponent, name)
            XCTAssertEqual(try Data(contentsOf: result.files[0]), Data(bytes))
            try clean()
        }
        for (path, type) in [
            ("/1.png", "image/png"), ("/1.jxl", "text/html"), ("/1", "application/json"), ("/1.mp4", "video/mp4"),
        ] {
            clients = makeClients()
            stubProject(["https://o.example\(path)"])
            mock.on("GET", path, times: 6, response: response(bytes, type))
            let error = try await failure { try await resume() }
            XCTAssertTrue(error.message.contains("an unknown format"), error.message)
            try clean()
        }
    }

    func testOutputShorterThanItsHeaderDoesNotTrap() async throws {
        for count in 8...15 {
            clients = makeClients()
            stubProject()
            mock.on(
                "GET",
                "/1.png",
                times: 6,
                response: response(Array(([0, 0, 0, 0x18] + Array("ftypheicmif1".utf8)).prefix(count)))
            )
            let error = try await failure { try await resume() }
            XCTAssertEqual(error.job, job)
            try clean()
        }
    }

    func testRejectedRangeRequestIsRetriedWithoutRange() async throws {
        for status in [400, 401, 403, 404, 405, 406, 412, 416, 451, 500, 501, 502, 503] {
            clients = makeClients()
            stubProject()
            mock.on("GET", "/1.png", response: .status(status))
            mock.on("GET", "/1.png", response: response([UInt8](pngBytes)))
            let result = try await resume()
            XCTAssertEqual(try Data(contentsOf: result.files[0]), pngBytes)
            let ranges = mock.requests.filter { $0.url.host == "o.example" }.map { $0.headers["Range"] }
            XCTAssertEqual(ranges, ["bytes=0-8388607", nil], "\(status)")
            try clean()
        }
    }

    func testUnusablePartIsFollowedByRequestWithoutRange() async throws {
        for headers: TransportHeaders in [
            [:], ["Content-Range": "bytes 7-76/77"], ["Content-Range": "lines 0-69/70"],
            ["Content-Type": "multipart/byteranges; boundary=x"],
        ] {
            clients = makeClients()
            stubProject()
            mock.on("GET", "/1.png", response: .data(pngBytes, status: 206, headers: headers))
            mock.on("GET", "/1.png", response: response([UInt8](pngBytes)))
            let result = try await resume()
            XCTAssertEqual(try Data(contentsOf: result.files[0]), pngBytes)
            XCTAssertNil(mock.requests.last?.headers["Range"])
            try clean()
        }
    }

    func testDownloadRedirectsAreFollowedWithoutKey() async throws {
        for (status, location, path) in [
            (301, "https://p.example/2.png?s=%2F", "/2.png"), (302, "/3.png", "/3.png"), (303, "4.png", "/4.png"),
            (307, "//q.example/5.png", "/5.png"), (308, "HTTPS://q.example/6 a.png", "/6 a.png"),
        ] {
            clients = makeClients()
            stubProject()
            mock.on("GET", "/1.png", response: .status(status, headers: ["Location": location]))
            mock.on("GET", path, response: response([UInt8](pngBytes)))
            let result = try await resume()
            XCTAssertEqual(result.files.count, 1)
            for request in mock.requests.dropFirst() { XCTAssertNil(request.headers["Authorization"]) }
            try clean()
        }
    }

    func testAtMostFiveRedirectsAreFollowed() async throws {
        stubProject()
        for hop in 1...5 {
            let path = hop == 1 ? "/1.png" : "/hop\(hop)"
            mock.on("GET", path, response: .status(302, headers: ["Location": "/hop\(hop + 1)"]))
        }
        mock.on("GET", "/hop6", times: 0...1, response: response([UInt8](pngBytes)))
        let files = try await resume().files
        XCTAssertEqual(files.count, 1)
        try clean()

        clients = makeClients()
        stubProject()
        mock.on("GET", "/1.png", times: 1...100, response: .status(302, headers: ["Location": "/1.png"]))
        let error = try await failure { try await resume() }
        XCTAssertEqual(error.code, .invalidResponse)
        XCTAssertTrue(error.message.contains("responded with status 302"), error.message)
        // Each of six attempts follows five redirects.
        XCTAssertEqual(mock.requests.filter { $0.url.path == "/1.png" }.count, 6 * 6)
    }

    func testRedirectToPlainHTTPOrLoopbackIsNotFollowed() async throws {
        for location in ["http://p.example/2.png", "http://127.0.0.1:8080/2.png", "http://localhost/2.png"] {
            clients = makeClients()
            stubProject()
            mock.on("GET", "/1.png", response: .status(302, headers: ["Location": location]))
            let error = try await failure { try await resume() }
            XCTAssertEqual(error.code, .invalidResponse)
            XCTAssertTrue(error.message.contains("is not https"), error.message)
            try clean()
            clients = makeClients()
            stubProject([location])
            let direct = try await failure { try await resume() }
            XCTAssertEqual(direct.code, .invalidResponse)
            XCTAssertEqual(mock.requests.count, 1)
            try clean()
        }
    }

    func testLoopbackURLIsDownloadedIfServiceIsLoopback() async throws {
        stubProject(["http://127.0.0.1:9/1.png"])
        mock.on("GET", "/1.png", response: response([UInt8](pngBytes)))
        let base = URL(string: "http://localhost:8")
        let client = try MagicHour(apiKey: "k", baseURL: base, configuration: clients.configuration)
        let result = try await client.headshots.resume(job, options: clients.options)
        XCTAssertEqual(result.files.count, 1)
    }

    func testPercentEncodingOfDownloadURLIsKept() async throws {
        stubProject([#"https://o.example/a%2Fb c.png?cred=KEY%2F2026&n=\"me 1\""#])
        mock.on("GET", "/a/b c.png", response: response([UInt8](pngBytes)))
        _ = try await resume()
        let url = "https://o.example/a%2Fb%20c.png?cred=KEY%2F2026&n=%22me%201%22"
        XCTAssertEqual(mock.requests.last?.url.absoluteString, url)
    }

    func testMissingOutputIsReportedByEventAndResult() async throws {
        stubProject(more: #""image_count":3,"#)
        mock.on("GET", "/1.png", response: response([UInt8](pngBytes)))
        let events = Locked<[GenerationEvent]>([])
        let result = try await clients.magicHour().headshots.resume(job, options: clients.options) { event in
            events.withLock { $0.append(event) }
        }
        XCTAssertEqual(result.files.count, 1)
        XCTAssertEqual(result.missingOutputs, 2)
        XCTAssertTrue(events.withLock { $0 }.contains(.outputsMissing(2)))
    }

    func testMissingModelsLabOutputIsReportedByEventAndResult() async throws {
        let responses = [
            #"{"status":"success","id":"7","output":[null,"https://o.example/1.png"]}"#,
            #"{"status":"success","id":"7","output":["https://o.example/1.png"],"meta":{"n_samples":2}}"#,
        ]
        for body in responses {
            clients = makeClients()
            mock.on("POST", "/api/v6/image_editing/fetch/7", response: .json(body))
            mock.on("GET", "/1.png", response: response([UInt8](pngBytes)))
            let events = Locked<[GenerationEvent]>([])
            let job = JobHandle(service: .modelsLab, operation: "head_shot", id: "7")
            let result = try await clients.modelsLab().headshots.resume(job, options: clients.options) { event in
                events.withLock { $0.append(event) }
            }
            XCTAssertEqual(result.files.count, 1)
            XCTAssertEqual(result.missingOutputs, 1)
            XCTAssertTrue(events.withLock { $0 }.contains(.outputsMissing(1)))
            try clean()
        }
    }

    func testInvalidCheckpointNumbersAreClamped() throws {
        for bytes in ["-5", "0", "1e300", "\"x\"", "null", "9223372036854775807", "5.5", "100"] {
            let json = #"{"bytes":\#(bytes),"validator":{"size":50,"entityTag":"\"v\""}}"#
            let part = try JSONDecoder().decode(JobRecord.DownloadCheckpoint.self, from: Data(json.utf8))
            XCTAssertTrue((0...50).contains(part.bytes), bytes)
        }
        let file = OutputFile(directory: clients.directory, stem: "s", id: "a", number: 1)
        XCTAssertFalse(try file.shortenPart(to: -5))
        XCTAssertFalse(try file.shortenPart(to: .min))
        XCTAssertFalse(try file.shortenPart(to: .max))
    }

    func testConcurrentResumptionsDoNotWriteSameFile() async throws {
        stubProject(times: 2)
        mock.on("GET", "/1.png", response: .never)
        let magicHour = try clients.magicHour()
        let first = Task { [job, clients] in try await magicHour.headshots.resume(job, options: clients.options) }
        let mock = mock
        try await eventually(mock.requests.contains { $0.url.host == "o.example" })
        let error = try await failure { try await magicHour.headshots.resume(job, options: clients.options) }
        XCTAssertEqual(error.code, .jobInUse)
        XCTAssertEqual(error.job, job)
        first.cancel()
        _ = await thrown { try await first.value }
        XCTAssertFalse(try clients.filesInDirectory().contains { $0.hasSuffix(".lock") })
    }
}

/// A transport that ignores cancellation and serves a file without an end.
private final class EndlessParts: Transport {
    struct TooMany: Error {}
    static let limit = 5_000
    private let clock: ManualClock
    private let requests = Locked(0)
    var count: Int { requests.withLock { $0 } }

    init(clock: ManualClock) { self.clock = clock }

    func send(
        _ request: TransportRequest,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let project = #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#
        return TransportResponse(status: 200, body: Data(project.utf8))
    }

    func download(
        _ request: TransportRequest,
        to file: URL,
        onProgress: (@Sendable (TransferProgress) -> Void)?
    ) async throws -> TransportResponse {
        let count = requests.withLock { count in
            count += 1
            return count
        }
        guard count < Self.limit else { throw TooMany() }
        clock.advance(by: .seconds(10))
        // The task that waits for the deadline gets its turn.
        await Task.yield()
        let start = FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file).count : 0
        try Data(repeating: 0x89, count: start + 1).write(to: file)
        return TransportResponse(
            status: 206,
            headers: ["Content-Range": "bytes \(start)-\(start)/*", "ETag": "\"v\""]
        )
    }
}
