import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOCore
import StudioServer
import StudioStores
import XCTest

final class StorageLimitTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testOrderAtTheLimitIsRefusedBeforeThePhotosAreRead() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio { $0.storedHeadshots = 1 }) { api in
            _ = try await api.finished(try await api.batch(.photos("anna.png")))
            // The body does not follow.
            let response = try await RawConnection.connect(port: try api.port).send(
                """
                POST /api/headshots HTTP/1.1\r
                Host: localhost\r
                Authorization: Bearer \(TestEnvironment.teamB)\r
                Content-Type: multipart/form-data; boundary=XX\r
                Content-Length: 1000\r
                \r\n
                """,
                until: "}}"
            )
            XCTAssertTrue(response.hasPrefix("HTTP/1.1 409 "), response)
            let body = try XCTUnwrap(response.components(separatedBy: "\r\n\r\n").last)
            XCTAssertEqual(
                try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8)),
                [
                    "error": [
                        "code": "too_many_headshots",
                        "message": """
                        The limit of stored headshots is 1, and you have 1. Delete some with DELETE /api/headshots/ID, and send the photos again.
                        """,
                    ]
                ]
            )
            // The limit is that of each caller.
            let other = api.with(token: TestEnvironment.teamA)
            _ = try await other.finished(try await other.batch(.photos("bob.png")))
        }
    }

    func testHeadshotsThatFailWithoutChargeCountUntilTheyAreDeleted() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio { $0.storedHeadshots = 2 }) { api in
            let batch = try await api.finished(try await api.batch(.photos("no-face 1.png", "no-face 2.png")))
            XCTAssertEqual(batch.states, ["failed", "failed"])
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
            let refused = try await api.order(.photos("no-face 3.png"))
            XCTAssertEqual(refused.status, .conflict)
            XCTAssertEqual(try refused.errorCode, "too_many_headshots")

            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let deleted = try await api.request(.delete, "/api/headshots/\(id)")
            XCTAssertEqual(deleted.status, .noContent)
            _ = try await api.finished(try await api.batch(.photos("no-face 3.png")))
        }
        XCTAssertEqual(try environment.headshotDirectories().count, 2)
    }

    func testOrderThatExceedsTheLimitIsRefusedAsAWhole() async throws {
        let environment = try XCTUnwrap(environment)
        let studio = try await environment.studio { ($0.storedHeadshots, $0.concurrency) = (2, 0) }
        try await environment.run(studio) { api in
            _ = try await api.batch(.photos("anna.png"))
            let refused = try await api.order(.photos("bob.png", "carl.png"), headers: [.idempotencyKey: "order 1"])
            XCTAssertEqual(refused.status, .conflict)
            XCTAssertEqual(
                try refused.json["error"]?["message"],
                "The limit of stored headshots is 2, and you have 1. Delete some with DELETE /api/headshots/ID, and send the photos again."
            )
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 50])
            XCTAssertEqual(try environment.headshotDirectories().count, 1)
            // The refused order did not use up its key.
            _ = try await api.batch(.photos("bob.png"), headers: [.idempotencyKey: "order 1"])
        }
        XCTAssertEqual(try environment.headshotDirectories().count, 2)
        XCTAssertEqual(try environment.uploads(), [])
    }

    func testConcurrentOrdersAtTwoProcessesDoNotExceedTheLimit() async throws {
        let environment = try XCTUnwrap(environment)
        let configure: (inout StudioConfiguration) -> Void = { ($0.storedHeadshots, $0.concurrency) = (3, 0) }
        let first = try await environment.studio(configure: configure)
        let second = try await environment.studio(configure: configure)
        try await environment.run(first) { one in
            try await environment.run(second) { two in
                let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                    for index in 0..<8 {
                        let api = index.isMultiple(of: 2) ? one : two
                        group.addTask { try await api.order(.photos("anna.png")).status }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                XCTAssertEqual(statuses.filter { $0 == .accepted }.count, 3)
                XCTAssertEqual(statuses.filter { $0 == .conflict }.count, 5)
                let credits = try await one.credits()
                XCTAssertEqual(credits, [1_000, 0, 150])
            }
        }
        XCTAssertEqual(try environment.headshotDirectories().count, 3)
    }

    func testRepeatedIdempotencyKeyReturnsFirstBatchAtTheLimit() async throws {
        let environment = try XCTUnwrap(environment)
        let studio = try await environment.studio { ($0.storedHeadshots, $0.concurrency) = (1, 0) }
        try await environment.run(studio) { api in
            let headers: HTTPFields = [.idempotencyKey: "order 1"]
            let concurrent = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<6 {
                    group.addTask { try await api.batch(.photos("anna.png"), headers: headers)["id"]?.string }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            XCTAssertEqual(concurrent.count, 1)
            let later = try await api.batch(.photos("anna.png"), headers: headers)
            XCTAssertEqual([later["id"]?.string], Array(concurrent))
            let other = try await api.order(.photos("anna.png"), headers: [.idempotencyKey: "order 2"])
            XCTAssertEqual(other.status, .conflict)
        }
        XCTAssertEqual(try environment.headshotDirectories().count, 1)
    }
}
