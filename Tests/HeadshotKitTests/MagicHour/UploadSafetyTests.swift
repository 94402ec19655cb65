import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class UploadSafetyTests: MockTestCase {

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: clients.directory, withIntermediateDirectories: true)
    }

    private func stubUploadURL(_ url: String = "https://s.example/u?sig=1", times: Int = 1) {
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            times: times,
            response: .json(#"{"items":[{"upload_url":"\#(url)","file_path":"api-assets/u.png"}]}"#)
        )
    }

    private func upload(_ source: MediaSource = .data(pngBytes)) async throws -> MediaSource {
        try await clients.magicHour().files.upload(source, as: .image)
    }

    func testPhotoChangedDuringUploadIsRejectedAndNotRetried() async throws {
        for status in [200, 400, 500] {
            for change in ["grow", "shrink", "touch"] {
                let mock = MockTransport()
                var configuration = clients.configuration
                configuration.transport = mock
                let file = clients.directory.appendingPathComponent("me.png")
                try pngBytes.write(to: file)
                mock.on(
                    "POST",
                    "/v1/files/upload-urls",
                    response: .json(#"{"items":[{"upload_url":"https://s.example/u","file_path":"api-assets/u.png"}]}"#)
                )
                let changes: @Sendable (Data) -> Bool = { _ in
                    do {
                        switch change {
                        case "grow": try (pngBytes + Data([0])).write(to: file)
                        case "shrink": try pngBytes.dropLast(9).write(to: file)
                        default: try pngBytes.write(to: file, options: .atomic)
                        }
                    } catch { XCTFail("\(error)") }
                    return true
                }
                mock.on("PUT", "/u", bodyMatches: changes, response: .status(status))
                let magicHour = try MagicHour(apiKey: "k", configuration: configuration)
                let error = try await failure { try await magicHour.files.upload(.file(file), as: .image) }
                XCTAssertEqual(error.code, .invalidMedia)
                XCTAssertTrue(error.message.contains("me.png changed while it was being uploaded"), error.message)
                XCTAssertEqual(mock.requests.count, 2)
            }
        }
    }

    func testStalledUploadEndsWhenFileShrinks() async throws {
        let file = clients.directory.appendingPathComponent("me.png")
        try pngBytes.write(to: file)
        stubUploadURL()
        let changes: @Sendable (Data) -> Bool = { _ in
            do { try pngBytes.dropLast(9).write(to: file) } catch { XCTFail("\(error)") }
            return true
        }
        mock.on("PUT", "/u", bodyMatches: changes, response: .never)
        let error = try await failure { try await upload(.file(file)) }
        XCTAssertEqual(error.code, .invalidMedia)
    }

    func testUploadRedirectIsFollowedOnlyFor307And308() async throws {
        for status in [307, 308] {
            stubUploadURL()
            mock.on("PUT", "/u", response: .status(status, headers: ["Location": "https://eu.s.example/v?sig=2"]))
            mock.on("PUT", "/v", bodyMatches: { $0 == pngBytes }, response: .status(200))
            let uploaded = try await upload()
            XCTAssertEqual(uploaded, .uploaded("api-assets/u.png"))
            XCTAssertNil(mock.requests.last?.headers["Authorization"])
        }
        for status in [301, 302] {
            stubUploadURL()
            mock.on("PUT", "/u", response: .status(status, headers: ["Location": "https://eu.s.example/v"]))
            let error = try await failure { try await upload() }
            XCTAssertEqual(error.status, status)
        }
        stubUploadURL()
        mock.on("PUT", "/u", response: .status(303, headers: ["Location": "/done"]))
        mock.on("GET", "/done", bodyMatches: \.isEmpty, response: .status(200))
        _ = try await upload()
    }

    func testUploadRedirectToPlainHTTPOrLoopbackIsNotFollowed() async throws {
        for location in ["http://p.example/v", "http://127.0.0.1:8080/v", "http://localhost/v"] {
            stubUploadURL()
            mock.on("PUT", "/u", response: .status(307, headers: ["Location": location]))
            let error = try await failure { try await upload() }
            XCTAssertEqual(error.code, .invalidConfiguration, location)
        }
        XCTAssertEqual(Set(mock.requests.compactMap(\.url.host)), ["api.magichour.ai", "s.example"])
    }

    func testAtMostFiveUploadRedirectsAreFollowed() async throws {
        for redirects in [5, 6] {
            stubUploadURL("https://s.example/hop1")
            for hop in 1...6 {
                let isLast = hop > redirects
                mock.on(
                    "PUT",
                    "/hop\(hop)",
                    response: isLast ? .status(200) : .status(307, headers: ["Location": "/hop\(hop + 1)"])
                )
            }
            if redirects == 5 {
                let uploaded = try await upload()
                XCTAssertEqual(uploaded, .uploaded("api-assets/u.png"))
            } else {
                let error = try await failure { try await upload() }
                XCTAssertEqual(error.status, 307)
            }
        }
    }

    func testLoopbackUploadURLIsUsedOnlyIfServiceIsLoopback() async throws {
        for url in ["http://127.0.0.1:1/u", "http://localhost/u", "http://s.example/u"] {
            stubUploadURL(url)
            let error = try await failure { try await upload() }
            XCTAssertEqual(error.code, .invalidConfiguration)
        }
        XCTAssertFalse(mock.requests.contains { $0.method == "PUT" })
    }

    func testStorageErrorIsQuotedWithAdvice() async throws {
        let rows: [(Int, String, String, HeadshotKitError.Code, String)] = [
            (400, "EntityTooLarge", "Your proposed upload exceeds the maximum.", .invalidMedia, "Use a smaller file"),
            (
                403, "RequestTimeTooSkewed", "The difference is too large.", .invalidConfiguration,
                "Set the clock of this machine"
            ),
            (403, "AccessDenied", "Request has expired", .linkExpired, "Try again to request"),
            (400, "ExpiredToken", "The provided token has expired.", .linkExpired, "Try again to request"),
            (400, "InvalidArgument", "Bad &amp; odd", .invalidResponse, "InvalidArgument: Bad & odd"),
        ]
        for (status, code, message, kind, advice) in rows {
            let isRetried = kind == .linkExpired
            stubUploadURL(times: isRetried ? 2 : 1)
            let xml = """
                <?xml version="1.0"?><Error><Code>\(code)</Code><Message>\(message) https://s.example/u?sig=1 mhk_live_secret</Message>
                <AWSAccessKeyId>AKIA</AWSAccessKeyId></Error>
                """
            let response = MockTransport.Response.data(
                Data(xml.utf8),
                status: status,
                headers: ["Content-Type": "application/xml"]
            )
            mock.on("PUT", "/u", times: isRetried ? 2 : 1, response: response)
            let error = try await failure { try await upload() }
            XCTAssertEqual(error.code, kind, code)
            XCTAssertEqual(error.serverCode, code)
            XCTAssertTrue(error.description.contains(code) && error.description.contains(advice), error.description)
            for secret in ["sig=1", "mhk_live_secret", "AKIA"] { XCTAssertFalse("\(error)".contains(secret), secret) }
        }
    }

    func testUploadHasDeadline() async throws {
        stubUploadURL()
        mock.on("PUT", "/u", response: .never)
        let magicHour = try clients.magicHour()
        let task = Task { try await magicHour.files.upload(.data(pngBytes), as: .image, deadline: .seconds(90)) }
        await clients.clock.waitForSleepers(1)
        let mock = mock
        try await eventually(mock.requests.contains { $0.method == "PUT" })
        clients.clock.advance(by: .seconds(90))
        let error = try await failure { try await task.value }
        XCTAssertEqual(error.code, .deadlineExceeded)
        XCTAssertEqual(error.message, "70 bytes in memory was not uploaded within 90 s.")
    }

    func testLibraryPathIsRemote() {
        for path in ["saved-items/abc", "saved-items/a/b.png", "api-assets/x", "HTTPS://a.example/x.png"] {
            XCTAssertFalse(MediaSource(path).isLocal, path)
        }
    }
}
