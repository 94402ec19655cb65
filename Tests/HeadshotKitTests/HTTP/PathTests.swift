import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// The hosts and paths of requests.
final class PathTests: MockTestCase {
    func testInvalidIDIsRejectedBeforeRequest() async throws {
        let clients = makeClients()
        let magicHour = try clients.magicHour()
        for id in ["", " ", ".", "..", "\n"] {
            for error in [
                try await failure(of: { try await magicHour.imageProjects.delete(id) }),
                try await failure(of: { try await magicHour.videoProjects.get(id) }),
                try await failure(of: { try await magicHour.imageProjects.wait(id) }),
                try await failure(of: { try await magicHour.faceDetection.get(id) }),
                try await failure(of: { try await clients.modelsLab().images.fetch(id) }),
            ] { XCTAssertEqual(error.code, .invalidRequest, "“\(id)”") }
        }
        XCTAssertEqual(clients.mock.requests, [])
    }

    func testIDIsEncodedAsOnePathComponent() async throws {
        let clients = makeClients()
        clients.mock.on("GET", "/v1/image-projects/a/../b?x=1#y", times: 1...6, response: .status(404))
        _ = try await failure { try await clients.magicHour().imageProjects.get("a/../b?x=1#y") }
        XCTAssertEqual(
            clients.mock.requests.map(\.url.absoluteString),
            ["https://api.magichour.ai/v1/image-projects/a%2F..%2Fb%3Fx%3D1%23y"]
        )
    }

    func testPollPathOfHandleCannotNameAnotherHost() async throws {
        let paths = [
            "@evil.example/x", "//evil.example/x", "evil.example", ".evil.example/x", ":8443/x",
            "https://evil.example/x",
            "\\\\evil.example", "/\\\\evil.example", "?x", "#x", "", "/\\evil.example/x",
        ]
        for path in paths {
            let json =
                #"{"version":1,"service":"modelslab","operation":"head_shot","id":"7","createdAt":"2026-11-24T00:00:00.000Z","#
                + #""pollPath":\#(try JSONValue.string(path).text)}"#
            let job = try JSONDecoder().decode(JobHandle.self, from: Data(json.utf8))
            let clients = makeClients()
            clients.mock.on(
                "POST",
                "/api/v6/image_editing/fetch/7",
                response: .json(#"{"status":"failed","message":"m","id":7}"#)
            )
            let error = try await failure {
                try await clients.modelsLab().headshots.resume(job, options: clients.options)
            }
            XCTAssertEqual(error.code, .jobFailed, path)
            XCTAssertEqual(clients.mock.requests.map(\.url.host), ["modelslab.com"], path)
        }
    }

    func testCallToAnotherHostIsNotSent() async throws {
        let clients = makeClients()
        let api = try clients.magicHour().api
        for path in ["@evil.example/x", ".evil.example/x", "//evil.example", ":1/x", "x"] {
            let error = try await failure {
                try await api.send(APICall(context: CallContext(operation: "x"), path: path)) { _ in }
            }
            XCTAssertEqual(error.code, .invalidRequest, path)
        }
        XCTAssertEqual(clients.mock.requests, [])
    }

    func testCustomTransportUsesDefaultURL() throws {
        setenv("MAGIC_HOUR_BASE_URL", "http://127.0.0.1:1", 1)
        setenv("MODELSLAB_BASE_URL", "http://127.0.0.1:2", 1)
        defer {
            unsetenv("MAGIC_HOUR_BASE_URL")
            unsetenv("MODELSLAB_BASE_URL")
        }
        let mock = ClientConfiguration(transport: MockTransport())
        XCTAssertEqual(try MagicHour(apiKey: "k", configuration: mock).api.baseURL.host, "api.magichour.ai")
        XCTAssertEqual(try ModelsLab(apiKey: "k", configuration: mock).api.baseURL.host, "modelslab.com")
        XCTAssertEqual(try MagicHour(apiKey: "k").api.baseURL.port, 1)
        XCTAssertEqual(try ModelsLab(apiKey: "k").api.baseURL.port, 2)
        var changed = ClientConfiguration()
        changed.transport = MockTransport()
        XCTAssertEqual(try MagicHour(apiKey: "k", configuration: changed).api.baseURL.host, "api.magichour.ai")
        let other = try XCTUnwrap(URL(string: "https://other.example"))
        XCTAssertEqual(try MagicHour(apiKey: "k", baseURL: other, configuration: mock).api.baseURL, other)
    }

    #if !canImport(Darwin)
    func testIPv6BaseURLIsRejectedIfFoundationCannotConnect() throws {
        for text in ["http://[::1]:8080", "https://[2001:db8::1]", "https://[::ffff:127.0.0.1]/v1"] {
            let url = try XCTUnwrap(URL(string: text))
            XCTAssertThrowsError(try MagicHour(apiKey: "k", baseURL: url)) { error in
                XCTAssertEqual((error as? HeadshotKitError)?.code, .invalidConfiguration)
                XCTAssertTrue("\(error)".contains("IPv6"), "\(error)")
            }
            XCTAssertThrowsError(try ModelsLab(apiKey: "k", baseURL: url))
            let mock = ClientConfiguration(transport: MockTransport())
            XCTAssertNoThrow(try MagicHour(apiKey: "k", baseURL: url, configuration: mock))
        }
    }
    #endif

    func testUnmatchedRequestEndsEveryCallImmediately() async throws {
        let clients = TestClients()
        let magicHour = try clients.magicHour()
        let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "api-assets/a.png"))
        func check(_ name: String, count: Int, _ body: () async throws -> Void) async {
            let error = await thrown(by: body)
            XCTAssertTrue(error is MockTransport.Failure, "\(String(describing: error))")
            XCTAssertTrue("\(String(describing: error))".contains(name), "\(String(describing: error))")
            XCTAssertEqual(clients.mock.requests.count, count)
        }
        await check("POST //api.magichour.ai/v1/ai-headshot-generator", count: 1) {
            _ = try await magicHour.headshots.generate(request, options: clients.options)
        }
        clients.mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x"}"#))
        await check("GET //api.magichour.ai/v1/image-projects/x", count: 3) {
            _ = try await magicHour.headshots.generate(request, options: clients.options)
        }
        await check("GET //api.magichour.ai/v1/account", count: 4) { _ = try await magicHour.account.get() }
        XCTAssertEqual(clients.delays, [.seconds(1)])
    }
}
