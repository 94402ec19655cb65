import Foundation
import HeadshotKitTesting
import XCTest

@testable import HeadshotKit

/// A claim of a database ends only with `release()`, so every call must release its claim.
final class ClaimTests: MockTestCase {
    private let request = MagicHour.HeadshotRequest(assets: .init(imageFilePath: "https://a.example/me.png"))
    private let create = "/v1/ai-headshot-generator"
    private let project = "/v1/image-projects/a"
    private let claims = Locked<(open: Set<UUID>, total: Int)>((open: [], total: 0))

    private func magicHour() throws -> MagicHour {
        var configuration = clients.configuration
        let files = try FileJobStore(directory: clients.directory.appendingPathComponent("jobs"))
        configuration.jobStore = LeasingStore(inner: files, claims: claims)
        return try MagicHour(apiKey: "mhk_live_secret", configuration: configuration)
    }

    private func assertNoOpenClaims(after taken: Int, line: UInt = #line) {
        let (open, total) = claims.withLock { ($0.open, $0.total) }
        XCTAssertEqual(open.count, 0, line: line)
        XCTAssertEqual(total, taken, line: line)
    }

    func testClaimIsReleasedAfterSubmitAndDiscard() async throws {
        let magicHour = try magicHour()
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        try await magicHour.headshots.submit(request, options: clients.options)
        assertNoOpenClaims(after: 1)
        let records = try await magicHour.jobs.unfinished()
        for record in records { try await magicHour.jobs.discard(record) }
        assertNoOpenClaims(after: 2)
    }

    func testClaimIsReleasedAfterEachOutcomeOfCreate() async throws {
        let outcomes: [(MockTransport.Response, HeadshotKitError.Code)] = [
            (.status(402), .insufficientCredits), (.status(500), .submissionUnconfirmed),
        ]
        for (index, (response, code)) in outcomes.enumerated() {
            mock.on("POST", create, response: response)
            let error = try await failure {
                try await magicHour().headshots.generate(request, options: clients.options)
            }
            XCTAssertEqual(error.code, code)
            assertNoOpenClaims(after: index + 1)
        }
    }

    func testClaimIsReleasedAfterEachOutcomeOfJob() async throws {
        let failed = MockTransport.Response.json(#"{"id":"a","status":"error"}"#)
        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        mock.on("GET", project, response: failed)
        let error = try await failure { try await magicHour().headshots.generate(request, options: clients.options) }
        XCTAssertEqual(error.code, .jobFailed)
        assertNoOpenClaims(after: 1)

        mock.on("POST", create, response: .json(#"{"id":"a"}"#))
        try await magicHour().headshots.submit(request, options: clients.options)
        mock.on("GET", project, response: .status(401))
        let unauthorized = try await collect(magicHour().jobs.resumeAll())
        XCTAssertEqual(unauthorized.count, 1)
        XCTAssertThrowsError(try unauthorized[0].result.get())
        assertNoOpenClaims(after: 3)

        let complete = #"{"id":"a","status":"complete","downloads":[{"url":"https://o.example/1.png"}]}"#
        mock.on("GET", project, response: .json(complete))
        mock.on("GET", "/1.png", response: .data(pngBytes))
        let delivered = try await collect(magicHour().jobs.resumeAll(options: clients.options))
        XCTAssertEqual(try delivered.map { try $0.result.get().files.count }, [1])
        assertNoOpenClaims(after: 4)
    }
}

/// A store whose claims end only with `release()`, like rows of a database.
private struct LeasingStore: WrappingStore {
    let inner: FileJobStore
    let claims: Locked<(open: Set<UUID>, total: Int)>

    private struct Claim: JobClaim {
        let id: UUID
        let claims: Locked<(open: Set<UUID>, total: Int)>

        func release() async { claims.withLock { _ = $0.open.remove(id) } }
    }

    func claim(_ id: UUID) async throws -> (any JobClaim)? {
        let isFree = claims.withLock { claims in
            claims.total += 1
            return claims.open.insert(id).inserted
        }
        return isFree ? Claim(id: id, claims: claims) : nil
    }
}
