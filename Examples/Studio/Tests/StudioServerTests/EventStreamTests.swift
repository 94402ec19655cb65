import AsyncHTTPClient
import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import StudioServer
import StudioStores
import XCTest

final class EventStreamTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testStreamSendsStatesUntilHeadshotIsFinal() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/image-projects/")
        try await environment.run(try await environment.studio(transport: transport)) { api in
            let batch = try await api.batch(.photos("anna.png"))
            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            await transport.waitUntilBlocked()
            var events = try await Events(api, "/api/headshots/\(id)/events")
            let first = try await events.next()
            XCTAssertEqual(first?["id"]?.string, id)
            var last = first
            while last?["state"] != "waiting" { last = try await events.next() }
            transport.unblock()
            while let event = try await events.next() { last = event }
            XCTAssertEqual(last?["state"], "done")
            XCTAssertEqual(last?["file"]?.string, "/api/headshots/\(id)/file")
        }
    }

    func testStreamOfFinalHeadshotHasOneEvent() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png")))
            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let events = try await api.get("/api/headshots/\(id)/events")
            XCTAssertEqual(events.headers[.contentType], "text/event-stream")
            XCTAssertEqual(events.headers[.cacheControl], "no-store")
            let lines = events.text.split(separator: "\n")
            XCTAssertEqual(lines.count, 3, events.text)
            XCTAssertEqual(lines.first, "event: update")
            XCTAssertTrue(lines[1].hasPrefix("id: "))
            XCTAssertTrue(lines[2].hasPrefix("data: {"))
        }
    }

    func testStreamOfAnotherProcessSendsStates() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/image-projects/")
        let clock = ManualClock()
        let working = try await environment.studio(transport: transport)
        // It claims no headshot, because it has no workers.
        let watching = try await environment.studio(clock: clock) { $0.concurrency = 0 }
        try await environment.run(working) { one in
            try await environment.run(watching) { two in
                let batch = try await one.batch(.photos("anna.png"))
                let id = try XCTUnwrap(batch["id"]?.string)
                await transport.waitUntilBlocked()
                var events = try await Events(two, "/api/batches/\(id)/events")
                let first = try await events.next()
                XCTAssertNotEqual(first?["state"], "done")
                transport.unblock()
                _ = try await one.finished(batch)
                // The next poll of the database.
                clock.advance(by: .seconds(1))
                var last: JSONValue?
                while let event = try await events.next() { last = event }
                XCTAssertEqual(last?["state"], "done")
            }
        }
    }

    func testIdleStreamGetsComment() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/image-projects/")
        let clock = ManualClock()
        try await environment.run(try await environment.studio(clock: clock, transport: transport)) { api in
            let batch = try await api.batch(.photos("anna.png"))
            await transport.waitUntilBlocked()
            var events = try await Events(api, "/api/batches/\(try XCTUnwrap(batch["id"]?.string))/events")
            _ = try await events.next()
            for _ in 0..<30 {
                await clock.waitForSleepers(2)  // the workers and the feed
                clock.advance(by: .milliseconds(500))
            }
            let comment = try await events.nextLine()
            XCTAssertEqual(comment, ":")
            transport.unblock()
        }
    }

    func testStreamEndsWhenStudioShutsDown() async throws {
        let environment = try XCTUnwrap(environment)
        let transport = BlockingTransport(environment.service, onPathsContaining: "/image-projects/")
        let begun = Gate()
        let reader = try await environment.run(try await environment.studio(transport: transport)) { api in
            let batch = try await api.batch(.photos("anna.png"))
            await transport.waitUntilBlocked()
            let reader = Task {
                var events = try await Events(api, "/api/batches/\(try XCTUnwrap(batch["id"]?.string))/events")
                _ = try await events.next()
                begun.open()
                var last: JSONValue?
                while let event = try await events.next() { last = event }
                return last?["state"]
            }
            await begun.wait()
            return reader
        }
        // It ends without an error, although the headshot is not final.
        let state = try await reader.value
        XCTAssertNotEqual(state, "done")
    }
}

/// The events of a stream, as they arrive.
private struct Events {
    private var body: HTTPClientResponse.Body.AsyncIterator
    private var buffer = ByteBuffer()

    init(_ api: API, _ path: String) async throws {
        var request = HTTPClientRequest(url: "http://localhost:\(try api.port)\(path)")
        request.headers.add(name: "Authorization", value: "Bearer \(api.token ?? "")")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        XCTAssertEqual(response.status, .ok)
        body = response.body.makeAsyncIterator()
    }

    /// Returns the next line that is not empty, or `nil` at the end.
    mutating func nextLine() async throws -> String? {
        while true {
            if let length = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")).map({ $0 - buffer.readerIndex })
            {
                let line = buffer.readString(length: length) ?? ""
                buffer.moveReaderIndex(forwardBy: 1)
                if !line.isEmpty { return line }
            } else {
                guard var bytes = try await body.next() else { return nil }
                buffer.writeBuffer(&bytes)
            }
        }
    }

    /// Returns the data of the next event, or `nil` at the end.
    mutating func next() async throws -> JSONValue? {
        while let line = try await nextLine() {
            guard line.hasPrefix("data: ") else { continue }
            return try JSONDecoder().decode(JSONValue.self, from: Data(line.dropFirst(6).utf8))
        }
        return nil
    }
}
