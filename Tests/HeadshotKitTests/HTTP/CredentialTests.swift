import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

final class CredentialTests: MockTestCase {
    private let account = #"{"id":"u","credits":{"remaining":5}}"#

    /// Returns a client whose closure returns the tokens one after another. It throws for `nil` and after the last token.
    private func magicHour(_ tokens: String?..., calls: Locked<Int> = Locked(0)) throws -> MagicHour {
        try MagicHour(
            credential: {
                let call = calls.withLock { calls in
                    defer { calls += 1 }
                    return calls
                }
                guard call < tokens.count, let token = tokens[call] else { throw CocoaError(.fileNoSuchFile) }
                return token
            },
            configuration: clients.configuration
        )
    }

    private func authorizations() -> [String?] { mock.requests.map { $0.headers["Authorization"] } }

    func testTokenIsRequestedOnceForManyRequests() async throws {
        mock.on("GET", "/v1/account", times: 3, response: .json(account))
        let calls = Locked(0)
        let magicHour = try magicHour("first", calls: calls)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { _ = try await magicHour.account.get() } }
            try await group.waitForAll()
        }
        XCTAssertEqual(authorizations(), ["Bearer first", "Bearer first", "Bearer first"])
        XCTAssertEqual(calls.withLock { $0 }, 1)
    }

    func testCreateIsSentOnceMoreWithANewTokenAfter401() async throws {
        mock.on("POST", "/v1/ai-headshot-generator", response: .status(401))
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
        let job = try await magicHour("old", "new").headshots.submit(.init(photo: "api-assets/me.png"))
        XCTAssertEqual(job.id, "a")
        XCTAssertEqual(authorizations(), ["Bearer old", "Bearer new"])
    }

    func testSecond401IsAnErrorWithoutAnotherRequest() async throws {
        mock.on("GET", "/v1/account", times: 2, response: .json(#"{"message":"bad token new"}"#, status: 401))
        let error = try await failure { try await magicHour("old", "new", "unused").account.get() }
        XCTAssertEqual(error.code, .unauthorized)
        XCTAssertFalse(error.description.contains("token new"), error.description)
    }

    func testErrorOfTheClosureIsReportedAndNothingIsSent() async throws {
        let error = try await failure { try await magicHour().headshots.submit(.init(photo: "api-assets/me.png")) }
        XCTAssertEqual(error.code, .credentialUnavailable)
        XCTAssertEqual(error.submission, .notSent)
        XCTAssertEqual(
            error.recoverySuggestion,
            "Check the closure that you passed as credential, then try again."
        )
        for token in ["", "two words", "line\nbreak"] {
            let error = try await failure { try await magicHour(token).account.get() }
            XCTAssertEqual(error.code, .credentialUnavailable)
        }
        XCTAssertEqual(mock.requests.count, 0)
    }

    func testConstantKeyIsNotTriedAgainAfter401() async throws {
        mock.on("GET", "/v1/account", response: .status(401))
        let error = try await failure { try await clients.magicHour().account.get() }
        XCTAssertEqual(error.code, .unauthorized)
    }

    func testHeadersOfTheConfigurationGoToTheAPIOnly() async throws {
        var configuration = clients.configuration
        configuration.headers = ["X-Team": "studio", "Authorization": "Bearer mine", "User-Agent": "Studio/1"]
        let magicHour = try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
        mock.on(
            "POST",
            "/v1/files/upload-urls",
            response: .json(#"{"items":[{"upload_url":"https://s.example/u","file_path":"api-assets/u.png"}]}"#)
        )
        mock.on("PUT", "/u", response: .status(200))
        _ = try await magicHour.files.upload(.data(pngBytes), as: .image)
        let (api, storage) = (mock.requests[0].headers, mock.requests[1].headers)
        XCTAssertEqual([api["X-Team"], api["User-Agent"]], ["studio", "Studio/1"])
        XCTAssertEqual(api["Authorization"], "Bearer mhk_live_secret")
        XCTAssertEqual([storage["X-Team"], storage["Authorization"]], [nil, nil])
    }

    func testClosureThatFailsDuringTheWaitIsCalledAgain() async throws {
        let calls = Locked(0)
        // The second call follows the 401 of the first poll.
        let magicHour = try magicHour("first", nil, "second", calls: calls)
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
        mock.on("GET", "/v1/image-projects/a", times: 2, response: .status(401))
        let complete = #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#
        mock.on("GET", "/v1/image-projects/a", response: .json(complete))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let result = try await magicHour.headshots.generate(.init(photo: "api-assets/me.png"), options: clients.options)
        XCTAssertEqual(result.files.count, 1)
        XCTAssertEqual(calls.withLock { $0 }, 3)
    }

    func testErrorOfTheClosureAfterTheCreateSaysToResumeTheJob() async throws {
        let magicHour = try magicHour("token")
        mock.on("POST", "/v1/ai-headshot-generator", response: .json(#"{"id":"a"}"#))
        mock.on("GET", "/v1/image-projects/a", times: 1...10_000, response: .status(401))
        let error = try await failure {
            try await magicHour.headshots.generate(.init(photo: "api-assets/me.png"), options: clients.options)
        }
        XCTAssertEqual(error.job?.id, "a")
        XCTAssertEqual(error.recoverySuggestion, "The job is not lost. Resume the job; you are not charged again.")
    }

    func testCancellationErrorOfTheClosureIsAnErrorUnlessTheCallerIsCanceled() async throws {
        let magicHour = try MagicHour(
            credential: { throw CancellationError() },
            configuration: clients.configuration
        )
        let error = try await failure { try await magicHour.account.get() }
        XCTAssertEqual(error.code, .credentialUnavailable)
    }
}
