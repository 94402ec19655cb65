import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOConcurrencyHelpers
import NIOCore
import StudioStores
import XCTest

@testable import StudioServer

final class RelaySecurityTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testAppIsAskedForItsTokenAgainAfterRejection() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let calls = NIOLockedValueBox(0)
            let app = try environment.app(api) {
                let call = calls.withLockedValue { count in
                    count += 1
                    return count
                }
                return call == 1 ? "an-expired-token-0123456789" : TestEnvironment.teamB
            }
            let result = try await app.generate()
            XCTAssertEqual(result.files.count, 1)
            XCTAssertEqual(calls.withLockedValue { $0 }, 2)

            let stranger = try environment.app(api) { "an-expired-token-0123456789" }
            let error = try await stranger.failure()
            XCTAssertEqual(error.code, .unauthorized)
            XCTAssertEqual(error.submission, .rejected)
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testRequestsWithoutTokenAreRefused() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let stranger = api.with(token: nil)
            for path in ["/v1/image-projects/x", "/v1/account", "/v1", "/v1/face-detection/x", "/api/relayed-jobs"] {
                let response = try await stranger.get(path)
                XCTAssertTrue([401, 404].contains(response.status.code), path)
            }
            let created = try await stranger.create()
            XCTAssertEqual(created.status, .unauthorized)
            XCTAssertEqual(try created.json["code"], "unauthorized")
        }
        XCTAssertEqual(environment.service.requestCounts, [:])
    }

    func testOperationThatIsNotRelayedIsRefused() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let id = try await api.project()
            let requests: [(HTTPRequest.Method, String)] = [
                (.post, "/v1/ai-image-generator"), (.get, "/v1/account"), (.delete, "/v1/image-projects/\(id)"),
                (.get, "/v1/video-projects/\(id)"), (.put, "/v1/ai-headshot-generator"),
                (.get, "/v1/ai-headshot-generator"),
                (.post, "/v1/image-projects/\(id)"), (.get, "/v1/files/upload-urls"), (.post, "/v1/a/b/c"),
            ]
            for (method, path) in requests {
                let response = try await api.request(method, path)
                XCTAssertEqual(response.status, .forbidden, "\(method) \(path): \(response.text)")
                XCTAssertEqual(try response.json["code"], "not_relayed")
                XCTAssertTrue(try response.json["message"]?.string?.contains("ai-headshot-generator") == true)
            }
            let app = try environment.app(api)
            do {
                _ = try await app.magicHour.images.generate(.init(prompt: "a lake"))
                XCTFail("The operation is not relayed.")
            } catch let error as HeadshotKitError {
                XCTAssertEqual(error.code, .planRequired)
                XCTAssertEqual(error.submission, .rejected)
                XCTAssertTrue(error.serverMessage?.contains("does not allow") == true, "\(error)")
            }
        }
        XCTAssertEqual(environment.service.requestCounts, [.createHeadshot: 1])
    }

    func testProjectOfAnotherCallerIsNotFound() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let id = try await api.project()
            let detection = try await api.request(
                .post,
                "/v1/face-detection",
                body: Data(#"{"assets":{"target_file_path":"https://example.com/me.png"}}"#.utf8)
            )
            let faces = try XCTUnwrap(try detection.json["id"]?.string)
            let other = api.with(token: TestEnvironment.teamA)
            let unknown = try await api.get("/v1/image-projects/unknown")
            XCTAssertEqual(unknown.status, .notFound)
            for path in ["/v1/image-projects/\(id)", "/v1/face-detection/\(faces)"] {
                let own = try await api.get(path)
                XCTAssertEqual(own.status, .ok, own.text)
                let response = try await other.get(path)
                XCTAssertEqual(response.status, .notFound)
                XCTAssertEqual(response.text, unknown.text)
            }
            // A job is found only where its operation keeps it.
            let mixed = try await api.get("/v1/face-detection/\(id)")
            XCTAssertEqual(mixed.status, .notFound)
            let list = try await other.relayedJobs()
            XCTAssertEqual(list, [])
        }
    }

    func testHostileIDsReachNoOtherPathOfTheService() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            _ = try await api.project()
            let ids = [
                "..%2f..%2fv1%2faccount", "%2e%2e%2faccount", "../account", "..", "%00", "x%00y", "x?id=1", "*", "%25",
                "%27%20OR%201=1--", String(repeating: "a", count: 5_000),
            ]
            for id in ids {
                let response = try await api.get("/v1/image-projects/\(id)")
                XCTAssertTrue([400, 403, 404].contains(response.status.code), "\(id): \(response.status)")
            }
            // The client of the tests cannot send these bytes.
            let text = try await RawConnection.connect(port: try api.port).send(
                "GET /v1/image-projects/%ff%fe HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(TestEnvironment.teamB)\r\n\r\n",
                until: "}"
            )
            XCTAssertTrue(text.hasPrefix("HTTP/1.1 404 "), text)
        }
        XCTAssertEqual(environment.service.requestCounts, [.createHeadshot: 1])
    }

    func testLocalPathsInABodyAreTextForTheService() async throws {
        let environment = try XCTUnwrap(environment)
        let secret = environment.directory.appendingPathComponent("secret.png")
        try SampleMedia.portraitPNG(width: 16, height: 16).write(to: secret)
        try await environment.runRelay { api, _ in
            for path in [secret.path, secret.absoluteString, "file:///etc/passwd", "~/.ssh/id_rsa", "/etc/passwd"] {
                let body = #"{"assets":{"image_file_path":"\#(path)"},"style":{"prompt":"\#(path)"}}"#
                let response = try await api.create(Data(body.utf8))
                XCTAssertTrue((400..<500).contains(response.status.code), "\(path): \(response.text)")
                let detection = #"{"assets":{"target_file_path":"\#(path)"}}"#
                _ = try await api.request(.post, "/v1/face-detection", body: Data(detection.utf8))
            }
        }
        XCTAssertNil(environment.service.requestCounts[.createUploadURLs])
        XCTAssertEqual(environment.service.uploads.count, 0)
        XCTAssertEqual(environment.service.ledger, [])
    }

    func testUnusableBodiesAreRefusedBeforeAnythingIsReserved() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let bodies = [
                "", "{", "[]", "null", "\"text\"", "{\"name\":\"\u{1}", String(repeating: "[", count: 60_000),
                #"{"a":"# + String(repeating: #"{"a":"#, count: 9_000) + "1",
            ]
            for body in bodies {
                let response = try await api.create(Data(body.utf8))
                XCTAssertEqual(response.status, .badRequest, String(body.prefix(20)))
                XCTAssertEqual(try response.json["code"], "invalid_request")
            }
            let large = try await api.create(Data(#"{"name":"\#(String(repeating: "a", count: 1 << 16))"}"#.utf8))
            XCTAssertEqual(large.status, .contentTooLarge)
            XCTAssertEqual(try large.json["code"], "too_large")
            let uploads = [
                #"{"items":[]}"#, #"{"items":["x"]}"#,
                #"{"items":[\#(Array(repeating: #"{"type":"image","extension":"png"}"#, count: 21).joined(separator: ","))]}"#,
            ]
            for body in uploads {
                let response = try await api.request(.post, "/v1/files/upload-urls", body: Data(body.utf8))
                XCTAssertEqual(response.status, .badRequest, body)
            }
            let jobs = try await api.relayedJobs()
            XCTAssertEqual(jobs, [])
        }
        XCTAssertEqual(environment.service.requestCounts, [:])
    }

    func testCallerCannotHaveMoreRequestsInProgressThanItsLimit() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        try await environment.runRelay(transport: transport) {
            $0.relayedRequests = 1
        } _: { api, _ in
            async let created = api.project()
            await transport.waitUntilBlocked()
            let uploads = Data(#"{"items":[{"type":"image","extension":"png"}]}"#.utf8)
            for limited in [
                try await api.create(), try await api.get("/v1/image-projects/x"),
                try await api.request(.post, "/v1/files/upload-urls", body: uploads),
                try await api.request(.post, "/v1/face-detection", body: Data("{}".utf8)),
            ] {
                XCTAssertEqual(limited.status, .tooManyRequests)
                XCTAssertEqual(limited.headers[.retryAfter], "5")
                XCTAssertEqual(try limited.json["code"], "too_many_requests")
            }
            let other = try await api.with(token: TestEnvironment.teamA).get("/v1/image-projects/x")
            XCTAssertEqual(other.status, .notFound)
            let error = try await environment.app(api).failure()
            XCTAssertEqual(error.code, .rateLimited)
            XCTAssertEqual(error.submission, .rejected)
            transport.unblock()
            let id = try await created
            let fetched = try await api.get("/v1/image-projects/\(id)")
            XCTAssertEqual(fetched.status, .ok)
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testStrangeNamesDoNotBreakTheTag() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let names = [
                #""hk-AAAAAAAAAAAAAAAAAAAAAA""#, #""Portrait hk-AAAAAAAAAAAAAAAAAAAAAA""#, #""""#, #""a\u0000b""#,
                "null", "7",
                #"{"a":1}"#, #""\#(String(repeating: "n", count: 5_000))""#,
            ]
            for name in names {
                let body = #"{"assets":{"image_file_path":"https://example.com/me.png"},"name":\#(name)}"#
                let response = try await api.create(Data(body.utf8))
                XCTAssertEqual(response.status, .ok, "\(name): \(response.text)")
                let sent = try XCTUnwrap(environment.service.jobs.last?.name)
                XCTAssertNotNil(sent.range(of: "hk-[A-Za-z0-9_-]{22}$", options: .regularExpression), sent)
                XCTAssertFalse(sent.hasSuffix("hk-AAAAAAAAAAAAAAAAAAAAAA"))
            }
            let jobs = try await api.relayedJobs()
            XCTAssertEqual(jobs.count, names.count)
        }
    }

    func testResponsesContainNoSecretOfTheStudio() async throws {
        let environment = try XCTUnwrap(environment)
        let key = environment.service.configuration.magicHourKey
        let echo = #"{"message":"The key \#(key) is not allowed to do this."}"#
        try await environment.runRelay { api, _ in
            for status in [400, 401, 403, 404, 429, 500, 503] {
                environment.service.inject(.status(status, body: echo), on: .createHeadshot, times: 4)
                let response = try await api.create()
                XCTAssertFalse(response.status.kind == .successful)
                let all = response.text + response.headers.map { "\($0)" }.joined()
                XCTAssertFalse(all.contains(key), all)
                // The faults that were not used.
                while environment.service.faultsLeft > 0 { _ = try await api.create() }
            }
        }
    }

    func testRelayIsOffByDefault() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            for path in ["/v1/image-projects/x", "/api/relayed-jobs"] {
                let response = try await api.get(path)
                XCTAssertEqual(response.status, .notFound)
            }
            let created = try await api.create()
            XCTAssertEqual(created.status, .notFound)
        }
    }

    func testRelayRequiresMagicHour() async throws {
        let environment = try XCTUnwrap(environment)
        var configuration = StudioConfiguration()
        configuration.relayedOperations = RelayedOperation.headshots
        do {
            _ = try await Studio(
                directory: environment.directory,
                database: environment.database,
                jobStore: environment.store,
                maker: .modelsLab(try ModelsLab(apiKey: "modelslab-simulated"), price: 2),
                callers: try Callers([]),
                configuration: configuration
            )
            XCTFail("The relay needs Magic Hour.")
        } catch let error as ConfigurationError {
            XCTAssertTrue(error.description.contains("Magic Hour"))
        }
    }
}
