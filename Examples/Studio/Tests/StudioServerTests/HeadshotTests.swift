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

final class HeadshotTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testPhotoBecomesHeadshot() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let form = Form().file("photo", "anna.png", SampleMedia.portraitPNG(width: 16, height: 16)).field(
                "style",
                "studio"
            ).end()
            let ordered = try await api.batch(form)
            let batchID = try XCTUnwrap(ordered["id"]?.string)
            let id = try XCTUnwrap(ordered.headshots.first?["id"]?.string)
            XCTAssertEqual(ordered["credits"], 50)

            let batch = try await api.finished(ordered)
            let expected = """
                {"id": "\(id)", "batch": "\(batchID)", "name": "anna.png", "style": "studio", "state": "done", "fraction": 1,
                 "credits": 50, "error": null, "photo": "/api/headshots/\(id)/photo", "file": "/api/headshots/\(id)/file"}
                """
            XCTAssertEqual(batch.headshots, [try JSONDecoder().decode(JSONValue.self, from: Data(expected.utf8))])
            let headshot = try await api.get("/api/headshots/\(id)")
            XCTAssertEqual(try headshot.json, batch.headshots.first)

            let file = try await api.get("/api/headshots/\(id)/file?download=1")
            XCTAssertEqual(file.headers[.contentType], "image/png")
            XCTAssertEqual(
                file.headers[.contentDisposition],
                "attachment; filename=\"anna.png\"; filename*=UTF-8''anna.png"
            )
            XCTAssertEqual(file.headers[.cacheControl], "no-store")
            XCTAssertEqual(Data(buffer: file.body).prefix(4), Data([0x89, 0x50, 0x4e, 0x47]))
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
        XCTAssertEqual(try environment.uploads(), [])
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testPhotoIsKeptWithoutMetadata() async throws {
        let environment = try XCTUnwrap(environment)
        // The drawing of a landscape has a comment.
        let photo = SampleMedia.landscapePNG(width: 16, height: 16)
        XCTAssertNotNil(photo.range(of: Data("no-face".utf8)))
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png", content: photo)))
            XCTAssertEqual(batch.states, ["done"])
            let kept = try await api.get(try XCTUnwrap(batch.headshots.first?["photo"]?.string))
            XCTAssertEqual(Data(buffer: kept.body), try PhotoMetadata.remove(from: photo))
            XCTAssertNil(Data(buffer: kept.body).range(of: Data("no-face".utf8)))
        }
        XCTAssertNil(environment.service.uploads.first?.contents?.range(of: Data("no-face".utf8)))
    }

    func testPhotoWithoutFaceFailsAndIsNotCharged() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png", "no-face.png", "bob.png")))
            XCTAssertEqual(batch.states, ["done", "failed", "done"])
            XCTAssertEqual(batch.headshots[1]["error"]?["code"], "no_face")
            XCTAssertEqual(
                batch.headshots[1]["error"]?["message"],
                "No face was found in the photo. Use a photo in which one face is large, frontal, and well lit."
            )
            XCTAssertEqual(batch["credits"], 100)
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 100, 0])
            let file = try await api.get("\(try XCTUnwrap(batch.headshots[1]["photo"]?.string).dropLast(5))file")
            XCTAssertEqual(file.status, .conflict)
        }
    }

    func testSecondRequestWithIdempotencyKeyReturnsFirstBatch() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let headers: HTTPFields = [.idempotencyKey: "order 1"]
            let first = try await api.batch(.photos("anna.png"), headers: headers)
            let second = try await api.batch(.photos("anna.png"), headers: headers)
            XCTAssertEqual(first["id"], second["id"])
            let other = try await api.with(token: TestEnvironment.teamA).batch(.photos("anna.png"), headers: headers)
            XCTAssertNotEqual(other["id"], first["id"])
            _ = try await api.finished(first)
            _ = try await api.with(token: TestEnvironment.teamA).finished(other)
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50, 50])
    }

    func testConcurrentRequestsWithOneIdempotencyKeyCreateOneBatch() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let ids = try await withThrowingTaskGroup(of: String?.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await api.batch(.photos("anna.png"), headers: [.idempotencyKey: "order 1"])["id"]?.string
                    }
                }
                return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
            }
            XCTAssertEqual(ids.count, 1)
            let credits = try await api.credits()
            XCTAssertEqual(credits.first, 1_000)
        }
        let batches = try await environment.database.query("SELECT COUNT(*) FROM headshots", [])
        XCTAssertEqual(batches, [["1"]])
        XCTAssertEqual(try environment.headshotDirectories().count, 1)
    }

    func testFinishedHeadshotIsDeletedWithItsFiles() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png")))
            let id = try XCTUnwrap(batch.headshots.first?["id"]?.string)
            let deleted = try await api.request(.delete, "/api/headshots/\(id)")
            XCTAssertEqual(deleted.status, .noContent)
            let gone = try await api.get("/api/headshots/\(id)")
            XCTAssertEqual(gone.status, .notFound)
            // What was charged stays charged.
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(try environment.headshotDirectories(), [])
    }

    func testWaitingHeadshotIsCanceledAndRunningOneIsNot() async throws {
        let environment = try XCTUnwrap(environment)
        // The service responds to no create request until the test ends.
        let transport = BlockingTransport(environment.service, onPathsContaining: "/ai-headshot-generator")
        let studio = try await environment.studio(transport: transport) { $0.concurrency = 1 }
        try await environment.run(studio) { api in
            let running = try await api.batch(.photos("anna.png"))
            await transport.waitUntilBlocked()
            let waiting = try await api.batch(.photos("bob.png"))
            let runningID = try XCTUnwrap(running.headshots.first?["id"]?.string)
            let waitingID = try XCTUnwrap(waiting.headshots.first?["id"]?.string)
            let refused = try await api.request(.delete, "/api/headshots/\(runningID)")
            XCTAssertEqual(refused.status, .conflict)
            let deleted = try await api.request(.delete, "/api/headshots/\(waitingID)")
            XCTAssertEqual(deleted.status, .noContent)
            let canceled = try await api.get("/api/headshots/\(waitingID)")
            XCTAssertEqual(try canceled.json["state"], "canceled")
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 50])
            transport.unblock()
            let finished = try await api.finished(running)
            XCTAssertEqual(finished.states, ["done"])
        }
    }

    func testStylesAndCaller() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let styles = try await api.get("/api/styles").json
            guard case .array(let list)? = styles["styles"] else { return XCTFail("There are no styles.") }
            XCTAssertEqual(list.compactMap { $0["id"]?.string }, ["studio", "outdoor", "office", "dark"])
            let me = try await api.get("/api/me").json
            XCTAssertEqual(me["name"], "team-b")
            XCTAssertEqual(me["price"], 50)
            XCTAssertEqual(me["limits"], ["photos": 20, "bytes": 10_485_760])
        }
    }

    func testArchiveContainsTheFinishedHeadshots() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.run(try await environment.studio()) { api in
            let batch = try await api.finished(try await api.batch(.photos("anna.png", "no-face.png", "Anna.png")))
            let archive = try await api.get("/api/batches/\(try XCTUnwrap(batch["id"]?.string))/file")
            XCTAssertEqual(archive.headers[.contentType], "application/zip")
            let entries = try ZIPReader(Data(buffer: archive.body)).entries
            XCTAssertEqual(entries.map(\.name), ["anna.png", "Anna 2.png"])
            for (entry, index) in zip(entries, [0, 2]) {
                let file = try await api.get(try XCTUnwrap(batch.headshots[index]["file"]?.string))
                XCTAssertEqual(entry.content, Data(buffer: file.body))
            }
        }
    }
}
