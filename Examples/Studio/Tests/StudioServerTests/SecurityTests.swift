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

final class SecurityTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testWrongTokensAreRefused() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let token = TestEnvironment.teamA
            for wrong in [nil, "", "x", String(token.dropLast()), token + "0", token.uppercased(), "\(token) \(token)"]
            {
                for path in ["/api/me", "/api/styles", "/api/headshots/\(UUID())", "/api/batches/\(UUID())/file"] {
                    let response = try await api.with(token: wrong).get(path)
                    XCTAssertEqual(response.status, .unauthorized, "\(wrong ?? "none") at \(path)")
                    XCTAssertEqual(try response.errorCode, "unauthorized")
                    XCTAssertEqual(response.headers[.wwwAuthenticate], "Bearer")
                }
                let order = try await api.with(token: wrong).order(.photos("a.png"))
                XCTAssertEqual(order.status, .unauthorized)
            }
            let basic = try await api.with(token: nil).request(
                .get,
                "/api/me",
                headers: [.authorization: "Basic \(token)"]
            )
            XCTAssertEqual(basic.status, .unauthorized)
            // A token in the URL would be logged.
            let query = try await api.with(token: nil).get("/api/me?token=\(token)")
            XCTAssertEqual(query.status, .unauthorized)
        }
        XCTAssertEqual(try environment.headshotDirectories(), [])
    }

    func testIDsOfAnotherCallerAreNotFound() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png")))
            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let batchID = try XCTUnwrap(batch["id"]?.string)
            let other = api.with(token: TestEnvironment.teamA)
            for path in ["", "/events", "/photo", "/file", "/file?download=1"] {
                let response = try await other.get("/api/headshots/\(id)\(path)")
                XCTAssertEqual(response.status, .notFound, path)
                XCTAssertEqual(try response.errorCode, "not_found")
                let own = try await api.get("/api/headshots/\(id)\(path)")
                XCTAssertEqual(own.status, .ok, path)
            }
            for path in ["", "/events", "/file"] {
                let response = try await other.get("/api/batches/\(batchID)\(path)")
                XCTAssertEqual(response.status, .notFound, path)
            }
            let deleted = try await other.request(.delete, "/api/headshots/\(id)")
            XCTAssertEqual(deleted.status, .notFound)
            let still = try await api.get("/api/headshots/\(id)/file")
            XCTAssertEqual(still.status, .ok)
        }
    }

    func testTraversalIsRefused() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let paths = [
                "/../studio.sqlite", "/%2e%2e/studio.sqlite", "/api/headshots/../../studio.sqlite",
                "/..%2f..%2fetc/passwd",
                "/api/headshots/..%2f..%2fstudio.sqlite/file", "/api/headshots/%2e%2e/photo",
                "/studio.css/../../Package.swift",
                "/api/batches/..%2f/file", "/api/headshots/\(UUID())%00/file", "//etc/passwd", "/.env",
            ]
            for path in paths {
                let response = try await RawConnection.connect(port: try api.port).send(
                    "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer \(TestEnvironment.teamB)\r\n\r\n"
                )
                XCTAssertTrue(response.hasPrefix("HTTP/1.1 404 "), "\(path): \(response)")
            }
        }
    }

    func testNamesOfPhotosAreMadeSafe() async throws {
        let environment = try XCTUnwrap(environment)
        let names = [
            ("../../etc/passwd.png", "passwd.png"),
            ("C:\\\\Users\\\\anna\\\\me.png", "me.png"),
            ("<img src=x onerror=alert(1)>.png", "_img src_x onerror_alert(1)_.png"),
            ("a\\\"; filename=b.html", "a__ filename_b.html"),
            ("a\u{1}\u{7f}.png", "a__.png"),
            ("Zoë & Søren’s.png", "Zoë _ Søren_s.png"),
            ("\u{202e}gnp.exe", "_gnp.exe"),
            ("..", "photo"),
            ("", "photo"),
            (String(repeating: "a", count: 300), String(repeating: "a", count: 200)),
            // One character for a reader, with 6,003 bytes.
            ("क" + String(repeating: "ी", count: 2_000), "क" + String(repeating: "ी", count: 65)),
            ("con.png", "_con.png"),
            ("LPT1", "_LPT1"),
            ("console.png", "console.png"),
        ]
        try await environment.run(try await environment.studio()) { api in
            for (sent, kept) in names {
                let batch = try await api.batch(.photos(sent))
                XCTAssertEqual(batch.headshots.first?["name"]?.string, kept)
                let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
                let photo = try await api.get("/api/headshots/\(id)/photo?download=1")
                XCTAssertEqual(photo.status, .ok)
                let disposition = try XCTUnwrap(photo.headers[.contentDisposition])
                XCTAssertTrue(disposition.hasPrefix("attachment; filename=\""), disposition)
                XCTAssertTrue(disposition.utf8.allSatisfy { $0 >= 32 && $0 < 127 }, disposition)
                XCTAssertEqual(disposition.filter { $0 == "\"" }.count, 2, disposition)
                _ = try await api.finished(batch)
            }
        }
        let inside = Set(try FileManager.default.contentsOfDirectory(atPath: environment.directory.path))
        XCTAssertTrue(
            inside.isSubset(of: ["headshots", "uploads", "studio.sqlite", "studio.sqlite-wal", "studio.sqlite-shm"])
        )
    }

    func testHeaderCannotBeInjected() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            // The line ends are those of the form's own header, so the second line is no part of the name.
            let form = Form().file(
                "photo",
                "a.png\"\r\nX-Injected: 1\r\nX: \"",
                SampleMedia.portraitPNG(width: 16, height: 16)
            ).end()
            let batch = try await api.batch(form)
            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let photo = try await api.get("/api/headshots/\(id)/photo?download=1")
            XCTAssertFalse(photo.headers.contains { $0.name.canonicalName == "x-injected" })
            XCTAssertEqual(photo.headers[.contentDisposition], "attachment; filename=\"a.png\"; filename*=UTF-8''a.png")
            let key = try await RawConnection.connect(port: try api.port).send(
                "GET /api/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\u{0}y\r\n\r\n"
            )
            XCTAssertTrue(key.hasPrefix("HTTP/1.1 400 "), key)
            _ = try await api.finished(batch)
        }
    }

    func testPhotosCannotBeURLs() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            for url in ["http://127.0.0.1:22/", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"] {
                // A photo is always the content of the part. No host is contacted, and no other file is read.
                let field = try await api.order(Form().field("photo", url).end())
                XCTAssertEqual(field.status, .unsupportedMediaType)
                XCTAssertEqual(try field.errorCode, "unsupported_photo")
            }
        }
        XCTAssertEqual(environment.service.requestCounts, [:])
    }

    func testForgedWebhooksAreRefused() async throws {
        let environment = try XCTUnwrap(environment)
        let studio = try await environment.studio {
            $0.magicHourWebhook = try MagicHour.WebhookVerifier(
                secret: "whsec_test",
                now: { Date(timeIntervalSince1970: 1_000) }
            )
            $0.modelsLabWebhookSecret = "a-secret-path-component"
        }
        try await environment.run(studio) { api in
            let body = Data(#"{"type":"image.completed","payload":{"id":"c1"}}"#.utf8)
            let headers: [HTTPFields] = [
                [:],
                [.init("magic-hour-event-signature")!: "00", .init("magic-hour-event-timestamp")!: "1000"],
                [
                    .init("magic-hour-event-signature")!: String(repeating: "0", count: 64),
                    .init("magic-hour-event-timestamp")!: "1000",
                ],
                [
                    .init("magic-hour-event-signature")!: String(repeating: "0", count: 64),
                    .init("magic-hour-event-timestamp")!: "nan",
                ],
            ]
            for headers in headers {
                let response = try await api.with(token: nil).request(
                    .post,
                    "/webhooks/magic-hour",
                    headers: headers,
                    body: body
                )
                XCTAssertEqual(response.status, .badRequest)
                XCTAssertEqual(try response.errorCode, "invalid_webhook")
            }
            let large = try await api.request(.post, "/webhooks/magic-hour", body: Data(count: (1 << 20) + 1))
            XCTAssertEqual(large.status, .contentTooLarge)
            // The studio's service is Magic Hour, so it has no webhook of ModelsLab.
            for secret in ["", "a-secret-path-component", "x"] {
                let response = try await api.request(.post, "/webhooks/modelslab/\(secret)", body: body)
                XCTAssertEqual(response.status, .notFound)
            }
        }
    }

    func testConnectionWithBodyThatIsNotReadIsClosed() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let response = try await api.with(token: nil).request(.get, "/healthz", body: Data("slow".utf8))
            XCTAssertEqual(response.status, .ok)
            XCTAssertEqual(response.headers[.connection], "close")
            let other = try await api.with(token: nil).get("/healthz")
            XCTAssertNil(other.headers[.connection])
        }
    }

    func testResponsesProtectTheBrowser() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            for path in [
                "/", "/studio.css", "/studio.js", "/api/me", "/healthz", "/metrics", "/unknown", "/webhooks/magic-hour",
            ] {
                let response = try await api.get(path)
                XCTAssertEqual(response.headers[.xContentTypeOptions], "nosniff", path)
                XCTAssertEqual(response.headers[.init("Referrer-Policy")!], "no-referrer", path)
                let policy = try XCTUnwrap(response.headers[.contentSecurityPolicy], path)
                XCTAssertTrue(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), path)
                XCTAssertFalse(policy.contains("unsafe"), path)
            }
            let page = try await api.get("/")
            XCTAssertEqual(page.status, .ok)
            XCTAssertEqual(page.headers[.contentType], "text/html; charset=utf-8")
            let unknown = try await api.get("/unknown")
            XCTAssertEqual(unknown.headers[.cacheControl], "no-store")
            XCTAssertEqual(try unknown.errorCode, "not_found")
        }
    }

    func testMetricsAndHealthContainNoSecrets() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            _ = try await api.finished(try await api.batch(.photos("anna.png")))
            let health = try await api.with(token: nil).get("/healthz")
            XCTAssertEqual(health.text, #"{"status":"ok"}"#)
            let metrics = try await api.with(token: nil).get("/metrics").text
            XCTAssertTrue(metrics.contains("studio_headshots{state=\"done\"} 1\n"), metrics)
            XCTAssertTrue(metrics.contains("studio_event_streams 0\n"), metrics)
            for secret in [TestEnvironment.teamA, TestEnvironment.teamB, "team-b", "anna"] {
                XCTAssertFalse(metrics.contains(secret))
            }
        }
    }

    func testCallersAreChecked() throws {
        let good = Caller(name: "a", token: "0123456789abcdef", credits: 1)
        for bad in [
            [Caller(name: "a", token: "short", credits: 1)], [Caller(name: "", token: good.token, credits: 1)],
            [Caller(name: "a", token: good.token, credits: -1)],
            [good, Caller(name: "a", token: "fedcba9876543210", credits: 1)],
            [good, Caller(name: "b", token: good.token, credits: 1)],
        ] {
            XCTAssertThrowsError(try Callers(bad)) { XCTAssertFalse("\($0)".contains(good.token)) }
        }
        var dumped = ""
        dump(good, to: &dumped)
        XCTAssertFalse(dumped.contains(good.token))
    }
}
