import FaultyServer
import Foundation
import HeadshotKit
import HeadshotKitTesting
import SimulatorServer
import XCTest

/// The public behavior of the simulator server.
final class SimulatorServerTests: XCTestCase {
    func testPortInUseIsReported() async throws {
        let server = try await SimulatorServer.start(SimulatedService())
        let port = try XCTUnwrap(server.baseURL.port)
        let error = try await failure(SimulatorServerError.self) {
            try await SimulatorServer.start(SimulatedService(), port: UInt16(port))
        }
        XCTAssertEqual(
            error.localizedDescription,
            "Port \(port) is in use on this machine. Choose another one, or 0 for any."
        )
        await server.stop()
    }

    func testStoppedServerRefusesConnectionsAndFreesPort() async throws {
        let first = try await SimulatorServer.start(SimulatedService())
        let account = first.baseURL.appendingPathComponent("v1/account")
        let transport = URLSessionTransport.shared
        let response = try await transport.send(TransportRequest(url: account))
        XCTAssertEqual(response.status, 401)
        await first.stop()
        let error = try await failure(TransportError.self) { try await transport.send(TransportRequest(url: account)) }
        XCTAssertEqual(error.kind, .notConnected)
        let port = try XCTUnwrap(first.baseURL.port)
        let second = try await SimulatorServer.start(SimulatedService(), port: UInt16(port))
        XCTAssertEqual(second.baseURL, first.baseURL)
        let again = try await transport.send(TransportRequest(url: account))
        XCTAssertEqual(again.status, 401)
        await second.stop()
    }

    func testURLsPointToServer() async throws {
        let service = SimulatedService()
        let server = try await SimulatorServer.start(service)
        let port = try XCTUnwrap(server.baseURL.port)
        XCTAssertEqual(server.magicHourURL.absoluteString, "http://127.0.0.1:\(port)")
        XCTAssertEqual(server.modelsLabURL.absoluteString, "http://127.0.0.1:\(port)/api/v6")
        XCTAssertEqual(service.publicURL, server.baseURL)
        await server.stop()
    }

    func testWebhookRequestsArePostedToTheURLOfTheHandler() async throws {
        let handler = try await FaultyServer.start()
        await handler.on("/hooks", .response(503), .response(204))
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .milliseconds(10)
        configuration.jobDuration = .milliseconds(10)
        configuration.webhookRetryDelay = .milliseconds(10)
        let service = SimulatedService(configuration: configuration)
        service.postWebhooks(
            to: handler.url("hooks"),
            secret: "whsec_test",
            fault: { $0.type == "image.started" ? .lost : nil }
        )
        let body = Data(#"{"image_count":1,"style":{"prompt":"a cat"}}"#.utf8)
        _ = try await service.send(
            TransportRequest(
                method: "POST",
                url: URL(fileURLWithPath: "/v1/ai-image-generator"),
                headers: ["Authorization": "Bearer mhk_live_simulated"],
                body: .data(body)
            )
        )
        while service.pendingWebhooks > 0 { try await Task.sleep(for: .milliseconds(5)) }
        let requests = await handler.requests
        XCTAssertEqual(requests.map(\.target), ["/hooks", "/hooks"])
        let verifier = try MagicHour.WebhookVerifier(secret: "whsec_test")
        for request in requests {
            let event = try verifier.event(body: request.body, headers: request.headers)
            XCTAssertEqual(event.type, .imageCompleted)
        }
        await handler.stop()
    }

    func testLargeUploadAndLargeOutputAreComplete() async throws {
        try await TestEnvironment.open(configure: { $0.outputBytes = 9_000_001 }) { environment in
            let contents = SampleMedia.portraitPNG() + noise(3_000_000)
            let uploaded = try await environment.magicHour.files.upload(
                .data(contents, fileExtension: "png"),
                as: .image
            )
            XCTAssertEqual(environment.service.uploads.map { MediaSource.uploaded($0.filePath) }, [uploaded])
            XCTAssertEqual(environment.service.uploads.map(\.byteCount), [contents.count])
            XCTAssertEqual(environment.service.uploads.map(\.digest), [SimulatedService.Upload.digest(of: contents)])

            let result = try await environment.magicHour.headshots.generate(
                environment.headshot,
                options: environment.options
            )
            let url = result.project.downloads[0].url
            let whole = try await URLSessionTransport.shared.send(TransportRequest(url: url))
            XCTAssertEqual(whole.status, 200)
            XCTAssertEqual(whole.headers["content-length"], "9000001")
            XCTAssertEqual(whole.headers["accept-ranges"], "bytes")
            let original = try await environment.original(url)
            XCTAssertTrue(whole.body == original)
            var request = TransportRequest(url: url, headers: ["Range": "bytes=8999000-"])
            request.headers["If-Range"] = whole.headers["etag"]
            let part = try await URLSessionTransport.shared.send(request)
            XCTAssertEqual(part.status, 206)
            XCTAssertEqual(part.headers["content-range"], "bytes 8999000-9000000/9000001")
            XCTAssertEqual(part.body, original.suffix(1_001))
        }
    }
}
