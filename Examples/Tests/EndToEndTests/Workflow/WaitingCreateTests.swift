import FaultyServer
import Foundation
import HeadshotKit
import XCTest

/// Creates that wait for a connection, because a host has as many requests in flight as the transport allows.
final class WaitingCreateTests: XCTestCase {
    #if os(Linux)
    func testCanceledCreateThatWaitsIsNotSentAndLeavesNoRecord() async throws {
        let server = try await FaultyServer.start()
        await server.on("/v1/ai-headshot-generator", .silence)
        try await withTemporaryDirectory { directory in
            let store = try FileJobStore(directory: directory.appendingPathComponent("jobs"))
            let configuration = ClientConfiguration(transport: URLSessionTransport(), jobStore: store)
            let magicHour = try MagicHour(apiKey: "key", baseURL: server.baseURL, configuration: configuration)
            let request = MagicHour.HeadshotRequest(photo: "api-assets/me.png")
            let inFlight = 12
            let calls = (0..<inFlight).map { _ in Task { try await magicHour.headshots.submit(request) } }
            try await eventually(await server.requests.count == inFlight)
            let waiting = (0..<8).map { _ in Task { try await magicHour.headshots.submit(request) } }
            try await eventually(try await store.records().count == inFlight + waiting.count)
            for call in waiting { call.cancel() }
            for call in waiting {
                do {
                    let job = try await call.value
                    XCTFail("\(job) was created.")
                } catch { XCTAssertTrue(error is CancellationError, "\(error)") }
            }
            // Nothing was sent for them, so nothing is unconfirmed.
            let records = try await store.records()
            let requests = await server.requests
            XCTAssertEqual(records.count, inFlight)
            XCTAssertEqual(requests.count, inFlight)
            await server.stop()
            for call in calls {
                do { _ = try await call.value } catch let error as HeadshotKitError {
                    XCTAssertEqual(error.code, .submissionUnconfirmed)
                }
            }
        }
    }
    #endif
}
