import Foundation
import HeadshotKit
import HeadshotKitTesting
import XCTest

/// A client that sends literal JSON to a simulated service.
struct SimulatorClient: Sendable {
    struct Response {
        let status: Int
        let headers: TransportHeaders
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }

        func json() throws -> [String: Any] {
            try XCTUnwrap(JSONSerialization.jsonObject(with: body) as? [String: Any], text)
        }

        func string(_ key: String) throws -> String { try XCTUnwrap(json()[key] as? String, text) }
        func strings(_ key: String) throws -> [String] { try XCTUnwrap(json()[key] as? [String], text) }
        func integer(_ key: String) throws -> Int { try XCTUnwrap(json()[key] as? Int, text) }

        func items(_ key: String) throws -> [[String: Any]] {
            try XCTUnwrap(json()[key] as? [[String: Any]], text)
        }
    }

    let service: SimulatedService

    func send(
        _ method: String,
        _ url: String,
        headers: TransportHeaders = [:],
        body: TransportRequest.Body = .none
    ) async throws -> Response {
        let request = TransportRequest(
            method: method,
            url: try XCTUnwrap(URL(string: url)),
            headers: headers,
            body: body
        )
        let response = try await service.send(request)
        return Response(status: response.status, headers: response.headers, body: response.body)
    }

    func magicHour(_ method: String, _ path: String, _ body: String? = nil) async throws -> Response {
        try await send(
            method,
            "https://api.magichour.ai\(path)",
            headers: ["Authorization": "Bearer mhk_live_simulated"],
            body: body.map { .data(Data($0.utf8)) } ?? .none
        )
    }

    /// Sends a request whose body has the key and the given members.
    func modelsLab(_ path: String, _ fields: String = "") async throws -> Response {
        let body = #"{"key":"modelslab-simulated"\#(fields.isEmpty ? "" : ",")\#(fields)}"#
        return try await send("POST", "https://modelslab.com/api\(path)", body: .data(Data(body.utf8)))
    }

    /// Uploads a file and returns its path.
    func upload(_ data: Data, type: String = "image", extension ending: String = "png") async throws -> String {
        let body = #"{"items":[{"type":"\#(type)","extension":"\#(ending)"}]}"#
        let items = try await magicHour("POST", "/v1/files/upload-urls", body).items("items")
        let item = try XCTUnwrap(items.first)
        let put = try await send("PUT", try XCTUnwrap(item["upload_url"] as? String), body: .data(data))
        XCTAssertEqual(put.status, 200)
        return try XCTUnwrap(item["file_path"] as? String)
    }

    /// Creates an image for five credits.
    func createImage() async throws -> Response {
        try await magicHour("POST", "/v1/ai-image-generator", #"{"image_count":1,"style":{"prompt":"a cat"}}"#)
    }

    /// Uploads a photo, creates a headshot of it and returns the ID of the job.
    func createHeadshot(of photo: Data = SampleMedia.portraitPNG(width: 32, height: 32)) async throws -> String {
        let path = try await upload(photo)
        let body = #"{"assets":{"image_file_path":"\#(path)"},"style":{"prompt":"navy suit"}}"#
        let response = try await magicHour("POST", "/v1/ai-headshot-generator", body)
        XCTAssertEqual(response.status, 200, response.text)
        return try response.string("id")
    }
}

/// A test case with a simulated service whose clock is manual and whose durations are short.
class SimulatorTestCase: XCTestCase {
    let clock = ManualClock()

    func makeService(_ change: (inout SimulatedService.Configuration) -> Void = { _ in }) -> SimulatedService {
        var configuration = SimulatedService.Configuration()
        configuration.queueDuration = .seconds(1)
        configuration.jobDuration = .seconds(3)
        configuration.outputPixels = 32
        configuration.startDate = Date(timeIntervalSince1970: 1_785_585_600)  // 2026-08-01T12:00:00Z
        change(&configuration)
        return SimulatedService(configuration: configuration, clock: clock)
    }

    /// Returns the transport error that a closure throws.
    func transportError<Result>(
        file: StaticString = #filePath,
        line: UInt = #line,
        of body: () async throws -> Result
    ) async throws -> TransportError {
        do {
            let result = try await body()
            XCTFail("Expected an error, but \(result) was returned.", file: file, line: line)
            throw CancellationError()
        } catch let error as TransportError {
            return error
        }
    }
}
