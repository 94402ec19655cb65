import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import NIOFoundationCompat
import StudioServer
import StudioStores
import XCTest

final class UploadTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }

    override func tearDown() async throws {
        XCTAssertEqual(try environment.uploads(), [])
        XCTAssertEqual(try environment.headshotDirectories(), [])
        XCTAssertEqual(try environment.openUploads(), [])
        XCTAssertEqual(environment.service.ledger, [])
        try environment.remove()
    }

    func testPhotoAboveSizeLimitIsRejected() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio { $0.uploads.photoBytes = 1 << 16 }) { api in
            let response = try await api.order(.photos("a.png", content: Data(count: 1 << 16 + 1)))
            XCTAssertEqual(response.status, .contentTooLarge)
            XCTAssertEqual(try response.errorCode, "too_large")
            XCTAssertEqual(response.headers[.connection], "close")
        }
    }

    func testRequestThatAnnouncesTooManyBytesIsRejectedBeforeItIsRead() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let response = try await RawConnection.connect(port: try api.port).send(
                """
                POST /api/headshots HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(TestEnvironment.teamB)\r
                Content-Type: multipart/form-data; boundary=XX\r
                Content-Length: 9000000000\r
                \r\n
                """,
                until: "too_large"
            )
            XCTAssertTrue(response.hasPrefix("HTTP/1.1 413 "), response)
        }
    }

    func testChunkedFormWithTooManyBytesIsRejected() async throws {
        let environment = try XCTUnwrap(environment)
        let studio = try await environment.studio { ($0.uploads.photos, $0.uploads.photoBytes) = (1, 1 << 16) }
        try await environment.run(studio) { api in
            let part =
                "--XX\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n\(String(repeating: "a", count: 3_900))\r\n"
            let body = String(repeating: part, count: 50)
            let response = try await RawConnection.connect(port: try api.port).send(
                """
                POST /api/headshots HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(TestEnvironment.teamB)\r
                Content-Type: multipart/form-data; boundary=XX\r
                Transfer-Encoding: chunked\r
                \r
                \(String(body.utf8.count, radix: 16))\r
                \(body)\r\n
                """,
                until: "too_large"
            )
            XCTAssertTrue(response.hasPrefix("HTTP/1.1 413 "), response)
        }
    }

    func testTooManyPhotosAreRejected() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio { $0.uploads.photos = 2 }) { api in
            let response = try await api.order(.photos("a.png", "b.png", "c.png"))
            XCTAssertEqual(response.status, .contentTooLarge)
        }
    }

    func testFileThatIsNoPhotoIsRejectedWithTheOthers() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let photo = SampleMedia.portraitPNG(width: 16, height: 16)
            for content in [Data("#!/bin/sh\n".utf8), Data(), photo.prefix(photo.count / 2), SampleMedia.speechWAV()] {
                let form = Form().file("photo", "a.png", photo).file("photo", "b.png", content).end()
                let response = try await api.order(form)
                XCTAssertEqual(response.status, .unsupportedMediaType)
                XCTAssertEqual(try response.errorCode, "unsupported_photo")
                XCTAssertTrue(response.text.contains("b.png"), response.text)
            }
        }
    }

    func testFormThatCannotBeReadIsRejected() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let photo = SampleMedia.portraitPNG(width: 16, height: 16)
            let forms: [(Form, HTTPResponse.Status)] = [
                (Form().end(), .badRequest),
                (Form().field("style", "studio").end(), .badRequest),
                (Form().file("photo", "a.png", photo), .badRequest),
                (Form().file("photo", "a.png", photo).field("style", "unknown").end(), .badRequest),
                (
                    Form().file("photo", "a.png", photo).field("style", "studio").field("prompt", "suit").end(),
                    .badRequest
                ),
                (Form().file("photo", "a.png", photo).field("prompt", "a\0b").end(), .badRequest),
                (Form().file("photo", "a.png", photo).field("url", "http://127.0.0.1/").end(), .badRequest),
                (
                    Form().file("photo", "a.png", photo).field("prompt", String(repeating: "a", count: 4_001)).end(),
                    .contentTooLarge
                ),
            ]
            for (form, status) in forms {
                let response = try await api.order(form)
                XCTAssertEqual(response.status, status, response.text)
            }
            let json = try await api.request(
                .post,
                "/api/headshots",
                headers: [.contentType: "application/json"],
                body: Data(#"{"photo": "https://169.254.169.254/latest"}"#.utf8)
            )
            XCTAssertEqual(json.status, .unsupportedMediaType)
            XCTAssertEqual(try json.errorCode, "unsupported_type")
        }
    }

    func testUploadThatIsCutOffLeavesNothing() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            for length in [10, 200, 100_000] {
                let form = String(
                    decoding: Form().field("prompt", String(repeating: "a", count: 150)).data,
                    as: UTF8.self
                )
                let part = "--XX\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\r\n"
                let body = (form + part + String(repeating: "x", count: 200_000)).prefix(length)
                // An empty text closes the connection at once.
                _ = try await RawConnection.connect(port: try api.port).send(
                    """
                    POST /api/headshots HTTP/1.1\r
                    Host: localhost\r
                    Authorization: Bearer \(TestEnvironment.teamB)\r
                    Content-Type: multipart/form-data; boundary=XX\r
                    Content-Length: 300000\r
                    \r
                    \(body)
                    """,
                    until: ""
                )
            }
        }
    }

    func testUploadThatDoesNotArriveInTimeIsRejected() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock)) { api in
            async let response = RawConnection.connect(port: try api.port).send(
                """
                POST /api/headshots HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(TestEnvironment.teamB)\r
                Content-Type: multipart/form-data; boundary=XX\r
                Content-Length: 300000\r
                \r
                --XX\r
                Content-Disposition: form-data; name="photo"; filename="a.png"\r
                \r
                slow
                """,
                until: "too_slow"
            )
            await clock.waitForSleepers(3)  // the workers, the feed, and the limit of the upload
            clock.advance(by: .seconds(300))
            let text = try await response
            XCTAssertTrue(text.hasPrefix("HTTP/1.1 408 "), text)
        }
    }

    func testUploadsOfACallerAtTheSameTimeAreLimited() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock) { $0.uploads.concurrentRequests = 1 }) {
            api in
            async let slow = RawConnection.connect(port: try api.port).send(
                """
                POST /api/headshots HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(TestEnvironment.teamB)\r
                Content-Type: multipart/form-data; boundary=XX\r
                Content-Length: 300000\r
                \r\n
                """,
                until: "too_slow"
            )
            await clock.waitForSleepers(3)
            let response = try await api.order(.photos("a.png"))
            XCTAssertEqual(response.status, .tooManyRequests)
            XCTAssertEqual(response.headers[.retryAfter], "5")
            clock.advance(by: .seconds(300))
            _ = try await slow
        }
    }
}
