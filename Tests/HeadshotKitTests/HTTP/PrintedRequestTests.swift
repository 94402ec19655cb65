import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class PrintedRequestTests: MockTestCase {
    func testDescriptionOfRequestRedactsSecrets() async throws {
        let clients = makeClients()
        clients.mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"x"}"#))
        clients.mock.on("POST", "/api/v6/image_editing/head_shot", response: .json(#"{"status":"processing","id":1}"#))
        clients.mock.on("PUT", "/u", response: .status(200))
        _ = try await clients.magicHour().headshots.create(.init(assets: .init(imageFilePath: "api-assets/PHOTO.png")))
        _ = try await clients.modelsLab().headshots.create(
            .init(prompt: "PROMPT", faceImage: "https://a.example/f.png")
        )
        let url = try XCTUnwrap(URL(string: "https://user:PASSWORD@s.example/u?sig=SIGNED#FRAGMENT"))
        let body = TransportRequest.Body.data(Data("BODY".utf8))
        let cookie: TransportHeaders = ["Cookie": "COOKIE", "x-api-key": "XKEY", "Content-Type": "image/png"]
        _ = try await clients.mock.send(TransportRequest(method: "PUT", url: url, headers: cookie, body: body))
        for request in clients.mock.requests {
            var text = "\(request) \(String(reflecting: request)) \(request.headers) \(request.body) \([request])"
            text +=
                String(reflecting: request.headers) + String(reflecting: request.body) + "\(Optional(request) as Any)"
            dump(request, to: &text)
            dump(request.headers, to: &text)
            dump(request.body, to: &text)
            let secrets = [
                "mhk_live", "ml-secret", "SIGNED", "PASSWORD", "FRAGMENT", "BODY", "COOKIE", "XKEY", "PROMPT", "PHOTO",
            ]
            for secret in secrets { XCTAssertFalse(text.contains(secret), "\(secret): \(text)") }
            XCTAssertTrue(text.contains(request.method), text)
            XCTAssertTrue(text.contains("content-type"), text)
        }
    }

    func testDescriptionOfResponseRedactsSecrets() {
        let headers: TransportHeaders = [
            "Location": "https://x.example/?sig=SIGNED", "Set-Cookie": "COOKIE", "ETag": "TAG",
        ]
        let response = TransportResponse(status: 200, headers: headers, body: Data("BODY".utf8))
        var text = "\(response) \(String(reflecting: response))"
        dump(response, to: &text)
        for secret in ["SIGNED", "COOKIE", "BODY", "TAG"] { XCTAssertFalse(text.contains(secret), text) }
        XCTAssertTrue(text.contains("4 bytes"), text)
    }
}
