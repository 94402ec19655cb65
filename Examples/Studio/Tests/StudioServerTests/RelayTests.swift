import Foundation
import HTTPTypes
import HeadshotKit
import HeadshotKitTesting
import HummingbirdTesting
import NIOConcurrencyHelpers
import NIOCore
import NIOFoundationCompat
import StudioStores
import XCTest

@testable import StudioServer

final class RelayTests: XCTestCase {
    private var environment: TestEnvironment!

    override func setUp() async throws { environment = try await TestEnvironment() }
    override func tearDown() async throws { try environment.remove() }

    func testAppMakesHeadshotThroughStudio() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let app = try environment.app(api)
            let result = try await app.generate(app.options(faceCheck: .exactlyOne, correlation: .name))
            XCTAssertEqual(result.files.count, 1)
            XCTAssertEqual(try Data(contentsOf: result.files[0]).prefix(4), Data([0x89, 0x50, 0x4E, 0x47]))
            XCTAssertEqual(result.project.creditsCharged, 50)
            let left = try await app.magicHour.jobs.unfinished()
            XCTAssertEqual(left, [])
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])

            // The name has the tag of the app, and the studio's own one at the end.
            let sent = try XCTUnwrap(environment.service.jobs.last?.name)
            let name = try XCTUnwrap(sent.split(separator: " ").dropLast().joined(separator: " "))
            XCTAssertEqual(sent.components(separatedBy: " hk-").count, 3, sent)
            let jobs = try await api.relayedJobs()
            XCTAssertEqual(jobs.count, 1)
            XCTAssertEqual(jobs[0]["project"]?.string, result.job.id)
            XCTAssertEqual(jobs[0]["name"]?.string, name)
            XCTAssertEqual(jobs[0]["state"], "created")
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
        XCTAssertEqual(environment.service.uploads.count, 1)
        let records = try await environment.store.records(after: nil, limit: 10)
        XCTAssertEqual(records, [])
    }

    func testPhotoWithoutFaceIsNotCharged() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let app = try environment.app(api)
            let photo = MediaSource(SampleMedia.portraitPNG(width: 16, height: 16) + Data("no-face".utf8))
            do {
                _ = try await app.magicHour.headshots.generate(
                    .init(photo: photo),
                    options: app.options(faceCheck: .exactlyOne)
                )
                XCTFail("The photo shows no face.")
            } catch let error as HeadshotKitError {
                XCTAssertEqual(error.code, .noFaceDetected)
            }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
        XCTAssertEqual(environment.service.ledger, [])
    }

    func testJobAboveBudgetIsNotSent() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let team = api.with(token: TestEnvironment.teamA)
            let app = try environment.app(api) { TestEnvironment.teamA }
            _ = try await team.project()
            _ = try await team.project()
            let response = try await team.create()
            XCTAssertEqual(response.status.code, 402)
            XCTAssertEqual(try response.json["code"], "budget_exceeded")
            let error = try await app.failure()
            XCTAssertEqual(error.code, .insufficientCredits)
            XCTAssertEqual(error.submission, .rejected)
            XCTAssertTrue(error.serverMessage?.hasPrefix("This request costs more credits") == true, "\(error)")
            let left = try await app.magicHour.jobs.unfinished()
            XCTAssertEqual(left, [])
            let credits = try await team.credits()
            XCTAssertEqual(credits, [120, 100, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50, 50])
    }

    func testConcurrentCreatesDoNotExceedBudget() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let team = api.with(token: TestEnvironment.teamA)
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { try await team.create().status.code } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            XCTAssertEqual(statuses.sorted(), [200, 200, 402, 402, 402, 402, 402, 402])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50, 50])
    }

    // MARK: Failures

    func testRejectionByTheServiceIsPassedOnAndNotCharged() async throws {
        let environment = try XCTUnwrap(environment)
        let body = #"{"code":"unprocessable_entity","message":"The image is too small."}"#
        environment.service.inject(.status(422, body: body), on: .createHeadshot, times: 2)
        try await environment.runRelay { api, _ in
            let response = try await api.create()
            XCTAssertEqual(response.status.code, 422)
            XCTAssertEqual(response.text, body)
            let app = try environment.app(api)
            let error = try await app.failure()
            XCTAssertEqual(error.code, .invalidRequest)
            XCTAssertEqual(error.submission, .rejected)
            XCTAssertEqual(error.serverMessage, "The image is too small.")
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
            let states = try await api.relayedJobs().map { $0["state"] }
            XCTAssertEqual(states, ["failed", "failed"])
        }
    }

    func testCreateThatDidNotReachTheServiceIsSafeToSendAgain() async throws {
        let environment = try XCTUnwrap(environment)
        // The studio sends the request four times, and so does the app.
        environment.service.inject(.connectionRefused, on: .createHeadshot, times: 16)
        try await environment.runRelay { api, _ in
            let app = try environment.app(api)
            let error = try await app.failure()
            XCTAssertEqual(error.code, .serverError)
            XCTAssertEqual(error.submission, .rejected)
            XCTAssertEqual(error.status, 503)
            let left = try await app.magicHour.jobs.unfinished()
            XCTAssertEqual(left, [])
            let result = try await app.generate()
            XCTAssertEqual(result.files.count, 1)
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.amount), [50])
    }

    func testRejectedKeyOfTheStudioIsNotBlamedOnTheApp() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(
            .status(401, body: #"{"message":"The key mhk_live_simulated is revoked."}"#),
            on: .createHeadshot
        )
        try await environment.runRelay { api, _ in
            let response = try await api.create()
            XCTAssertEqual(response.status, .serviceUnavailable)
            XCTAssertEqual(response.headers[.retryAfter], "5")
            XCTAssertFalse(response.text.contains("mhk_live"), response.text)
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
    }

    func testWaitThatTheServiceAsksForIsPassedOn() async throws {
        let environment = try XCTUnwrap(environment)
        let clock = ManualClock()
        let studio = try await environment.relayingStudio(clientClock: clock)
        try await environment.run(studio) { api in
            let id = try await api.project()
            environment.service.inject(.tooManyRequests(retryAfter: "30"), on: .getImageProject)
            async let response = api.get("/v1/image-projects/\(id)")
            await clock.waitForSleepers(2)  // the pause after the failure, and the deadline of the poll
            clock.advance(by: .seconds(20))
            let limited = try await response
            XCTAssertEqual(limited.status, .tooManyRequests)
            XCTAssertEqual(limited.headers[.retryAfter], "30")
            XCTAssertEqual(limited.text, #"{"code":"service_error","message":"Too Many Requests"}"#)
        }
    }

    func testFailedJobIsRefundedOnce() async throws {
        let environment = try XCTUnwrap(environment)
        environment.service.inject(.jobFails(code: "unknown_error", message: "Out of luck."), on: .createHeadshot)
        try await environment.runRelay { api, _ in
            let app = try environment.app(api)
            let error = try await app.failure()
            XCTAssertEqual(error.code, .jobFailed)
            XCTAssertEqual(error.serverMessage, "Out of luck.")
            let id = try XCTUnwrap(error.job?.id)
            _ = try await api.project()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let response = try await api.get("/v1/image-projects/\(id)")
                        XCTAssertEqual(try response.json["status"], "error")
                    }
                }
                try await group.waitForAll()
            }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 50, 0])
        }
        XCTAssertEqual(environment.service.ledger.map(\.kind), [.charge, .refund, .charge])
    }

    func testDatabaseThatFailsBeforeTheCreateIsSafeToSendAgain() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            _ = try await environment.database.query("DROP TABLE relayed_jobs", [])
            let response = try await api.create()
            XCTAssertEqual(response.status, .serviceUnavailable)
            XCTAssertEqual(response.headers[.retryAfter], "5")
            let app = try environment.app(api)
            let error = try await app.failure()
            XCTAssertEqual(error.submission, .rejected)
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 0, 0])
        }
        XCTAssertEqual(environment.service.ledger, [])
    }

    func testDeletedJobIsNotRefunded() async throws {
        let environment = try XCTUnwrap(environment)
        let mock = MockTransport()
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"cuid-1","credits_charged":50}"#))
        let projects = [
            #"{"downloads":[],"enabled":false,"id":"cuid-1","status":"canceled"}"#,
            #"{"downloads":[],"enabled":false,"id":"cuid-1","status":"error"}"#,
            #"{"downloads":[],"enabled":true,"id":"cuid-1","status":"canceled"}"#,
        ]
        for project in projects { mock.on("GET", "/v1/image-projects/cuid-1", response: .json(project)) }
        try await environment.run(try await environment.relayingStudio(transport: mock)) { api in
            _ = try await api.project()
            for (project, spent) in zip(projects, [50, 50, 0] as [JSONValue]) {
                let fetched = try await api.get("/v1/image-projects/cuid-1")
                XCTAssertEqual(fetched.text, project)
                let credits = try await api.credits()
                XCTAssertEqual(credits, [1_000, spent, 0], project)
            }
        }
        try mock.verify()
    }

    func testPollThatFailsSaysThatTheJobContinues() async throws {
        let environment = try XCTUnwrap(environment)
        try await environment.runRelay { api, _ in
            let id = try await api.project()
            environment.service.inject(.status(401), on: .getImageProject)
            let response = try await api.get("/v1/image-projects/\(id)")
            XCTAssertEqual(response.status, .serviceUnavailable)
            XCTAssertEqual(
                try response.json["message"],
                "The studio cannot use the service now. The job continues. Try again later, or contact the administrator of the studio."
            )
            _ = try await environment.database.query("DROP TABLE relayed_jobs", [])
            let failed = try await api.get("/v1/image-projects/\(id)")
            XCTAssertEqual(failed.text, response.text)
        }
    }

    // MARK: The wire

    func testRequestsAndResponsesKeepTheirFields() async throws {
        let environment = try XCTUnwrap(environment)
        let mock = MockTransport()
        mock.on(
            "POST",
            "/v1/ai-headshot-generator",
            bodyMatches: { body in
                let text = String(decoding: body, as: UTF8.self)
                let pattern =
                    #"^\{"assets":\{"image_file_path":"api-assets/id/1.png"\},"name":"Me hk-[\w-]{22}","newest":\[1,2.5\]\}$"#
                return text.range(of: pattern, options: .regularExpression) != nil
            },
            response: .json(#"{"id":"cuid-1","frame_cost":50,"credits_charged":45}"#, headers: ["X-Account": "secret"])
        )
        let project =
            #"{"credits_charged":45,"downloads":[{"url":"https://cdn.example.com/1.png?sig=a%2Fb"}],"future":{"a":[null,true,0.1]},"#
            + #""id":"cuid-1","status":"complete"}"#
        mock.on(
            "GET",
            "/v1/image-projects/cuid-1",
            response: .json(project, headers: ["Set-Cookie": "a=b", "X-Account": "secret"])
        )
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            bodyMatches: { $0 == Data(#"{"items":[{"extension":"png","type":"image"}]}"#.utf8) },
            response: .json(
                #"{"items":[{"upload_url":"https://s.example.com/u?sig=a%2Fb","expires_at":"2026-11-28T10:00:00Z","file_path":"api-assets/id/1.png"}]}"#
            )
        )
        try await environment.run(try await environment.relayingStudio(transport: mock)) { api in
            let body = #"{"name":"Me","newest":[1,2.5],"assets":{"image_file_path":"api-assets/id/1.png"}}"#
            let created = try await api.create(Data(body.utf8))
            XCTAssertEqual(created.text, #"{"credits_charged":45,"id":"cuid-1"}"#)
            let fetched = try await api.get("/v1/image-projects/cuid-1")
            XCTAssertEqual(fetched.text, project)
            let uploads = try await api.request(
                .post,
                "/v1/files/upload-urls",
                body: Data(#"{"items":[{"type":"image","extension":"png"}]}"#.utf8)
            )
            XCTAssertEqual(
                uploads.text,
                #"{"items":[{"expires_at":"2026-11-28T10:00:00Z","file_path":"api-assets/id/1.png","upload_url":"https://s.example.com/u?sig=a%2Fb"}]}"#
            )
            for response in [created, fetched, uploads] {
                XCTAssertFalse(response.headers.contains { $0.name.canonicalName == "x-account" })
                XCTAssertFalse(response.headers.contains { $0.name.canonicalName == "set-cookie" })
            }
            let credits = try await api.credits()
            XCTAssertEqual(credits, [1_000, 45, 0])
        }
        try mock.verify()
    }
}
