import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class SecretsTests: MockTestCase {
    func testDescriptionAndDumpOfClientRedactKey() throws {
        let clients = makeClients()
        let values: [Any] = [try clients.magicHour(), try clients.modelsLab(), try clients.magicHour().api.key]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), dumped] {
                XCTAssertFalse(text.contains("secret"), text)
            }
        }
    }

    func testRedactedURLHasNoQueryFragmentOrCredentials() throws {
        let url = try XCTUnwrap(URL(string: "https://me:pw@host.example:8443/a/b.png?X-Signature=1#f"))
        XCTAssertEqual(url.redacted, "https://host.example:8443/a/b.png?…")
    }

    func testSignedURLInTextIsRedacted() {
        for text in [
            "like https://cdn.example/x.png?X-Amz-Signature=s3cr3t please",
            "https://a.example/b c|<>.png?X-Amz-Signature=s3cr3t",
            "https://[bad/x?sig=s3cr3t",
            "(https://cdn.example/x.png?sig=s3cr3t)",
            "https://a.example/b.png?x=1 2&sig=s3cr3t",
            "see HTTPS://cdn.example/x.png?a=(b)s3cr3t now",
            "see https://cdn.example/x.png?a=b'c\"d[]<e>&sig=s3cr3t now",
            "see https://user:s3cr3t@cdn.example/x.png now",
            "see https://cdn.example/x.png#token=s3cr3t now",
            "see https://a.example/1?u=https://b.example/2?sig=s3cr3t now",
        ] {
            let kept = JSONValue.object(["prompt": .string(text)]).withoutQueries()
            XCTAssertFalse("\(kept)".contains("s3cr3t"), "\(kept)")
        }
        for unchanged: JSONValue in [
            "Is  this https://a.example/x? Who\nknows? ", "why? because", "https://a.example/me.png", "://", "",
        ] {
            XCTAssertEqual(unchanged.withoutQueries(), unchanged)
        }
        XCTAssertEqual(JSONValue("https://me@a.example/1.png?sig=1").withoutQueries(), "https://a.example/1.png?…")
        XCTAssertEqual(
            JSONValue("like https://a.example/1.png?sig=1 !").withoutQueries(),
            "like https://a.example/1.png?… !"
        )
    }

    func testKeyWithSlashIsRedactedInJSON() async throws {
        let clients = makeClients()
        clients.mock.on(
            "POST",
            "/api/v6/image_editing/head_shot",
            response: .json(#"{"request":{"key":"ml\/secret+key"}}"#)
        )
        let modelsLab = try ModelsLab(apiKey: "ml/secret+key", configuration: clients.configuration)
        let error = try await failure {
            try await modelsLab.headshots.submit(.init(prompt: "p", faceImage: "https://a.example/face.png"))
        }
        XCTAssertEqual(error.submission, .unconfirmed)
        XCTAssertFalse(error.description.contains("secret+key"), error.description)
    }

    func testOnlyHTTPSAndLoopbackURLsAreSecure() {
        let secure = [
            "https://a.example", "http://localhost:1", "http://127.0.0.1/x", "http://127.9.9.9", "http://[::1]:80/",
        ]
        let insecure = [
            "http://a.example", "http://127.0.0.1.example", "http://1270.0.0.1", "http://localhost.example",
            "ftp://a.example",
            "file:///etc/passwd", "https://", "http://10.0.0.1", "http://127.1",
        ]
        for text in secure { XCTAssertEqual(URL(string: text)?.isSecureOrLoopback, true, text) }
        for text in insecure { XCTAssertNotEqual(URL(string: text)?.isSecureOrLoopback, true, text) }
    }

    func testPlainHTTPBaseURLIsRejected() async throws {
        let error = try await failure { try MagicHour(apiKey: "k", baseURL: URL(string: "http://api.example")) }
        XCTAssertEqual(error.code, .invalidConfiguration)
        XCTAssertTrue(error.description.contains("http://api.example"), error.description)
    }

    func testMissingKeyErrorNamesEnvironmentVariable() async throws {
        let error = try await failure { try MagicHour(apiKey: " \n") }
        XCTAssertEqual(error.code, .missingAPIKey)
        XCTAssertTrue(error.description.contains("MAGIC_HOUR_API_KEY"), error.description)
    }

    func testKeyWithInvalidHeaderCharactersIsRejected() async throws {
        let error = try await failure { try ModelsLab(apiKey: "abc\r\nX-Evil: 1") }
        XCTAssertEqual(error.code, .missingAPIKey)
        XCTAssertFalse(error.description.contains("X-Evil"))
    }

    func testKeyIsSentOnlyToAPIHost() async throws {
        let clients = makeClients()
        clients.mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(
                #"{"items":[{"upload_url":"https://store.example/u?sig=1","file_path":"api-assets/a.png"}]}"#
            )
        )
        clients.mock.on("PUT", "/u", response: .status(200))
        clients.mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"j1","credits_charged":50}"#))
        clients.mock.on(
            "GET",
            "/v1/image-projects/j1",
            response: .json(#"{"status":"complete","downloads":[{"url":"https://out.example/o.png?sig=2"}]}"#)
        )
        clients.mock.on("GET", "/o.png", response: .data(pngBytes))
        _ = try await clients.magicHour().headshots.generate(
            .init(assets: .init(imageFilePath: .data(pngBytes))),
            options: clients.options
        )
        for request in clients.mock.requests {
            let isAPI = request.url.host == "api.magichour.ai"
            XCTAssertEqual(request.headers["Authorization"], isAPI ? "Bearer mhk_live_secret" : nil, "\(request.url)")
        }
    }
}
